// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import org.jdbi.v3.core.Handle;

/** A kind of database. */
public enum Dialect {
    POSTGRESQL("postgresql"),
    SQLITE("sqlite");

    private final String text;

    Dialect(String text) {
        this.text = text;
    }

    Codecs codecs() {
        return switch (this) {
            case POSTGRESQL -> new PostgresCodecs();
            case SQLITE -> new SqliteCodecs();
        };
    }

    /**
     * Waits for all who are changing the table, whose rows can then be seen, and keeps others from doing so until the end
     * of the transaction. On SQLite the transaction is the only one that writes.
     */
    void lock(Handle handle, String table) {
        if (this == POSTGRESQL) {
            handle.execute("LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE");
        }
    }

    /** A condition that holds as long as the database has the table. */
    String tableIsThere(String table) {
        return switch (this) {
            case POSTGRESQL -> "pg_catalog.to_regclass('" + table + "') IS NOT NULL";
            case SQLITE ->
                "EXISTS (SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = '" + table + "')";
        };
    }

    /** The name as {@code store status} shows it: {@code postgresql} or {@code sqlite}. */
    @Override
    public String toString() {
        return text;
    }
}
