// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sinks that fail, block and come back. */
class SinksTest {

    private static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");

    /** Short: it is waited for in full wherever a sink blocks. */
    /** Longer than a busy machine keeps the thread of a sink that works from running. */
    private static final AuditSettings IMPATIENT = new AuditSettings(Duration.ofSeconds(2), 0, null, 0);

    /** Keeps what it gets; fails or blocks on demand. */
    private static final class TestSink implements AuditSink {
        private final String name;
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private volatile String failure;
        /** The only type of event that fails; null for every type. */
        private volatile String failingType;

        private volatile CountDownLatch gate = new CountDownLatch(0);
        private final CountDownLatch closed = new CountDownLatch(1);

        TestSink(String name) {
            this.name = name;
        }

        @Override
        public void write(EncodedEvent event) throws IOException {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            if (failure != null && (failingType == null || failingType.equals(event.type()))) {
                throw new IOException(failure);
            }
            synchronized (written) {
                written.writeBytes(event.line());
            }
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void close() {
            closed.countDown();
        }

        List<String> lines() {
            synchronized (written) {
                return written.toString(StandardCharsets.US_ASCII).lines().toList();
            }
        }

        List<Map<String, Object>> of(String type) {
            return JsonLines.events(type, lines());
        }
    }

    private final TestSink one = new TestSink("one");
    private final TestSink two = new TestSink("two");
    private final TestSink standardError = new TestSink("stderr");

    private AuditLog log(AuditSettings settings) {
        return new AuditLog(Clock.systemUTC(), List.of(one, two), ORG, settings, standardError);
    }

    private static AuditEvent event(String type) {
        return AuditEvent.of(type, ORG);
    }

    /** Everything that is still on its way to the sinks is there after this. */
    private static void drain(AuditLog log) throws IOException {
        log.close();
    }

