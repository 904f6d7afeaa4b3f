// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What a PostgreSQL server reports of itself. */
final class PostgresServerState {

    private PostgresServerState() {}

    // As a number: the session's time zone and the driver's mapping have no part in it.
    static Instant time(Handle handle) {
        long micros = handle.createQuery("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)")
                .mapTo(Long.class)
                .one();
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Empty for a primary. */
    static Optional<Duration> replicaLag(Handle handle) {
        return handle.createQuery("SELECT CAST(EXTRACT(EPOCH FROM"
                        + " clock_timestamp() - COALESCE(pg_last_xact_replay_timestamp(), clock_timestamp())) * 1000 AS BIGINT)"
                        + " WHERE pg_is_in_recovery()")
                .mapTo(Long.class)
                .findOne()
                .map(Duration::ofMillis);
    }
}
