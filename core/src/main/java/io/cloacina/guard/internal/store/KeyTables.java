// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.trust.KeyStore.SealedKey;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreChange;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The rows of keys and trust, read and written: SQL that both databases understand. */
final class KeyTables {

    private static final String ADD_SIGNING_KEY = """
            INSERT INTO signing_keys
                (id, org_id, key_name, encrypted_private_key, public_key, key_fingerprint, created_at, revoked_at)
            VALUES (:id, :org, :name, :sealed, :public_key, :fingerprint, :at, :revoked)
            ON CONFLICT (org_id, key_name) DO NOTHING
            """;
    private static final String SIGNING_KEYS = """
            SELECT id, org_id, key_name, public_key, key_fingerprint, created_at, revoked_at
            FROM signing_keys WHERE org_id = :org
            """;
    private static final String SEALED_KEY = "SELECT * FROM signing_keys WHERE id = :id";
    private static final String ALL_SEALED_KEYS = "SELECT * FROM signing_keys";
    private static final String SEAL = "UPDATE signing_keys SET encrypted_private_key = :sealed WHERE id = :id";
    private static final String REVOKE_SIGNING_KEY =
            "UPDATE signing_keys SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL";

    private static final String ADD_TRUSTED_KEY = """
            INSERT INTO trusted_keys (id, org_id, key_fingerprint, public_key, key_name, trusted_at, revoked_at)
            VALUES (:id, :org, :fingerprint, :public_key, :name, :at, :revoked)
            ON CONFLICT (org_id, key_fingerprint) DO NOTHING
            """;
    private static final String TRUSTED_KEY =
            "SELECT * FROM trusted_keys WHERE org_id = :org AND key_fingerprint = :fingerprint";
    private static final String TRUSTED_KEY_OF_ID = "SELECT * FROM trusted_keys WHERE id = :id";
    private static final String TRUSTED_KEYS = "SELECT * FROM trusted_keys WHERE org_id = :org";
    private static final String INHERITED_KEYS = """
            SELECT t.* FROM key_trust_acls g
            JOIN trusted_keys t ON t.org_id = g.child_org_id
            WHERE g.parent_org_id = :org AND g.revoked_at IS NULL AND g.child_org_id <> :org
            """;
    private static final String REVOKE_TRUSTED_KEY =
            "UPDATE trusted_keys SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL";
    private static final String OF_FINGERPRINT = "SELECT * FROM trusted_keys WHERE key_fingerprint = :fingerprint";
    private static final String ACTIVE_OF_FINGERPRINT =
            "SELECT * FROM trusted_keys WHERE key_fingerprint = :fingerprint AND revoked_at IS NULL";
    private static final String REPLACE_TRUSTED_KEY = """
            UPDATE trusted_keys
            SET public_key = :public_key, key_name = :name, trusted_at = :at, revoked_at = :revoked
            WHERE id = :id
            """;

    private static final String ADD_GRANT = """
            INSERT INTO key_trust_acls (id, parent_org_id, child_org_id, granted_at, revoked_at)
            VALUES (:id, :parent, :child, :at, :revoked)
            ON CONFLICT (parent_org_id, child_org_id) DO NOTHING
            """;
    private static final String GRANT =
            "SELECT * FROM key_trust_acls WHERE parent_org_id = :parent AND child_org_id = :child";
    private static final String GRANT_OF_ID = "SELECT * FROM key_trust_acls WHERE id = :id";
    private static final String GRANTS = "SELECT * FROM key_trust_acls WHERE parent_org_id = :parent";
    private static final String REVOKE_GRANT =
            "UPDATE key_trust_acls SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL";
    private static final String REINSTATE_GRANT = """
            UPDATE key_trust_acls SET revoked_at = NULL, granted_at = :at
            WHERE id = :id AND revoked_at IS NOT NULL
            """;

    private final Handle handle;
    private final Dialect dialect;
    private final Codecs codecs;
    private final PendingEvents pending;

