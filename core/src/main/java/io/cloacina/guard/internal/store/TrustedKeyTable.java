// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.internal.trust.TrustedKeys;
import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustedKey;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;

/** The rows of {@code trusted_keys}: SQL that both databases understand. */
final class TrustedKeyTable implements TrustedKeys {

    private static final String ADD = """
            INSERT INTO trusted_keys (id, org_id, key_fingerprint, public_key, key_name, trusted_at, revoked_at)
            VALUES (:id, :org, :fingerprint, :public_key, :name, :at, :revoked)
            ON CONFLICT (org_id, key_fingerprint) DO NOTHING
            """;
    private static final String FIND =
            "SELECT * FROM trusted_keys WHERE org_id = :org AND key_fingerprint = :fingerprint";
    private static final String OF_ID = "SELECT * FROM trusted_keys WHERE id = :id";
    private static final String OF_ORGANISATION = "SELECT * FROM trusted_keys WHERE org_id = :org";
    private static final String INHERITED = """
            SELECT t.* FROM key_trust_acls g
            JOIN trusted_keys t ON t.org_id = g.child_org_id
            WHERE g.parent_org_id = :org AND g.revoked_at IS NULL AND g.child_org_id <> :org
            """;
    private static final String REVOKE =
            "UPDATE trusted_keys SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL";
    private static final String OF_FINGERPRINT = "SELECT * FROM trusted_keys WHERE key_fingerprint = :fingerprint";
    private static final String ACTIVE_OF_FINGERPRINT =
            "SELECT * FROM trusted_keys WHERE key_fingerprint = :fingerprint AND revoked_at IS NULL";
    private static final String REPLACE = """
            UPDATE trusted_keys
            SET public_key = :public_key, key_name = :name, trusted_at = :at, revoked_at = :revoked
            WHERE id = :id
            """;

    private final Database database;
    private final Codecs codecs;

    TrustedKeyTable(Database database) {
        this.database = database;
        this.codecs = database.codecs();
    }

    @Override
    public boolean add(TrustedKey row) throws StoreUnavailableException {
        return database.write("add a trusted key", handle -> add(handle, row));
    }

    @Override
    public boolean add(TrustedKey row, LimitedKey limit) throws StoreUnavailableException {
        return database.writeLimits("add a trusted key", handle -> limited(handle, add(handle, row), limit));
    }

    private boolean limited(Handle handle, boolean changed, LimitedKey limit) {
        if (changed) {
            new KeyLimitTable(database).set(handle, limit);
        }
        return changed;
    }

    private boolean add(Handle handle, TrustedKey row) {
        Update update = handle.createUpdate(ADD)
                .bind("org", row.orgId())
                .bind("fingerprint", row.fingerprint().hex());
        return changed(handle, update, row);
    }

    @Override
    public Optional<TrustedKey> find(UUID orgId, Fingerprint fingerprint) throws StoreUnavailableException {
        return database.read("read a trusted key", handle -> find(handle, orgId, fingerprint));
    }

    Optional<TrustedKey> find(Handle handle, UUID orgId, Fingerprint fingerprint) {
        return rows(handle.createQuery(FIND).bind("org", orgId).bind("fingerprint", fingerprint.hex())).stream()
                .findFirst();
    }

    @Override
    public List<TrustedKey> of(UUID orgId) throws StoreUnavailableException {
        return sorted(database.read(
                "list trusted keys",
                handle -> rows(handle.createQuery(OF_ORGANISATION).bind("org", orgId))));
    }

    @Override
    public List<TrustedKey> of(Fingerprint fingerprint) throws StoreUnavailableException {
        return sorted(database.read(
                "list trusted keys",
                handle -> rows(handle.createQuery(OF_FINGERPRINT).bind("fingerprint", fingerprint.hex()))));
    }

    @Override
    public List<TrustedKey> inheritedBy(UUID orgId) throws StoreUnavailableException {
        return sorted(database.read(
                "list inherited keys",
                handle -> rows(handle.createQuery(INHERITED).bind("org", orgId))));
    }

    @Override
    public boolean revoke(UUID id, Instant at) throws StoreUnavailableException {
        return database.write("revoke a trusted key", handle -> revoke(handle, id, at));
    }

    private boolean revoke(Handle handle, UUID id, Instant at) {
        boolean revoked =
                handle.createUpdate(REVOKE).bind("id", id).bind("at", at).execute() == 1;
        if (revoked) {
            noted(handle, true, rows(handle.createQuery(OF_ID).bind("id", id)).get(0));
        }
        return revoked;
    }

    @Override
    public List<TrustedKey> revokeEverywhere(Fingerprint fingerprint, Instant at) throws StoreUnavailableException {
        return sorted(database.write("revoke a trusted key", handle -> {
            database.dialect().lock(handle, "trusted_keys");
            return rows(handle.createQuery(ACTIVE_OF_FINGERPRINT).bind("fingerprint", fingerprint.hex())).stream()
                    .filter(row -> revoke(handle, row.id(), at))
                    .map(row -> new TrustedKey(
                            row.id(), row.orgId(), row.fingerprint(), row.publicKey(), row.name(), row.trustedAt(), at))
                    .toList();
        }));
    }

    @Override
    public boolean replace(TrustedKey row) throws StoreUnavailableException {
        return database.write("change a trusted key", handle -> replace(handle, row));
    }

    @Override
    public boolean replace(TrustedKey row, LimitedKey limit) throws StoreUnavailableException {
        return database.writeLimits("change a trusted key", handle -> limited(handle, replace(handle, row), limit));
    }

    private boolean replace(Handle handle, TrustedKey row) {
        return changed(handle, handle.createUpdate(REPLACE), row);
    }

    /** @param update to which only what both statements have is still to be bound */
    private boolean changed(Handle handle, Update update, TrustedKey row) {
        boolean changed = update.bind("id", row.id())
                        .bind("public_key", row.publicKey())
                        .bindByType("name", row.name(), String.class)
                        .bind("at", row.trustedAt())
                        .bindByType("revoked", row.revokedAt(), Instant.class)
                        .execute()
                == 1;
        return noted(handle, changed, row);
    }

    private boolean noted(Handle handle, boolean changed, TrustedKey row) {
        if (changed) {
            database.pending(handle)
                    .note(row.isRevoked() ? new StoreChange.TrustRevoked(row) : new StoreChange.TrustAdded(row));
        }
        return changed;
    }

    private List<TrustedKey> rows(Query query) {
        return query.map((row, context) -> new TrustedKey(
                        codecs.uuid(row, "id"),
                        codecs.uuid(row, "org_id"),
                        Codecs.fingerprint(row),
                        row.getBytes("public_key"),
                        row.getString("key_name"),
                        codecs.instant(row, "trusted_at"),
                        codecs.instantOrNull(row, "revoked_at")))
                .list();
    }

    private static List<TrustedKey> sorted(List<TrustedKey> rows) {
        return Database.sorted(rows, Comparator.comparing(TrustedKey::trustedAt).thenComparing(TrustedKey::id));
    }
}
