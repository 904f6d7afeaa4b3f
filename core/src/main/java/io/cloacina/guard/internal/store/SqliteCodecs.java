// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.text.Rfc3339;
import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Ids as 16 bytes in the order of their text, times as RFC 3339 text: six digits and {@code +00:00} when written. */
final class SqliteCodecs extends Codecs {

    private static final int UUID_SIZE_BYTES = 16;

    @Override
    int uuidType() {
        return BINARY;
    }

    @Override
    int instantType() {
        return Types.VARCHAR;
    }

    @Override
    void write(PreparedStatement statement, int position, UUID value) throws SQLException {
        statement.setBytes(position, bytes(value));
    }

    @Override
    void write(PreparedStatement statement, int position, Instant value) throws SQLException {
        statement.setString(position, text(value));
    }

    @Override
    @Nullable
    UUID uuidOrNull(ResultSet row, int at, String column) throws SQLException {
        byte[] bytes = row.getBytes(at);
        if (bytes == null) {
            return null;
        }
        if (bytes.length != UUID_SIZE_BYTES) {
            throw unreadable(column, "id of 16 bytes", null);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    @Override
    @Nullable
    Instant instantOrNull(ResultSet row, int at, String column) throws SQLException {
        String text = row.getString(at);
        if (text == null) {
            return null;
        }
        try {
            return Rfc3339.parse(text);
        } catch (IllegalArgumentException e) {
            throw unreadable(column, "RFC 3339 time", e);
        }
    }

    static byte[] bytes(UUID value) {
        return ByteBuffer.allocate(UUID_SIZE_BYTES)
                .putLong(value.getMostSignificantBits())
                .putLong(value.getLeastSignificantBits())
                .array();
    }

    static String text(Instant value) {
        return Rfc3339.formatWithOffset(value);
    }
}
