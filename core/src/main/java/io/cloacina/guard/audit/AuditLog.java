package io.cloacina.guard.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Stamps events with time and id and writes each to every sink, in the order in which they were recorded.
 *
 * <p>Safe for use by many threads; calls wait for each other, so that all sinks have the same order.
 */
public final class AuditLog implements AutoCloseable {

    private final Clock clock;
    private final List<AuditSink> sinks;
    private final SplittableRandom random;

    public AuditLog(Clock clock, List<AuditSink> sinks) {
        this.clock = clock;
        this.sinks = List.copyOf(sinks);
        // Ids must differ, not be secret: no SecureRandom, which costs start-up time and asks installed providers.
        this.random = new SplittableRandom(
                System.nanoTime() ^ clock.instant().getNano() ^ (long) System.identityHashCode(this) << 24);
    }

    /**
     * Writes the event to every sink; one that fails does not keep the others from getting it.
     *
     * @throws AuditFailedException if any sink failed
     */
    public synchronized void record(AuditEvent event) throws AuditFailedException {
        Instant now = clock.instant();
        byte[] line = encode(event, now);
        AuditFailedException failure = null;
        for (AuditSink sink : sinks) {
            try {
                sink.write(line);
            } catch (IOException e) {
                AuditFailedException one =
                        new AuditFailedException("audit sink [" + sink.name() + "] failed: " + e.getMessage(), e);
                if (failure == null) {
                    failure = one;
                } else {
                    failure.addSuppressed(one);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private byte[] encode(AuditEvent event, Instant now) {
        JsonLine line = new JsonLine()
                .with("timestamp", now)
                .with("event_type", event.type())
                .with("event_id", id(now))
                .with("org_id", event.orgId());
        for (Map.Entry<String, Object> field : event.fields().entrySet()) {
            line.with(field.getKey(), field.getValue());
        }
        return (line + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** UUID version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random; sorts by time. */
    private UUID id(Instant now) {
        long high = now.toEpochMilli() << 16 | 0x7000 | random.nextInt(1 << 12);
        long low = random.nextLong() >>> 2 | 1L << 63;
        return new UUID(high, low);
    }

    /** Closes all sinks; the first failure is thrown after all were tried. */
    @Override
    public synchronized void close() throws IOException {
        IOException failure = null;
        for (AuditSink sink : sinks) {
            try {
                sink.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
