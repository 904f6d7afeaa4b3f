// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** {@code Thread.stop} against the thread that writes events; from Java 20 on there is none. */
class StoppedWriterTest {

    private static final class Sink implements AuditSink {
        private final AtomicInteger written = new AtomicInteger();
        private volatile Thread thread;
        private volatile boolean dying;

        @Override
        public String name() {
            return "test";
        }

        @Override
        @SuppressWarnings({"deprecation", "removal"})
        public void write(EncodedEvent event) {
            thread = Thread.currentThread();
            if (dying) {
                dying = false;
                throw new ThreadDeath();
            }
            written.incrementAndGet();
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private final Sink sink = new Sink();

    private static AuditEvent event() {
        return AuditEvent.of("package.load.success", null);
    }

    @Test
    void record_threadStoppedWhileItWrites_failsAndTheNextIsWritten() throws Exception {
        try (AuditLog log = new AuditLog(Clock.systemUTC(), List.of(sink))) {
            sink.dying = true;
            assertThrows(AuditFailedException.class, () -> log.record(event()));
            log.recordInAll(event());
        }
        assertTrue(sink.written.get() >= 1);
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_19)
    @SuppressWarnings({"deprecation", "removal"})
    void record_threadStoppedAgainAndAgain_goesOn() throws Exception {
        List<AuditFailedException> failures = new ArrayList<>();
        try (AuditLog log = new AuditLog(Clock.systemUTC(), List.of(sink))) {
            log.record(event());
            for (int i = 0; i < 300; i++) {
                sink.thread.stop();
                try {
                    log.recordInAll(event());
                } catch (AuditFailedException e) {
                    // Stopped in the midst of it, which is a failure that is told.
                    failures.add(e);
                }
            }
            boolean recorded = false;
            for (int i = 0; i < 3 && !recorded; i++) {
                try {
                    log.recordInAll(event());
                    recorded = true;
                } catch (AuditFailedException e) {
                    failures.add(e);
                }
            }
            assertTrue(recorded, failures::toString);
        }
        for (AuditFailedException failure : failures) {
            String why = failure.getMessage();
            assertTrue(why.contains("stopped") || why.contains("ThreadDeath"), why);
        }
        assertTrue(sink.written.get() + failures.size() >= 302, sink.written + " written, " + failures);
    }
}
