// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.internal.trust.WithdrawnPackages;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.WithdrawnPackage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * The rows of {@code guard_withdrawn_packages}: SQL that both databases understand. What counts is also asked by every JVM
 * that has loaded a signed package, and therefore without JDBI.
 */
final class WithdrawnPackageTable implements WithdrawnPackages {

    private static final String WITHDRAW = """
            INSERT INTO guard_withdrawn_packages (id, org_id, package_hash, reason, withdrawn_at, reinstated_at)
            VALUES (:id, :org, :package_hash, :reason, :at, NULL)
            ON CONFLICT (org_id, package_hash) DO UPDATE
            SET reason = excluded.reason, withdrawn_at = excluded.withdrawn_at, reinstated_at = NULL
            WHERE guard_withdrawn_packages.reinstated_at IS NOT NULL
            """;
    private static final String REINSTATE = """
            UPDATE guard_withdrawn_packages SET reinstated_at = :at
            WHERE org_id = :org AND package_hash = :package_hash AND reinstated_at IS NULL
            """;
    private static final String FIND =
            "SELECT * FROM guard_withdrawn_packages WHERE org_id = :org AND package_hash = :package_hash";
    private static final String COUNTING = """
            SELECT * FROM guard_withdrawn_packages
            WHERE reinstated_at IS NULL
              AND (org_id IN (?, ?) OR org_id IN (
                  SELECT child_org_id FROM key_trust_acls WHERE parent_org_id = ? AND revoked_at IS NULL))
            """;

    private static final int MOST_IN_A_QUERY = 500;

    private final Database database;
    private final Codecs codecs;

    WithdrawnPackageTable(Database database) {
        this.database = database;
        this.codecs = database.codecs();
    }

    @Override
    public boolean withdraw(WithdrawnPackage row) throws StoreUnavailableException {
        return database.writeLimits("withdraw a package", handle -> {
            boolean withdrawn = handle.createUpdate(WITHDRAW)
                            .bind("id", row.id())
                            .bind("org", row.orgId())
                            .bind("package_hash", row.packageHash().hex())
                            .bindByType("reason", row.reason(), String.class)
                            .bind("at", row.withdrawnAt())
                            .execute()
                    == 1;
            if (withdrawn) {
                database.pending(handle).note(new StoreChange.PackageWithdrawn(row));
            }
            return withdrawn;
        });
    }

    @Override
    public boolean reinstate(UUID orgId, PackageHash packageHash, Instant at) throws StoreUnavailableException {
        return database.writeLimits("reinstate a package", handle -> {
            boolean reinstated = handle.createUpdate(REINSTATE)
                            .bind("org", orgId)
                            .bind("package_hash", packageHash.hex())
                            .bind("at", at)
                            .execute()
                    == 1;
            if (reinstated) {
                WithdrawnPackage row = find(handle, orgId, packageHash).orElseThrow();
                database.pending(handle).note(new StoreChange.PackageReinstated(row));
            }
            return reinstated;
        });
    }

    @Override
    public Optional<WithdrawnPackage> find(UUID orgId, PackageHash packageHash) throws StoreUnavailableException {
        return database
                .readLimits(
                        "read a withdrawn package",
                        handle -> find(handle, orgId, packageHash).stream().toList())
                .stream()
                .findFirst();
    }

    private Optional<WithdrawnPackage> find(Handle handle, UUID orgId, PackageHash packageHash) {
        return rows(handle.createQuery(FIND).bind("org", orgId).bind("package_hash", packageHash.hex())).stream()
                .findFirst();
    }

    @Override
    public List<WithdrawnPackage> countingFor(UUID orgId) throws StoreUnavailableException {
        return sorted(database.readLimitsWithoutJdbi(
                "list withdrawn packages", pooled -> counting(pooled, COUNTING, orgId, List.of())));
    }

    @Override
    public List<WithdrawnPackage> countingFor(UUID orgId, Collection<PackageHash> packages)
            throws StoreUnavailableException {
        List<PackageHash> asked = List.copyOf(packages);
        return sorted(database.readLimitsWithoutJdbi("list withdrawn packages", pooled -> {
            List<WithdrawnPackage> found = new ArrayList<>();
            for (int from = 0; from < asked.size(); from += MOST_IN_A_QUERY) {
                List<PackageHash> some = asked.subList(from, Math.min(asked.size(), from + MOST_IN_A_QUERY));
                String among = COUNTING + " AND package_hash IN (?" + ", ?".repeat(some.size() - 1) + ")";
                found.addAll(counting(pooled, among, orgId, some));
            }
            return found;
        }));
    }

    /** @param among what {@code sql} names behind the organisations */
    private List<WithdrawnPackage> counting(PooledConnection pooled, String sql, UUID orgId, List<PackageHash> among)
            throws SQLException {
        return pooled.list(
                sql,
                statement -> {
                    int at = 1;
                    codecs.write(statement, at++, orgId);
                    codecs.write(statement, at++, Withdrawal.EVERY_ORGANISATION);
                    codecs.write(statement, at++, orgId);
                    for (PackageHash hash : among) {
                        statement.setString(at++, hash.hex());
                    }
                },
                this::row);
    }

    private static List<WithdrawnPackage> sorted(List<WithdrawnPackage> rows) {
        return Database.sorted(
                rows, Comparator.comparing(WithdrawnPackage::withdrawnAt).thenComparing(WithdrawnPackage::id));
    }

    private List<WithdrawnPackage> rows(Query query) {
        return query.map((row, context) -> row(row)).list();
    }

    private WithdrawnPackage row(ResultSet row) throws SQLException {
        return new WithdrawnPackage(
                codecs.uuid(row, "id"),
                codecs.uuid(row, "org_id"),
                Codecs.packageHash(row),
                row.getString("reason"),
                codecs.instant(row, "withdrawn_at"),
                codecs.instantOrNull(row, "reinstated_at"));
    }
}
