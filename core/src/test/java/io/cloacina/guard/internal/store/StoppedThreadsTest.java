// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.trust.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** {@code Thread.stop} against the threads of a store; from Java 20 on there is none. */
class StoppedThreadsTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final AtomicInteger done = new AtomicInteger();
    private volatile Thread worker;

    private final class Work implements StoreThreads.Work<String> {
        private final boolean repeatable;
        private final int deaths;
        private int runs;

        Work(boolean repeatable, int deaths) {
            this.repeatable = repeatable;
            this.deaths = deaths;
        }

        @Override
        @SuppressWarnings({"deprecation", "removal"})
        public String run(StoreThreads.Deadline deadline) {
            worker = Thread.currentThread();
            if (runs++ < deaths) {
                throw new ThreadDeath();
            }
            done.incrementAndGet();
            return "answer";
        }

        @Override
        public boolean mayRepeat() {
            return repeatable;
        }
    }

    @Test
    void call_stoppedOnce_isRepeatedIfThatChangesNothing() throws Exception {
        try (StoreThreads threads = new StoreThreads(LIMIT, () -> {})) {
            assertEquals("answer", threads.call("ask", new Work(true, 1)));
            for (Work work : new Work[] {new Work(true, 2), new Work(false, 1)}) {
                ExecutionException failure = assertThrows(ExecutionException.class, () -> threads.call("change", work));
                assertInstanceOf(StoreUnavailableException.class, failure.getCause());
            }
            assertEquals(1, done.get());
        }
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_19)
    @SuppressWarnings({"deprecation", "removal"})
    void call_threadsStoppedAgainAndAgain_goesOn() throws Exception {
        int unavailable = 0;
        try (StoreThreads threads = new StoreThreads(LIMIT, () -> {})) {
            assertEquals("answer", threads.call("ask", new Work(true, 0)));
            for (int i = 0; i < 300; i++) {
                worker.stop();
                try {
                    assertEquals("answer", threads.call("ask", new Work(true, 0)));
                } catch (ExecutionException e) {
                    assertInstanceOf(StoreUnavailableException.class, e.getCause());
                    unavailable++;
                }
            }
        }
        assertTrue(done.get() + unavailable >= 301, done + " done, " + unavailable + " unavailable");
    }
}
