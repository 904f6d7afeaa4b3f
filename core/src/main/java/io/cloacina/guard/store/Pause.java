package io.cloacina.guard.store;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits that another thread can end for good. Safe for use by many threads. */
final class Pause {

    private final CountDownLatch ended = new CountDownLatch(1);

    /** Returns after {@code limit}, at once if this was ended, or sooner if the thread is interrupted. */
    void await(Duration limit) {
        try {
            if (ended.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            // Whoever interrupts a thread that is none of theirs shortens one wait, and no more.
            return;
        }
    }

    void end() {
        ended.countDown();
    }
}