    /** @param pending keeps the events of what is changed here */
    KeyTables(Handle handle, Dialect dialect, Codecs codecs, PendingEvents pending) {
        this.handle = handle;
        this.dialect = dialect;
        this.codecs = codecs;
        this.pending = pending;
    }

    private boolean noted(boolean changed, StoreChange change) {
        if (changed) {
            pending.note(change);
        }
        return changed;
    }

    boolean addSigningKey(SealedKey row) {
        SigningKey key = row.key();
        boolean added = handle.createUpdate(ADD_SIGNING_KEY)
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
        return noted(added, new StoreChange.SigningKeyAdded(key));
    }

    List<SigningKey> signingKeys(UUID orgId) {
        return handle.createQuery(SIGNING_KEYS)
                .bind("org", orgId)
                .map((row, context) -> signingKey(row))
                .list();
    }

    Optional<SealedKey> sealedKey(UUID keyId) {
        return sealedKeys(handle.createQuery(SEALED_KEY).bind("id", keyId)).stream()
                .findFirst();
    }

    List<SealedKey> allSealedKeys() {
        return sealedKeys(handle.createQuery(ALL_SEALED_KEYS));
    }

    /**
     * Waits for all who are changing the table, whose rows can then be seen, and keeps others from doing so until the end
     * of the transaction. On SQLite the transaction is the only one that writes.
     */
    void lock(String table) {
        if (dialect == Dialect.POSTGRESQL) {
            handle.execute("LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE");
        }
    }

    void seal(UUID keyId, byte[] sealed) {
        handle.createUpdate(SEAL).bind("id", keyId).bind("sealed", sealed).execute();
    }

    boolean revokeSigningKey(UUID keyId, Instant at) {
        boolean revoked = update(REVOKE_SIGNING_KEY, keyId, at);
        if (revoked) {
            pending.note(new StoreChange.SigningKeyRevoked(
                    sealedKey(keyId).orElseThrow().key()));
        }
        return revoked;
    }

    boolean addTrustedKey(TrustedKey row) {
        boolean added = handle.createUpdate(ADD_TRUSTED_KEY)
                        .bind("id", row.id())
                        .bind("org", row.orgId())
                        .bind("fingerprint", row.fingerprint().hex())
                        .bind("public_key", row.publicKey())
                        .bindByType("name", row.name(), String.class)
                        .bind("at", row.trustedAt())
                        .bindByType("revoked", row.revokedAt(), Instant.class)
                        .execute()
                == 1;
        return noted(added, row.isRevoked() ? new StoreChange.TrustRevoked(row) : new StoreChange.TrustAdded(row));
    }

    Optional<TrustedKey> trustedKey(UUID orgId, Fingerprint fingerprint) {
        return trustedKeys(handle.createQuery(TRUSTED_KEY).bind("org", orgId).bind("fingerprint", fingerprint.hex()))
                .stream()
                .findFirst();
    }

    List<TrustedKey> trustedKeys(UUID orgId) {
        return trustedKeys(handle.createQuery(TRUSTED_KEYS).bind("org", orgId));
    }

    List<TrustedKey> trustedKeys(Fingerprint fingerprint) {
        return trustedKeys(handle.createQuery(OF_FINGERPRINT).bind("fingerprint", fingerprint.hex()));
    }

    List<TrustedKey> inheritedKeys(UUID orgId) {
        return trustedKeys(handle.createQuery(INHERITED_KEYS).bind("org", orgId));
    }

    boolean revokeTrustedKey(UUID id, Instant at) {
        boolean revoked = update(REVOKE_TRUSTED_KEY, id, at);
        if (revoked) {
            TrustedKey row = trustedKeys(handle.createQuery(TRUSTED_KEY_OF_ID).bind("id", id))
                    .get(0);
            pending.note(new StoreChange.TrustRevoked(row));
        }
        return revoked;
    }

    List<TrustedKey> revokeTrustedKeys(Fingerprint fingerprint, Instant at) {
        return trustedKeys(handle.createQuery(ACTIVE_OF_FINGERPRINT).bind("fingerprint", fingerprint.hex())).stream()
                .filter(row -> revokeTrustedKey(row.id(), at))
                .map(row -> new TrustedKey(
                        row.id(), row.orgId(), row.fingerprint(), row.publicKey(), row.name(), row.trustedAt(), at))
                .toList();
    }

