// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code UUID} as such, and times as a zone-less {@code TIMESTAMP} that holds UTC. */
final class PostgresCodecs extends Codecs {

    @Override
    int uuidType() {
        return Types.OTHER;
    }

    @Override
    int instantType() {
        return Types.TIMESTAMP;
    }

    @Override
    void write(PreparedStatement statement, int position, UUID value) throws SQLException {
        statement.setObject(position, value);
    }

    // A LocalDateTime is sent as its digits; anything that is a moment would be moved into the JVM's or session's zone.
    @Override
    void write(PreparedStatement statement, int position, Instant value) throws SQLException {
        statement.setObject(position, LocalDateTime.ofInstant(value.truncatedTo(ChronoUnit.MICROS), ZoneOffset.UTC));
    }

    @Override
    @Nullable
    UUID uuidOrNull(ResultSet row, int at, String column) throws SQLException {
        return row.getObject(at, UUID.class);
    }

    @Override
    @Nullable
    Instant instantOrNull(ResultSet row, int at, String column) throws SQLException {
        LocalDateTime utc = row.getObject(at, LocalDateTime.class);
        return utc == null ? null : utc.toInstant(ZoneOffset.UTC);
    }
}
