// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Has PostgreSQL announce changes of trust: one trigger for each statement on the tables that trust and its limits are in,
 * which sends an empty message on a channel. It runs as the role that changes the table, which needs no privilege for that,
 * and reaches the listeners when the change is committed.
 */
final class Announcements {

    /** The channel, the function, and the trigger on each table. */
    static final String CHANNEL = "guard_trust_changed";

    private static final String FUNCTION = """
            CREATE OR REPLACE FUNCTION guard_trust_changed() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_catalog.pg_notify('guard_trust_changed', '');
                RETURN NULL;
            END
            $$
            """;
    private static final List<String> SHARED_TABLES = List.of("trusted_keys", "key_trust_acls");
    private static final List<String> OWN_TABLES = Schema.LIMITS_TABLES;
    private static final String FOUND = """
            SELECT c.relname
            FROM pg_catalog.pg_trigger t
            JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
            WHERE t.tgname = 'guard_trust_changed' AND t.tgenabled IN ('O', 'A')
              AND pg_catalog.pg_table_is_visible(c.oid)
            """;

    private Announcements() {}

    /**
     * Whether changes of all tables that trust is in are announced. SQLite announces nothing.
     *
     * @param limits whether the store has the tables of limits
     */
    static boolean areMade(Handle handle, Dialect dialect, boolean limits) {
        return dialect == Dialect.POSTGRESQL && missing(handle, true, limits).isEmpty();
    }

    private static List<String> missing(Handle handle, boolean shared, boolean own) {
        List<String> missing = new ArrayList<>();
        if (shared) {
            missing.addAll(SHARED_TABLES);
        }
        if (own) {
            missing.addAll(OWN_TABLES);
        }
        missing.removeAll(handle.createQuery(FOUND).mapTo(String.class).list());
        return missing;
    }

    /**
     * Makes the triggers that are missing, as far as the role may: what the database refuses leaves everything else in
     * this transaction as it was.
     *
     * @param shared whether also on the tables that are shared with the reference
     */
    static void make(Handle handle, boolean shared) throws SQLException {
        List<String> missing = missing(handle, shared, true);
        if (missing.isEmpty()) {
            return;
        }
        Connection connection = handle.getConnection();
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            // A process that writes for long must not keep this one waiting; the next `store init` tries again.
            statement.execute("SET LOCAL lock_timeout = '1s'");
            statement.execute(FUNCTION);
            for (String table : missing) {
                statement.execute("CREATE TRIGGER guard_trust_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "
                        + table + " FOR EACH STATEMENT EXECUTE FUNCTION guard_trust_changed()");
            }
            statement.execute("SET LOCAL lock_timeout = DEFAULT");
        } catch (SQLException e) {
            // Not allowed, or not now. That nothing is announced shows in the status; if the connection is what
            // failed, so does this.
            connection.rollback(before);
        }
    }
}
