// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.util.List;
import org.jdbi.v3.core.Handle;

/** Lets those who may change the shared tables of a PostgreSQL database also use the tables that this program adds. */
final class Privileges {

    /** The roles that own or may write one of the tables; a grant to PUBLIC has no role. */
    private static final String WRITERS = """
            SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                                 ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END
            FROM pg_catalog.pg_class c
            CROSS JOIN LATERAL pg_catalog.aclexplode(
                COALESCE(c.relacl, pg_catalog.acldefault('r', c.relowner))) a
            WHERE pg_catalog.pg_table_is_visible(c.oid) AND a.privilege_type IN ('INSERT', 'UPDATE') AND c.relname IN (%s)
            """;

    private static final String SIGNING_KEYS = "'signing_keys'";
    private static final String ALL = "'signing_keys', 'trusted_keys', 'key_trust_acls', 'package_signatures'";

    private Privileges() {}

    /** For the owner of the new tables, in the transaction that makes them. */
    static void grant(Handle handle) {
        for (String role : roles(handle, ALL)) {
            handle.execute("GRANT SELECT, INSERT, DELETE ON guard_pending_events TO " + role);
            handle.execute("GRANT SELECT ON guard_schema TO " + role);
        }
        for (String role : roles(handle, SIGNING_KEYS)) {
            handle.execute("GRANT SELECT, INSERT, UPDATE ON guard_key_check TO " + role);
        }
    }

    private static List<String> roles(Handle handle, String tables) {
        return handle.createQuery(WRITERS.replace("%s", tables))
                .mapTo(String.class)
                .list();
    }
}
