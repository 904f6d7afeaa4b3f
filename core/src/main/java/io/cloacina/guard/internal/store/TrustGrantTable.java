// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.internal.trust.TrustGrants;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustGrant;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The rows of {@code key_trust_acls}: SQL that both databases understand. */
final class TrustGrantTable implements TrustGrants {

    private static final String ADD = """
            INSERT INTO key_trust_acls (id, parent_org_id, child_org_id, granted_at, revoked_at)
            VALUES (:id, :parent, :child, :at, :revoked)
            ON CONFLICT (parent_org_id, child_org_id) DO NOTHING
            """;
    private static final String FIND =
            "SELECT * FROM key_trust_acls WHERE parent_org_id = :parent AND child_org_id = :child";
    private static final String OF_ID = "SELECT * FROM key_trust_acls WHERE id = :id";
    private static final String OF_PARENT = "SELECT * FROM key_trust_acls WHERE parent_org_id = :parent";
    private static final String REVOKE =
            "UPDATE key_trust_acls SET revoked_at = :at WHERE id = :id AND revoked_at IS NULL";
    private static final String REINSTATE = """
            UPDATE key_trust_acls SET revoked_at = NULL, granted_at = :at
            WHERE id = :id AND revoked_at IS NOT NULL
            """;

    private final Database database;
    private final Codecs codecs;

    TrustGrantTable(Database database) {
        this.database = database;
        this.codecs = database.codecs();
    }

    @Override
    public boolean add(TrustGrant row) throws StoreUnavailableException {
        return database.write("add a grant", handle -> {
            boolean added = handle.createUpdate(ADD)
                            .bind("id", row.id())
                            .bind("parent", row.parentOrgId())
                            .bind("child", row.childOrgId())
                            .bind("at", row.grantedAt())
                            .bindByType("revoked", row.revokedAt(), Instant.class)
                            .execute()
                    == 1;
            if (added) {
                database.pending(handle).note(new StoreChange.Granted(row));
            }
            return added;
        });
    }

    @Override
    public Optional<TrustGrant> find(UUID parentOrgId, UUID childOrgId) throws StoreUnavailableException {
        return database.read(
                "read a grant",
                handle -> rows(handle.createQuery(FIND)
                                .bind("parent", parentOrgId)
                                .bind("child", childOrgId))
                        .stream()
                        .findFirst());
    }

    @Override
    public List<TrustGrant> of(UUID parentOrgId) throws StoreUnavailableException {
        return Database.sorted(
                database.read(
                        "list grants",
                        handle -> rows(handle.createQuery(OF_PARENT).bind("parent", parentOrgId))),
                Comparator.comparing(TrustGrant::grantedAt).thenComparing(TrustGrant::id));
    }

    @Override
    public boolean revoke(UUID id, Instant at) throws StoreUnavailableException {
        return database.write("revoke a grant", handle -> {
            boolean revoked = update(handle, REVOKE, id, at);
            if (revoked) {
                database.pending(handle).note(new StoreChange.GrantRevoked(grant(handle, id)));
            }
            return revoked;
        });
    }

    @Override
    public boolean reinstate(UUID id, Instant grantedAt) throws StoreUnavailableException {
        return database.write("reinstate a grant", handle -> {
            boolean reinstated = update(handle, REINSTATE, id, grantedAt);
            if (reinstated) {
                database.pending(handle).note(new StoreChange.Granted(grant(handle, id)));
            }
            return reinstated;
        });
    }

    private static boolean update(Handle handle, String sql, UUID id, Instant at) {
        return handle.createUpdate(sql).bind("id", id).bind("at", at).execute() == 1;
    }

    private TrustGrant grant(Handle handle, UUID id) {
        return rows(handle.createQuery(OF_ID).bind("id", id)).get(0);
    }

    private List<TrustGrant> rows(Query query) {
        return query.map((row, context) -> new TrustGrant(
                        codecs.uuid(row, "id"),
                        codecs.uuid(row, "parent_org_id"),
                        codecs.uuid(row, "child_org_id"),
                        codecs.instant(row, "granted_at"),
                        codecs.instantOrNull(row, "revoked_at")))
                .list();
    }
}
