// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Threads that record at once: each makes its line beside the others, and time and id rise in the order of the lines. */
class EventEncoderTest {

    private static final class Kept implements AuditSink {
        private final List<EncodedEvent> events = new ArrayList<>();

        @Override
        public void write(EncodedEvent event) {
            events.add(event);
        }

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public void close() {}
    }

    private static void atOnce(int threads, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(pool.submit(() -> {
                    work.run();
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get(60, TimeUnit.SECONDS);
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    @Test
    void record_oneEventThatTakesLong_keepsNoOtherWaiting() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        // Its text is made while the line is.
        Object slow = new Object() {
            @Override
            public String toString() {
                both.countDown();
                try {
                    return both.await(30, TimeUnit.SECONDS) ? "met" : "alone";
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        Kept sink = new Kept();
        try (AuditLog log = new AuditLog(Clock.systemUTC(), List.of(sink))) {
            atOnce(
                    2,
                    () -> log.recordInAll(
                            AuditEvent.of("package.load.success", null).with("class_loader", slow)));
        }

        assertEquals(2, sink.events.size());
        for (EncodedEvent event : sink.events) {
            assertTrue(new String(event.line(), StandardCharsets.US_ASCII).contains("\"class_loader\":\"met\""));
        }
    }

    @Test
    void record_fromManyThreads_timesRiseAndLinesHaveTheirOwnTimeAndId() throws Exception {
        Kept sink = new Kept();
        UUID given = new UUID(1, 2);
        try (AuditLog log = new AuditLog(Clock.systemUTC(), List.of(sink))) {
            atOnce(4, () -> {
                for (int i = 0; i < 200; i++) {
                    log.record(AuditEvent.of("package.load.success", new UUID(0, 0))
                            .with("package_path", "\"event_id\":\""));
                }
                log.record(AuditEvent.of("guard.started", null).withId(given));
            });
        }

        assertEquals(804, sink.events.size());
        Instant last = Instant.EPOCH;
        for (EncodedEvent event : sink.events) {
            var fields = JsonLines.object(new String(event.line(), StandardCharsets.US_ASCII));
            assertEquals(event.id().toString(), fields.get("event_id"));
            assertEquals(event.type(), fields.get("event_type"));
            Instant time = Instant.parse((String) fields.get("timestamp"));
            assertTrue(!time.isBefore(last), () -> time + " comes after a later one");
            assertTrue(!time.isAfter(event.time()));
            last = time;
        }
        assertEquals(
                4,
                sink.events.stream().filter(event -> event.id().equals(given)).count());
        assertEquals(801, sink.events.stream().map(EncodedEvent::id).distinct().count());
    }
}
