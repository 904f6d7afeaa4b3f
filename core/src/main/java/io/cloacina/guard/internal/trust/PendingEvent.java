// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event that is kept in the store, from the transaction of its change until it is on record: what a process that was
 * killed in between has left is recorded by the next.
 *
 * @param id of the event
 * @param text of the event, as its writer reads it
 * @param host of the process that made the change
 * @param processStartedAt null where the operating system does not tell
 */
public record PendingEvent(
        UUID id,
        String text,
        String host,
        long pid,
        @Nullable Instant processStartedAt,
        Instant madeAt) {
    public PendingEvent {
        Objects.requireNonNull(id);
        Objects.requireNonNull(text);
        Objects.requireNonNull(host);
        Objects.requireNonNull(madeAt);
    }
}
