// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.internal.trust.VersionFloors;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.VersionFloor;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The rows of {@code guard_version_floors}: SQL that both databases understand. */
final class VersionFloorTable implements VersionFloors {

    private static final String SET = """
            INSERT INTO guard_version_floors (id, org_id, package_name, minimum_version, set_at)
            VALUES (:id, :org, :name, :version, :at)
            ON CONFLICT (org_id, package_name) DO UPDATE
            SET minimum_version = excluded.minimum_version, set_at = excluded.set_at
            WHERE guard_version_floors.minimum_version <> excluded.minimum_version
            """;
    private static final String REMOVE =
            "DELETE FROM guard_version_floors WHERE org_id = :org AND package_name = :name";
    private static final String FIND =
            "SELECT * FROM guard_version_floors WHERE org_id = :org AND package_name = :name";
    private static final String OF_ORGANISATION = "SELECT * FROM guard_version_floors WHERE org_id = :org";

    private final Database database;
    private final Codecs codecs;

    VersionFloorTable(Database database) {
        this.database = database;
        this.codecs = database.codecs();
    }

    @Override
    public boolean set(VersionFloor row) throws StoreUnavailableException {
        return database.writeLimits("set a version floor", handle -> {
            boolean changed = handle.createUpdate(SET)
                            .bind("id", row.id())
                            .bind("org", row.orgId())
                            .bind("name", row.packageName())
                            .bind("version", row.minimumVersion())
                            .bind("at", row.setAt())
                            .execute()
                    == 1;
            if (changed) {
                database.pending(handle).note(new StoreChange.FloorSet(row));
            }
            return changed;
        });
    }

    @Override
    public boolean remove(UUID orgId, String packageName) throws StoreUnavailableException {
        return database.writeLimits("remove a version floor", handle -> {
            Optional<VersionFloor> present = find(handle, orgId, packageName);
            boolean removed = present.isPresent()
                    && handle.createUpdate(REMOVE)
                                    .bind("org", orgId)
                                    .bind("name", packageName)
                                    .execute()
                            == 1;
            if (removed) {
                database.pending(handle).note(new StoreChange.FloorRemoved(present.get()));
            }
            return removed;
        });
    }

    @Override
    public Optional<VersionFloor> find(UUID orgId, String packageName) throws StoreUnavailableException {
        return database
                .readLimits(
                        "read a version floor",
                        handle -> find(handle, orgId, packageName).stream().toList())
                .stream()
                .findFirst();
    }

    private Optional<VersionFloor> find(Handle handle, UUID orgId, String packageName) {
        return rows(handle.createQuery(FIND).bind("org", orgId).bind("name", packageName)).stream()
                .findFirst();
    }

    @Override
    public List<VersionFloor> of(UUID orgId) throws StoreUnavailableException {
        return Database.sorted(
                database.readLimits(
                        "list version floors",
                        handle -> rows(handle.createQuery(OF_ORGANISATION).bind("org", orgId))),
                Comparator.comparing(VersionFloor::packageName));
    }

    private List<VersionFloor> rows(Query query) {
        return query.map((row, context) -> new VersionFloor(
                        codecs.uuid(row, "id"),
                        codecs.uuid(row, "org_id"),
                        row.getString("package_name"),
                        row.getString("minimum_version"),
                        codecs.instant(row, "set_at")))
                .list();
    }
}
