// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event as sinks get it.
 *
 * @param type its {@code event_type}
 * @param time when it was recorded
 * @param id its {@code event_id}
 * @param severity by the numbers of RFC 5424
 * @param line the JSON object in printable ASCII, with its line feed; not changed by any holder
 */
public record EncodedEvent(
        String type, Instant time, @Nullable UUID id, int severity, byte[] line) {

    /** The longest {@link #line}; what a file sink adds to it is shorter than 1 KiB. */
    public static final int MAX_LINE_BYTES = 60 * 1024;
}
