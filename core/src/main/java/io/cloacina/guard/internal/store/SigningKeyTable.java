// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.KeyStore.KekCheck;
import io.cloacina.guard.internal.trust.KeyStore.Resealer;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import io.cloacina.guard.internal.trust.SigningKeys;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Query;

/** The rows of {@code signing_keys}: SQL that both databases understand. */
final class SigningKeyTable implements SigningKeys {

    private static final String ADD = """
            INSERT INTO signing_keys
                (id, org_id, key_name, encrypted_private_key, public_key, key_fingerprint, created_at, revoked_at)
            VALUES (:id, :org, :name, :sealed, :public_key, :fingerprint, :at, :revoked)
            ON CONFLICT (org_id, key_name) DO NOTHING
            """;
    private static final String OF_ORGANISATION = """
            SELECT id, org_id, key_name, public_key, key_fingerprint, created_at, revoked_at,
                length(encrypted_private_key) AS sealed_bytes
            FROM signing_keys WHERE org_id = :org
            """;
    private static final String SEALED =
            "SELECT k.*, length(encrypted_private_key) AS sealed_bytes FROM signing_keys k WHERE id = :id";
    private static final String ALL_SEALED = """
            SELECT k.*, length(encrypted_private_key) AS sealed_bytes FROM signing_keys k
            WHERE length(encrypted_private_key) > 0
            """;
    private static final String SEAL = "UPDATE signing_keys SET encrypted_private_key = :sealed WHERE id = :id";
    private static final String REVOKE =
            "UPDATE signing_keys SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL";

    private final Database database;
    private final Codecs codecs;

    SigningKeyTable(Database database) {
        this.database = database;
        this.codecs = database.codecs();
    }

    @Override
    public <E extends Exception> boolean add(SealedKey row, KekCheck<E> kek) throws StoreUnavailableException, E {
        return refusable("add a signing key", handle -> {
            KeyCheck check = lockedCheck(handle);
            try {
                check.require(kek, allSealed(handle));
            } catch (JdbiException e) {
                throw e;
            } catch (Exception e) {
                throw new Database.Refused(e);
            }
            return add(handle, row);
        });
    }

    @Override
    public boolean addPublic(SigningKey row) throws StoreUnavailableException {
        return database.write("add a signing key", handle -> add(handle, new SealedKey(row, new byte[0])));
    }

    private boolean add(Handle handle, SealedKey row) {
        SigningKey key = row.key();
        boolean added = handle.createUpdate(ADD)
                        .bind("id", key.id())
                        .bind("org", key.orgId())
                        .bind("name", key.name())
                        .bind("sealed", row.sealed())
                        .bind("public_key", key.publicKey())
                        .bind("fingerprint", key.fingerprint().hex())
                        .bind("at", key.createdAt())
                        .bindByType("revoked", key.revokedAt(), Instant.class)
                        .execute()
                == 1;
        if (added) {
            database.pending(handle).note(new StoreChange.SigningKeyAdded(key));
        }
        return added;
    }

    @Override
    public List<SigningKey> of(UUID orgId) throws StoreUnavailableException {
        return Database.sorted(
                database.read(
                        "list signing keys",
                        handle -> handle.createQuery(OF_ORGANISATION)
                                .bind("org", orgId)
                                .map((row, context) -> signingKey(row))
                                .list()),
                Comparator.comparing(SigningKey::createdAt).thenComparing(SigningKey::id));
    }

    @Override
    public Optional<SealedKey> sealed(UUID keyId) throws StoreUnavailableException {
        return database.read("read a signing key", handle -> sealed(handle, keyId));
    }

    private Optional<SealedKey> sealed(Handle handle, UUID keyId) {
        return sealed(handle.createQuery(SEALED).bind("id", keyId)).stream().findFirst();
    }

    private List<SealedKey> allSealed(Handle handle) {
        return sealed(handle.createQuery(ALL_SEALED));
    }

    @Override
    public boolean revoke(UUID keyId, Instant at) throws StoreUnavailableException {
        return database.write("revoke a signing key", handle -> {
            boolean revoked =
                    handle.createUpdate(REVOKE).bind("id", keyId).bind("at", at).execute() == 1;
            if (revoked) {
                SigningKey key = sealed(handle, keyId).orElseThrow().key();
                database.pending(handle).note(new StoreChange.SigningKeyRevoked(key));
            }
            return revoked;
        });
    }

    @Override
    public <E extends Exception> int reseal(Resealer<E> resealer, String checkValue)
            throws StoreUnavailableException, E {
        return refusable("reseal the signing keys", handle -> {
            KeyCheck check = lockedCheck(handle);
            database.dialect().lock(handle, "signing_keys");
            int count = resealAll(handle, resealer);
            check.put(checkValue);
            database.pending(handle).note(new StoreChange.KeysResealed(count));
            return count;
        });
    }

    private int resealAll(Handle handle, Resealer<?> resealer) {
        List<SealedKey> rows = allSealed(handle);
        for (SealedKey row : rows) {
            byte[] sealed;
            try {
                sealed = resealer.reseal(row);
            } catch (Exception e) {
                throw new Database.Refused(e);
            }
            handle.createUpdate(SEAL)
                    .bind("id", row.key().id())
                    .bind("sealed", sealed)
                    .execute();
        }
        return rows.size();
    }

    private KeyCheck lockedCheck(Handle handle) {
        boolean there = database.guardTables().keyCheck();
        return KeyCheck.locked(handle, database.dialect(), there, database.clock());
    }

    /** A change that what was given to it may end by throwing {@code E}, and nothing else checked. */
    private <T, E extends Exception> T refusable(String what, Database.Operation<T> operation)
            throws StoreUnavailableException, E {
        try {
            return database.write(what, operation);
        } catch (Database.Refused e) {
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            // As the operation promises.
            @SuppressWarnings("unchecked")
            E declared = (E) e.getCause();
            throw declared;
        }
    }

    private List<SealedKey> sealed(Query query) {
        return query.map((row, context) -> new SealedKey(signingKey(row), row.getBytes("encrypted_private_key")))
                .list();
    }

    private SigningKey signingKey(ResultSet row) throws SQLException {
        return new SigningKey(
                codecs.uuid(row, "id"),
                codecs.uuid(row, "org_id"),
                row.getString("key_name"),
                Codecs.fingerprint(row),
                row.getBytes("public_key"),
                codecs.instant(row, "created_at"),
                codecs.instantOrNull(row, "revoked_at"),
                row.getInt("sealed_bytes") == 0);
    }
}
