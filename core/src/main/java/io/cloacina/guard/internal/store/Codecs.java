// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How ids and times stand in the columns of one kind of database. Explicit, because what JDBI and the drivers do by
 * themselves is not what the reference wrote: times in the JVM's zone, or as numbers.
 */
abstract class Codecs {

    abstract int uuidType();

    abstract int instantType();

    abstract void write(PreparedStatement statement, int position, UUID value) throws SQLException;

    /** Writes microseconds; what is finer is cut off. */
    abstract void write(PreparedStatement statement, int position, Instant value) throws SQLException;

    /**
     * @param at where the column is, from 1
     * @param column its name, for the message
     * @return null for NULL
     * @throws SQLException if the column holds something else than an id
     */
    abstract @Nullable UUID uuidOrNull(ResultSet row, int at, String column) throws SQLException;

    /** As {@link #uuidOrNull(ResultSet, int, String)}, of the column of that name. */
    final @Nullable UUID uuidOrNull(ResultSet row, String column) throws SQLException {
        return uuidOrNull(row, row.findColumn(column), column);
    }

    /** As {@link #uuidOrNull(ResultSet, int, String)}, of a column that always has a value. */
    final UUID uuid(ResultSet row, int at, String column) throws SQLException {
        return required(uuidOrNull(row, at, column), column, "id");
    }

    /** As {@link #uuid(ResultSet, int, String)}, of the column of that name. */
    final UUID uuid(ResultSet row, String column) throws SQLException {
        return uuid(row, row.findColumn(column), column);
    }

    /**
     * @param at where the column is, from 1
     * @param column its name, for the message
     * @return null for NULL
     * @throws SQLException if the column holds something else than a time
     */
    abstract @Nullable Instant instantOrNull(ResultSet row, int at, String column) throws SQLException;

    /** As {@link #instantOrNull(ResultSet, int, String)}, of the column of that name. */
    final @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        return instantOrNull(row, row.findColumn(column), column);
    }

    /** As {@link #instantOrNull(ResultSet, String)}, of a column that always has a value. */
    final Instant instant(ResultSet row, String column) throws SQLException {
        return required(instantOrNull(row, column), column, "time");
    }

    private static <T> T required(@Nullable T value, String column, String wanted) throws SQLException {
        if (value == null) {
            throw unreadable(column, wanted, null);
        }
        return value;
    }

    /** What a column of one of the four tables must not hold. */
    static SQLException unreadable(String column, String wanted, @Nullable Throwable cause) {
        return new SQLException("column [" + column + "] holds no " + wanted, "22000", cause);
    }

    static Fingerprint fingerprint(ResultSet row) throws SQLException {
        return new Fingerprint(hex(row, "key_fingerprint", "fingerprint"));
    }

    static PackageHash packageHash(ResultSet row) throws SQLException {
        return new PackageHash(hex(row, "package_hash", "SHA-256"));
    }

    private static String hex(ResultSet row, String column, String what) throws SQLException {
        String text = row.getString(column);
        if (!Fingerprint.isValid(text)) {
            throw unreadable(column, what + " of 64 lower-case hexadecimal digits", null);
        }
        return text;
    }

    static final int BINARY = Types.VARBINARY;
}
