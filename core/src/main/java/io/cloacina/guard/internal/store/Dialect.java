// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

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

    /** A condition that holds as long as the database has the table. */
    String tableIsThere(String table) {
        return switch (this) {
            case POSTGRESQL -> "pg_catalog.to_regclass('" + table + "') IS NOT NULL";
            case SQLITE -> "EXISTS (SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = '" + table + "')";
        };
    }

    /** The name as {@code store status} shows it: {@code postgresql} or {@code sqlite}. */
    @Override
    public String toString() {
        return text;
    }
}