    /**
     * A sink in trouble is not waited for: it may still be busy with what failed before.
     *
     * @return how often it was, each of which the sink counts as one more event that it missed
     */
    private static int recordInAllOnceNotBusy(AuditLog log, AuditEvent event) throws AuditFailedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        for (int refusals = 0; ; refusals++) {
            try {
                log.recordInAll(event);
                return refusals;
            } catch (AuditFailedException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void record_oneSinkFails_isToldOnceByTheOtherAndItsRecoveryToo() throws Exception {
        AuditLog log = log(AuditSettings.DEFAULT);
        // By type, not by time: the sink may still be trying one of these when the next event comes.
        one.failingType = "x";
        one.failure = "the disk is full";
        for (int i = 0; i < 3; i++) {
            AuditFailedException e = assertThrows(AuditFailedException.class, () -> log.record(event("x")));
            assertEquals("audit sink [one] failed: the disk is full", e.getMessage());
            assertNotNull(e.partlyRecorded(), "the other sink has it");
        }
        assertEquals("audit sink [one] failed: the disk is full", log.trouble());
        int missed = 3 + recordInAllOnceNotBusy(log, event("y"));
        assertNull(log.trouble());
        drain(log);

        List<Map<String, Object>> told = two.of("guard.degraded");
        assertEquals(2, told.size(), told.toString());
        assertFields(
                told.get(0),
                "org_id",
                ORG,
                "what",
                "audit sink one",
                "why",
                "the disk is full",
                "state",
                "degraded",
                "outcome",
                "failed");
        assertFields(told.get(1), "state", "recovered", "missed_events", missed, "late_event_id", null);
        assertEquals(3, two.of("x").size());
        assertEquals(List.of(), one.of("x"));
        assertEquals(1, one.of("y").size());
        assertEquals(1, one.of("guard.degraded").size(), "its own recovery");
        assertEquals(List.of(), standardError.lines());
    }

    @Test
    void recordInAll_whileOneSinkIsInTrouble_givesTheOthersNothing() throws Exception {
        AuditLog log = log(AuditSettings.DEFAULT);
        two.failure = "gone";
        AuditFailedException first = assertThrows(AuditFailedException.class, () -> log.recordInAll(event("first")));
        assertNotNull(first.partlyRecorded());
        AuditFailedException next = assertThrows(AuditFailedException.class, () -> log.recordInAll(event("next")));
        assertNull(next.partlyRecorded(), "nobody has it");
        log.recordWhereWorking(event("refusal"));
        drain(log);

        assertEquals(1, one.of("first").size());
        assertFields(one.of("first").get(0), "event_id", first.partlyRecorded());
        assertEquals(List.of(), one.of("next"));
        assertEquals(1, one.of("refusal").size());
    }

    @Test
    void record_sinkBlocks_waitsForTheLimitOnceAndThenNotAtAll() throws Exception {
        AuditLog log = log(IMPATIENT);
        one.gate = new CountDownLatch(1);
        AuditFailedException e = assertThrows(AuditFailedException.class, () -> log.record(event("late")));
        assertTrue(e.getMessage().contains("[one] failed: it did not take an event within 2000 ms"), e.getMessage());
        // A hundred waits of that length would outlast any patience; each of these fails at once.
        for (int i = 0; i < 1000; i++) {
            assertThrows(AuditFailedException.class, () -> log.recordInAll(event("x")));
        }
        one.gate.countDown();
        waitFor(() -> !one.of("guard.degraded").isEmpty());
        log.recordInAll(event("y"));
        drain(log);

        assertEquals(List.of(), one.of("x"), "what was given up is not written after all");
        assertEquals(1, one.of("late").size());
        // From the sink: on a machine that is busy the other may have written it only after the limit, too.
        Object late = one.of("late").get(0).get("event_id");
        assertFields(
                one.of("guard.degraded").get(0),
                "state",
                "recovered",
                "missed_events",
                1000,
                "late_event_id",
                late,
                "outcome",
                "info");
        assertEquals(1, one.of("y").size());
    }

    @Test
    void record_sinkBlocks_eventsBehindTheBlockedOneAreWithdrawn() throws Exception {
        AuditLog log = log(IMPATIENT);
        one.gate = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread =
                    new Thread(() -> assertThrows(AuditFailedException.class, () -> log.record(event("waiting"))));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        one.gate.countDown();
        drain(log);

        assertEquals(1, one.of("waiting").size(), "only the one that was being written when the others gave up");
        assertEquals(4, two.of("waiting").size());
    }

    @Test
    void record_noSinkWorks_tellsStandardErrorOnce() throws Exception {
        AuditLog log = log(AuditSettings.DEFAULT);
        one.failure = "gone";
        two.failure = "gone too";
        for (int i = 0; i < 3; i++) {
            assertThrows(AuditFailedException.class, () -> log.record(event("x")));
        }
        drain(log);
        assertTrue(standardError.closed.await(1, TimeUnit.MINUTES));

        // The first may have been told to a sink that was still thought to work.
        List<Map<String, Object>> told = standardError.of("guard.degraded");
        assertTrue(told.size() == 1 || told.size() == 2, told.toString());
        assertTrue(told.get(told.size() - 1).get("what").toString().startsWith("audit sink "), told.toString());
    }

    @Test
    void record_interruptedThread_isRecordedAndStaysInterrupted() throws Exception {
        AuditLog log = log(AuditSettings.DEFAULT);
        Thread.currentThread().interrupt();
        log.record(event("x"));
        assertTrue(Thread.interrupted());
        drain(log);

        assertEquals(1, one.of("x").size());
    }

    @Test
    void record_sinkThrowsWhatItShouldNot_isAFailureAndTheSinkGoesOn() throws Exception {
        AuditSink broken = new AuditSink() {
            private int calls;

            @Override
            public void write(EncodedEvent event) {
                if (calls++ == 0) {
                    throw new StackOverflowError();
                }
            }

            @Override
            public String name() {
                return "broken";
            }

            @Override
            public void close() {}
        };
        AuditLog log = new AuditLog(Clock.systemUTC(), List.of(broken));

        assertThrows(AuditFailedException.class, () -> log.record(event("x")));
        log.recordInAll(event("y"));
        log.close();
    }

    @Test
    void close_sinkBlocks_endsAfterTheLimit() {
        AuditLog log = log(IMPATIENT);
        one.gate = new CountDownLatch(1);
        assertThrows(AuditFailedException.class, () -> log.record(event("x")));

        assertThrows(IOException.class, log::close);

        one.gate.countDown();
    }

    @Test
    void record_afterClose_fails() throws Exception {
        AuditLog log = log(AuditSettings.DEFAULT);
        log.close();

        assertThrows(AuditFailedException.class, () -> log.record(event("x")));
    }

    @Test
    void note_isWrittenWithoutBeingWaitedFor() throws Exception {
        AuditLog log = log(AuditSettings.DEFAULT);
        one.gate = new CountDownLatch(1);
        log.note(event("n"));
        one.gate.countDown();
        drain(log);

        assertEquals(1, one.of("n").size());
    }

    @ParameterizedTest
    @ValueSource(ints = {4_000, 4_001, 100_000})
    void record_longText_isCutAndToldWhere(int length) throws Exception {
        AuditLog log = log(AuditSettings.DEFAULT);
        log.record(event("x").with("package_path", "p".repeat(length)).with("kind", "jar"));
        drain(log);

        Map<String, Object> event = one.of("x").get(0);
        assertFields(event, "package_path", "p".repeat(4_000), "kind", "jar");
        assertEquals(length > 4_000 ? Map.of("package_path", (long) length) : null, event.get("truncated"));
    }

    @Test
    void record_longTextWithAPairAtTheCut_isCutBeforeIt() throws Exception {
        AuditLog log = log(AuditSettings.DEFAULT);
        log.record(event("x").with("p", "p".repeat(3_999) + "\ud834\udd1e"));
        drain(log);

        Map<String, Object> event = one.of("x").get(0);
        assertFields(event, "p", "p".repeat(3_999));
        assertEquals(Map.of("p", 4001L), event.get("truncated"));
    }

    @Test
    void record_manyLongTexts_staysBelowTheBoundOfALine() throws Exception {
        AuditLog log = log(AuditSettings.DEFAULT);
        AuditEvent event = event("x");
        for (int i = 0; i < 30; i++) {
            event = event.with("f" + i, "\u202e".repeat(10_000));
        }
        log.record(event.with("n", java.util.Map.of("k", "\u202e".repeat(10_000))));
        drain(log);

        String line = one.lines().get(0);
        assertTrue(line.length() < EncodedEvent.MAX_LINE_BYTES, "" + line.length());
        Map<?, ?> truncated = (Map<?, ?>) JsonLines.object(line).get("truncated");
        assertEquals(10_000L, truncated.get("f29"));
        assertEquals(10_000L, truncated.get("n.k"));
        assertFalse(line.contains("\u202e"));
    }

    private interface Condition {
        boolean holds();
    }

    /** Ends when it holds; a test that waits in vain is ended by the build. */
    private static void waitFor(Condition condition) {
        while (!condition.holds()) {
            Thread.onSpinWait();
        }
    }
}
