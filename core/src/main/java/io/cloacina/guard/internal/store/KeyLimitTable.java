// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.trust.KeyLimits;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The rows of {@code guard_key_limits}: SQL that both databases understand. */
final class KeyLimitTable implements KeyLimits {

    private static final String SET = """
            INSERT INTO guard_key_limits (id, org_id, key_fingerprint, package_names, not_after, set_at)
            VALUES (:id, :org, :fingerprint, :package_names, :not_after, :at)
            ON CONFLICT (org_id, key_fingerprint) DO UPDATE
            SET package_names = excluded.package_names, not_after = excluded.not_after, set_at = excluded.set_at
            WHERE guard_key_limits.package_names IS DISTINCT FROM excluded.package_names
               OR guard_key_limits.not_after IS DISTINCT FROM excluded.not_after
            """;
    private static final String REMOVE =
            "DELETE FROM guard_key_limits WHERE org_id = :org AND key_fingerprint = :fingerprint";
    private static final String FIND =
            "SELECT * FROM guard_key_limits WHERE org_id = :org AND key_fingerprint = :fingerprint";
    private static final String COUNTING = """
            SELECT * FROM guard_key_limits
            WHERE org_id = :org OR org_id IN (
                SELECT child_org_id FROM key_trust_acls WHERE parent_org_id = :org AND revoked_at IS NULL)
            """;

    private final Database database;
    private final Codecs codecs;

    KeyLimitTable(Database database) {
        this.database = database;
        this.codecs = database.codecs();
    }

    @Override
    public boolean set(LimitedKey row) throws StoreUnavailableException {
        return database.writeLimits("limit a key", handle -> set(handle, row));
    }

    /** In the transaction of {@code handle}. */
    boolean set(Handle handle, LimitedKey row) {
        boolean changed = row.limit().isNone() ? remove(handle, row) : put(handle, row);
        if (changed) {
            database.pending(handle)
                    .note(new StoreChange.KeyLimited(
                            row,
                            new TrustedKeyTable(database)
                                    .find(handle, row.orgId(), row.fingerprint())
                                    .orElse(null)));
        }
        return changed;
    }

    private static boolean put(Handle handle, LimitedKey row) {
        return handle.createUpdate(SET)
                        .bind("id", row.id())
                        .bind("org", row.orgId())
                        .bind("fingerprint", row.fingerprint().hex())
                        .bindByType("package_names", row.limit().lines(), String.class)
                        .bindByType("not_after", row.limit().notAfter(), Instant.class)
                        .bind("at", row.setAt())
                        .execute()
                == 1;
    }

    private static boolean remove(Handle handle, LimitedKey row) {
        return handle.createUpdate(REMOVE)
                        .bind("org", row.orgId())
                        .bind("fingerprint", row.fingerprint().hex())
                        .execute()
                == 1;
    }

    @Override
    public Optional<LimitedKey> find(UUID orgId, Fingerprint fingerprint) throws StoreUnavailableException {
        return database
                .readLimits(
                        "read the limit of a key",
                        handle -> rows(
                                handle.createQuery(FIND).bind("org", orgId).bind("fingerprint", fingerprint.hex())))
                .stream()
                .findFirst();
    }

    @Override
    public List<LimitedKey> countingFor(UUID orgId) throws StoreUnavailableException {
        return database.readLimits(
                "list limits of keys",
                handle -> rows(handle.createQuery(COUNTING).bind("org", orgId)));
    }

    private List<LimitedKey> rows(Query query) {
        return query.map((row, context) -> new LimitedKey(
                        codecs.uuid(row, "id"),
                        codecs.uuid(row, "org_id"),
                        Codecs.fingerprint(row),
                        KeyLimit.ofLines(row.getString("package_names"), codecs.instantOrNull(row, "not_after")),
                        codecs.instant(row, "set_at")))
                .list();
    }
}
