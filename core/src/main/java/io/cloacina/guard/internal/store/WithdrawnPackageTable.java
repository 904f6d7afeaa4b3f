// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.internal.trust.WithdrawnPackages;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.WithdrawnPackage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The rows of {@code guard_withdrawn_packages}: SQL that both databases understand. */
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
              AND (org_id IN (:org, :every) OR org_id IN (
                  SELECT child_org_id FROM key_trust_acls WHERE parent_org_id = :org AND revoked_at IS NULL))
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
        return sorted(
                database.readLimits("list withdrawn packages", handle -> rows(counting(handle, COUNTING, orgId))));
    }

    @Override
    public List<WithdrawnPackage> countingFor(UUID orgId, Collection<PackageHash> packages)
            throws StoreUnavailableException {
        List<PackageHash> asked = List.copyOf(packages);
        return sorted(database.readLimits("list withdrawn packages", handle -> {
            List<WithdrawnPackage> found = new ArrayList<>();
            for (int from = 0; from < asked.size(); from += MOST_IN_A_QUERY) {
                List<PackageHash> some = asked.subList(from, Math.min(asked.size(), from + MOST_IN_A_QUERY));
                found.addAll(some(handle, orgId, some));
            }
            return found;
        }));
    }

    private List<WithdrawnPackage> some(Handle handle, UUID orgId, List<PackageHash> packages) {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < packages.size(); i++) {
            names.append(i == 0 ? ":p" : ", :p").append(i);
        }
        Query query = counting(handle, COUNTING + " AND package_hash IN (" + names + ")", orgId);
        for (int i = 0; i < packages.size(); i++) {
            query.bind("p" + i, packages.get(i).hex());
        }
        return rows(query);
    }

    private static Query counting(Handle handle, String sql, UUID orgId) {
        return handle.createQuery(sql).bind("org", orgId).bind("every", Withdrawal.EVERY_ORGANISATION);
    }

    private static List<WithdrawnPackage> sorted(List<WithdrawnPackage> rows) {
        return Database.sorted(
                rows, Comparator.comparing(WithdrawnPackage::withdrawnAt).thenComparing(WithdrawnPackage::id));
    }

    private List<WithdrawnPackage> rows(Query query) {
        return query.map((row, context) -> new WithdrawnPackage(
                        codecs.uuid(row, "id"),
                        codecs.uuid(row, "org_id"),
                        Codecs.packageHash(row),
                        row.getString("reason"),
                        codecs.instant(row, "withdrawn_at"),
                        codecs.instant(row, "reinstated_at")))
                .list();
    }
}
