package io.cloacina.guard.store;

import java.nio.ByteBuffer;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.UUID;

/** Ids as 16 bytes in the order of their text, times as RFC 3339 text: six digits and {@code +00:00} when written. */
final class SqliteCodecs extends Codecs {

    private static final DateTimeFormatter WRITTEN = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'+00:00'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    // RFC 3339, section 5.6: T and Z in either case, and a space where two programs agreed on one.
    private static final DateTimeFormatter READ = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_OFFSET_DATE_TIME)
            .toFormatter(Locale.ROOT);

    private static final int UUID_SIZE_BYTES = 16;
    private static final int DATE_LENGTH = "2026-01-28".length();

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
    UUID uuid(ResultSet row, String column) throws SQLException {
        byte[] bytes = row.getBytes(column);
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
    Instant instant(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        if (text == null) {
            return null;
        }
        try {
            return instant(text);
        } catch (DateTimeException e) {
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
        return WRITTEN.format(value.truncatedTo(ChronoUnit.MICROS));
    }

    static Instant instant(String text) {
        String joined = text.length() > DATE_LENGTH && text.charAt(DATE_LENGTH) == ' '
                ? text.substring(0, DATE_LENGTH) + 'T' + text.substring(DATE_LENGTH + 1)
                : text;
        return OffsetDateTime.parse(joined, READ).toInstant();
    }
}
