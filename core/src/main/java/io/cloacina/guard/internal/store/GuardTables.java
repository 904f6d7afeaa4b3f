// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import org.jdbi.v3.core.Handle;

/**
 * Which tables beside the shared ones a store has, and this role may use. A role that was made after them, and was not
 * granted them, does without: it looks at the sealed keys themselves, and keeps no events.
 */
record GuardTables(boolean keyCheck, boolean pendingEvents) {

    static final GuardTables ALL = new GuardTables(true, true);
    static final GuardTables NONE = new GuardTables(false, false);

    private static final String MAY = "SELECT pg_catalog.has_table_privilege(:table, 'SELECT')"
            + " AND pg_catalog.has_table_privilege(:table, 'INSERT') AND pg_catalog.has_table_privilege(:table, :third)";

    /** @param version of the store's schema */
    static GuardTables of(Handle handle, Dialect dialect, int version) {
        if (version < Schema.WITH_PENDING_EVENTS) {
            return NONE;
        }
        return dialect == Dialect.SQLITE
                ? ALL
                : new GuardTables(
                        may(handle, "guard_key_check", "UPDATE"), may(handle, "guard_pending_events", "DELETE"));
    }

    private static boolean may(Handle handle, String table, String third) {
        return handle.createQuery(MAY)
                .bind("table", table)
                .bind("third", third)
                .mapTo(Boolean.class)
                .one();
    }
}
