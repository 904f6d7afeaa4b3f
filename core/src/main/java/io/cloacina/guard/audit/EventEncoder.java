// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.text.Fields;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Rfc3339;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;

/** Makes lines of events. Safe for use by many threads, but for {@link Draft#stamp}. */
final class EventEncoder {

    private static final int SHORTEST_CUT = 4;

    // Where the time and the id stand in a line; either has the same length in every line.
    private static final int TIME_AT = "{\"timestamp\":\"".length();
    private static final String BEFORE_ID = "\"event_id\":\"";
    private static final UUID NO_ID = new UUID(0, 0);

    private final Clock clock;
    private final CommonFields common;
    private final Random random;

    EventEncoder(Clock clock, CommonFields common) {
        this.clock = clock;
        this.common = common;
        // Ids must differ, not be secret: no SecureRandom, which costs start-up time and asks installed providers.
        this.random = new Random(System.nanoTime() ^ clock.millis() ^ (long) System.identityHashCode(this) << 24);
    }

    Draft draft(AuditEvent event) {
        return new Draft(event);
    }

    /**
     * An event with a place for its time and, if it brings none, for its id. Threads make theirs side by side; time and id
     * are filled in under the lock, so that they rise with the order of the events.
     */
    final class Draft {
        private final AuditEvent event;
        private final int severity;
        private final byte[] line;
        private final int idAt;

        private Draft(AuditEvent event) {
            this.event = event;
            String outcome = CommonFields.outcome(event);
            severity = CommonFields.severity(event.type(), outcome);
            UUID id = event.id() == null ? NO_ID : event.id();
            String text = encode(event, id, outcome, severity, AuditLog.MAX_TEXT_LENGTH);
            for (int limit = AuditLog.MAX_TEXT_LENGTH / 10;
                    text.length() > EncodedEvent.MAX_LINE_BYTES && limit >= SHORTEST_CUT; ) {
                text = encode(event, id, outcome, severity, limit);
                limit /= 10;
            }
            line = text.getBytes(StandardCharsets.US_ASCII);
            idAt = text.indexOf(BEFORE_ID) + BEFORE_ID.length();
        }

        /** Gives it its time and id. To be called once, by one thread at a time for all drafts of a log. */
        EncodedEvent stamp() {
            Instant now = clock.instant();
            put(Rfc3339.format(now), TIME_AT);
            UUID id = event.id();
            if (id == null) {
                id = newId(now);
                put(id.toString(), idAt);
            }
            return new EncodedEvent(event.type(), now, id, severity, line);
        }

        private void put(String text, int at) {
            for (int i = 0; i < text.length(); i++) {
                line[at + i] = (byte) text.charAt(i);
            }
        }
    }

    private String encode(AuditEvent event, UUID id, String outcome, int severity, int limit) {
        JsonLine line = new JsonLine()
                .with("timestamp", Instant.EPOCH)
                .with("event_type", event.type())
                .with("event_id", id)
                .with("org_id", event.orgId());
        CutTexts cut = new CutTexts(limit);
        Fields<Object> fields = event.inOrder();
        for (int i = 0; i < fields.size(); i++) {
            line.with(fields.name(i), cut.bounded(fields.name(i), fields.value(i)));
        }
        common.addTo(line, outcome, severity);
        if (cut.lengths().size() > 0) {
            line.with("truncated", cut.lengths());
        }
        return line + "\n";
    }

    /** UUID version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random; sorts by time. */
    private UUID newId(Instant now) {
        long high = now.toEpochMilli() << 16 | 0x7000 | random.nextInt(1 << 12);
        long low = random.nextLong() >>> 2 | 1L << 63;
        return new UUID(high, low);
    }
}
