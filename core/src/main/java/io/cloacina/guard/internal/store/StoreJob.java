// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A piece of work of {@link StoreThreads}, who waits for it, and what came of it. */
final class StoreJob<T> {

    /** Of Java 17; no class of that name need be there. */
    private static final String STOP = "java.lang.ThreadDeath";

    private final StoreThreads.Work<T> work;
    final StoreThreads.Deadline deadline = new StoreThreads.Deadline();

    // These under the lock of the threads.
    StoreThreads.@Nullable Worker owner;
    boolean withdrawn;

    @Nullable
    StoreJob<?> next;

    // On the thread that has it.
    private boolean begun;

    // These under the lock of this.
    private boolean done;
    private @Nullable T value;
    private @Nullable Throwable failure;

    StoreJob(StoreThreads.Work<T> work) {
        this.work = work;
    }

    boolean isWaiting() {
        return owner == null && !withdrawn;
    }

    /** Does the work; once more if the thread was stopped meanwhile and that changes nothing. */
    void run() {
        boolean again = begun;
        if (again && !work.mayRepeat()) {
            stopped();
            return;
        }
        begun = true;
        try {
            end(work.run(deadline), null);
        } catch (Throwable e) {
            if (!e.getClass().getName().equals(STOP)) {
                end(null, e);
            } else if (again) {
                stopped();
            } else {
                run();
            }
        }
    }

    /** It will not be done: its thread was stopped. */
    void stopped() {
        end(null, new StoreUnavailableException("the thread that did it was stopped", null));
    }

    private synchronized void end(@Nullable T result, @Nullable Throwable thrown) {
        if (!done) {
            value = result;
            failure = thrown;
            done = true;
        }
        notifyAll();
    }

    /** Whether it is done, after a wait of at most {@code nanos}. */
    @SuppressWarnings("WaitNotInLoop") // the caller asks again until its time is over
    synchronized boolean awaitFor(long nanos) throws InterruptedException {
        if (!done && nanos > 0) {
            wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
        }
        return done;
    }

    /** @throws ExecutionException with what the work threw */
    @SuppressWarnings("NullAway") // null is a result, where that is what the work returned
    synchronized T result() throws ExecutionException {
        if (failure != null) {
            throw new ExecutionException(failure);
        }
        return value;
    }
}