    boolean replaceTrustedKey(TrustedKey row) {
        boolean replaced = handle.createUpdate(REPLACE_TRUSTED_KEY)
                        .bind("id", row.id())
                        .bind("public_key", row.publicKey())
                        .bindByType("name", row.name(), String.class)
                        .bind("at", row.trustedAt())
                        .bindByType("revoked", row.revokedAt(), Instant.class)
                        .execute()
                == 1;
        return noted(replaced, row.isRevoked() ? new StoreChange.TrustRevoked(row) : new StoreChange.TrustAdded(row));
    }

    boolean addGrant(TrustGrant row) {
        boolean added = handle.createUpdate(ADD_GRANT)
                        .bind("id", row.id())
                        .bind("parent", row.parentOrgId())
                        .bind("child", row.childOrgId())
                        .bind("at", row.grantedAt())
                        .bindByType("revoked", row.revokedAt(), Instant.class)
                        .execute()
                == 1;
        return noted(added, new StoreChange.Granted(row));
    }

    private TrustGrant grant(UUID id) {
        return grants(handle.createQuery(GRANT_OF_ID).bind("id", id)).get(0);
    }

    Optional<TrustGrant> grant(UUID parentOrgId, UUID childOrgId) {
        return grants(handle.createQuery(GRANT).bind("parent", parentOrgId).bind("child", childOrgId)).stream()
                .findFirst();
    }

    List<TrustGrant> grants(UUID parentOrgId) {
        return grants(handle.createQuery(GRANTS).bind("parent", parentOrgId));
    }

    boolean revokeGrant(UUID id, Instant at) {
        boolean revoked = update(REVOKE_GRANT, id, at);
        if (revoked) {
            pending.note(new StoreChange.GrantRevoked(grant(id)));
        }
        return revoked;
    }

    boolean reinstateGrant(UUID id, Instant at) {
        boolean reinstated = update(REINSTATE_GRANT, id, at);
        if (reinstated) {
            pending.note(new StoreChange.Granted(grant(id)));
        }
        return reinstated;
    }

    private boolean update(String sql, UUID id, Instant at) {
        return handle.createUpdate(sql).bind("id", id).bind("at", at).execute() == 1;
    }

    private List<SealedKey> sealedKeys(Query query) {
        return query.map((row, context) -> new SealedKey(signingKey(row), row.getBytes("encrypted_private_key")))
                .list();
    }

    private SigningKey signingKey(ResultSet row) throws SQLException {
        return new SigningKey(
                codecs.uuid(row, "id"),
                codecs.uuid(row, "org_id"),
                row.getString("key_name"),
                fingerprint(row),
                row.getBytes("public_key"),
                codecs.instant(row, "created_at"),
                codecs.instant(row, "revoked_at"));
    }

    private List<TrustedKey> trustedKeys(Query query) {
        return query.map((row, context) -> new TrustedKey(
                        codecs.uuid(row, "id"),
                        codecs.uuid(row, "org_id"),
                        fingerprint(row),
                        row.getBytes("public_key"),
                        row.getString("key_name"),
                        codecs.instant(row, "trusted_at"),
                        codecs.instant(row, "revoked_at")))
                .list();
    }

    private List<TrustGrant> grants(Query query) {
        return query.map((row, context) -> new TrustGrant(
                        codecs.uuid(row, "id"),
                        codecs.uuid(row, "parent_org_id"),
                        codecs.uuid(row, "child_org_id"),
                        codecs.instant(row, "granted_at"),
                        codecs.instant(row, "revoked_at")))
                .list();
    }

    static Fingerprint fingerprint(ResultSet row) throws SQLException {
        String text = row.getString("key_fingerprint");
        if (!Fingerprint.isValid(text)) {
            throw Codecs.unreadable("key_fingerprint", "fingerprint of 64 lower-case hexadecimal digits", null);
        }
        return new Fingerprint(text);
    }
}
