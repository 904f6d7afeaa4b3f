// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * Lets those who may use the shared tables of a PostgreSQL database also use the tables that this program adds: who may
 * read trust, reads its limits; who may change it, changes them.
 */
final class Privileges {

    /** The roles that have a privilege on one of the tables, their owners among them; a grant to PUBLIC has no role. */
    private static final String HOLDERS = """
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                                 ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END
            FROM pg_catalog.pg_class c
            CROSS JOIN LATERAL pg_catalog.aclexplode(
                COALESCE(c.relacl, pg_catalog.acldefault('r', c.relowner))) a
            WHERE pg_catalog.pg_table_is_visible(c.oid) AND a.privilege_type IN (<privileges>) AND c.relname IN (<tables>)
            """;

    private static final List<String> READ = List.of("SELECT");
    private static final List<String> WRITE = List.of("INSERT", "UPDATE");
    private static final List<String> SHARED_TABLES =
            List.of("signing_keys", "trusted_keys", "key_trust_acls", "package_signatures");

    private Privileges() {}

    /** For the owner of the new tables, in the transaction that makes them. */
    static void grant(Handle handle) {
        for (String role : roles(handle, WRITE, SHARED_TABLES)) {
            handle.execute("GRANT SELECT, INSERT, DELETE ON guard_pending_events TO " + role);
            handle.execute("GRANT SELECT ON guard_schema TO " + role);
        }
        for (String role : roles(handle, WRITE, List.of("signing_keys"))) {
            handle.execute("GRANT SELECT, INSERT, UPDATE ON guard_key_check TO " + role);
        }
        for (String role : roles(handle, READ, List.of("trusted_keys"))) {
            handle.execute("GRANT SELECT ON " + String.join(", ", Schema.LIMITS_TABLES) + ", guard_intake TO " + role);
        }
        for (String role : roles(handle, WRITE, List.of("trusted_keys"))) {
            handle.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON guard_withdrawn_packages, guard_key_limits,"
                    + " guard_version_floors TO " + role);
        }
        for (String role : roles(handle, WRITE, List.of("package_signatures"))) {
            handle.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON guard_statement_names TO " + role);
            handle.execute("GRANT SELECT, INSERT, UPDATE ON guard_statements TO " + role);
            handle.execute("GRANT SELECT, INSERT ON guard_intake TO " + role);
        }
    }

    /** Like {@link #grant}, for roles that came later; what this role may not grant leaves everything as it was. */
    static void grantIfAllowed(Handle handle) {
        handle.savepoint("before_grants");
        try {
            grant(handle);
            handle.releaseSavepoint("before_grants");
        } catch (JdbiException e) {
            // Not the owner; if the connection is what failed, so does this.
            handle.rollbackToSavepoint("before_grants");
        }
    }

    private static List<String> roles(Handle handle, List<String> privileges, List<String> tables) {
        return handle.createQuery(
                        HOLDERS.replace("<privileges>", quoted(privileges)).replace("<tables>", quoted(tables)))
                .mapTo(String.class)
                .list();
    }

    private static String quoted(List<String> words) {
        return "'" + String.join("', '", words) + "'";
    }
}
