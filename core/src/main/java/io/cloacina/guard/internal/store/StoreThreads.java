// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.process.GuardThreads;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The threads on which a store works, so that a caller never waits longer than the limit, whatever its driver does.
 *
 * <p>Few, daemons, gone when idle. They inherit nothing from the caller: no thread-locals, and a context class loader
 * that is never an application's.
 *
 * <p>An application can stop these threads at any point ({@code Thread.stop}, until Java 19). So there is no executor
 * and no semaphore here, which a stopped thread may leave locked: all state is under one monitor, one write takes a
 * job, and those who wait replace threads that are gone.
 */
final class StoreThreads implements AutoCloseable {

    /** How many there may be. */
    static final int MOST = 8;

    private static final long IDLE_NANOS = 120_000_000_000L;
    private static final Duration LONGEST = Duration.ofDays(1);

    /** How long a thread that is gone may keep a caller waiting. */
    private static final long LOOK_AFTER_NANOS = 100_000_000;

    private final Duration limit;
    private final Runnable whenIdle;

    // Guarded by the lock of this.
    private final @Nullable Worker[] workers;
    private @Nullable StoreJob<?> first;
    private boolean closed;

    /**
     * @param whenIdle runs on a thread that ends because there was nothing to do for two minutes, or ever again
     * @param most how many threads there may be, each of which has a connection at most; 1 to {@link #MOST}
     */
    StoreThreads(Duration limit, Runnable whenIdle, int most) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("a store time-out is longer than nothing, not [" + limit + "]");
        }
        this.limit = limit.compareTo(LONGEST) < 0 ? limit : LONGEST;
        this.whenIdle = whenIdle;
        this.workers = new Worker[most];
    }

    StoreThreads(Duration limit, Runnable whenIdle) {
        this(limit, whenIdle, MOST);
    }

    /** What runs on a store thread. */
    interface Work<T> {
        T run(Deadline deadline) throws Exception;

        /** Whether it may run again where it is unknown how far it came. */
        default boolean mayRepeat() {
            return false;
        }
    }

    /** The end of the time that a caller waits for a piece of work, as the work sees it. */
    static final class Deadline {

        private boolean over;
        private @Nullable PooledConnection pooled;

        /** Whether the caller has stopped waiting: from then on the work must not change anything. */
        synchronized boolean isOver() {
            return over;
        }

        /** Says which connection the work may get stuck in. */
        synchronized void uses(PooledConnection used) {
            pooled = used;
            if (over) {
                used.abandon();
            }
        }

        /** The work is done with the connection, and will no longer get stuck in it. */
        synchronized void leaves() {
            pooled = null;
        }

        synchronized void end() {
            over = true;
            if (pooled != null) {
                pooled.abandon();
            }
        }
    }

    /**
     * Runs {@code work} and waits for it, at most as long as the limit. An interrupt does not shorten the wait and is
     * not lost.
     *
     * @throws StoreUnavailableException at the end of the limit
     * @throws ExecutionException with what the work threw
     */
    <T> T call(String what, Work<T> work) throws StoreUnavailableException, ExecutionException {
        long end = System.nanoTime() + limit.toNanos();
        StoreJob<T> job = new StoreJob<>(work);
        synchronized (this) {
            if (closed) {
                throw new StoreUnavailableException(what + ": the store was closed", null);
            }
            append(job);
            notifyAll();
        }
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                lookAfter(what, job);
                try {
                    long restNanos = end - System.nanoTime();
                    if (job.awaitFor(Math.min(restNanos, LOOK_AFTER_NANOS))) {
                        return job.result();
                    }
                    if (restNanos <= 0) {
                        withdraw(job);
                        job.deadline.end();
                        throw new StoreUnavailableException(
                                what + ": no answer within " + limit.toMillis() + " ms", null);
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                GuardThreads.restoreInterrupt();
            }
        }
    }

    /** Runs {@code work} if a thread is free for it, and waits for nothing. */
    synchronized void begin(Runnable work) {
        int busy = waiting();
        for (Worker worker : workers) {
            busy += isAlive(worker) && worker.isBusy() ? 1 : 0;
        }
        if (closed || busy >= workers.length) {
            // If the store was closed, the next question fails with that reason.
            return;
        }
        StoreJob<Void> job = new StoreJob<>(new Begun(work));
        append(job);
        if (startThreads() != null && !anyAlive()) {
            withdraw(job);
        }
        notifyAll();
    }

    /** Like all classes here that could be lambdas: the first question of a JVM would wait for those to be made. */
    private record Begun(Runnable work) implements Work<Void> {

        @Override
        public Void run(Deadline deadline) {
            work.run();
            return null;
        }
    }

    /** Work that has begun goes on, and what waits is still done; new work is refused. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /**
     * Starts a thread of its own for work that must not delay a caller. Without memory for a thread the work is
     * left undone.
     */
    static void start(String name, Runnable work) {
        try {
            GuardThreads.create(work, name, 0).start();
        } catch (OutOfMemoryError e) {
            // What is not closed here ends with the process, or by the time-out of its socket.
            return;
        }
    }

    // One write puts it into the queue. Few wait at a time, so the end is looked for.
    private void append(StoreJob<?> job) {
        if (first == null) {
            first = job;
            return;
        }
        StoreJob<?> last = first;
        while (last.next != null) {
            last = last.next;
        }
        last.next = job;
    }

    private synchronized void withdraw(StoreJob<?> job) {
        job.withdrawn = true;
        if (first == job) {
            first = job.next;
        }
        for (StoreJob<?> before = first; before != null; before = before.next) {
            if (before.next == job) {
                before.next = job.next;
            }
        }
    }

    /** How many jobs wait for a thread, as far as that matters. */
    private int waiting() {
        int count = 0;
        for (StoreJob<?> job = first; job != null && count < workers.length; job = job.next) {
            count += job.isWaiting() ? 1 : 0;
        }
        return count;
    }

    private static boolean isAlive(@Nullable Worker worker) {
        return worker != null && worker.thread.isAlive();
    }

    private boolean anyAlive() {
        for (Worker worker : workers) {
            if (isAlive(worker)) {
                return true;
            }
        }
        return false;
    }

    /** Sees to it that the job is done by a thread that lives, or not at all. */
    private synchronized void lookAfter(String what, StoreJob<?> job) throws StoreUnavailableException {
        if (job.isWaiting()) {
            Throwable failure = startThreads();
            if (failure != null && !anyAlive()) {
                withdraw(job);
                throw new StoreUnavailableException(what + ": no thread could be started: " + failure, failure);
            }
        } else if (job.owner != null && !job.owner.thread.isAlive()) {
            job.stopped();
        }
    }

    /** One for each job that waits, up to the limit; null, or why one could not be started. */
    private @Nullable Throwable startThreads() {
        int needed = waiting();
        for (Worker worker : workers) {
            needed -= isAlive(worker) && !worker.isBusy() ? 1 : 0;
        }
        for (int i = 0; i < workers.length && needed > 0; i++) {
            if (isAlive(workers[i])) {
                continue;
            }
            try {
                Worker worker = new Worker(i);
                worker.thread.start();
                workers[i] = worker;
            } catch (RuntimeException | Error e) {
                return e;
            }
            needed--;
        }
        return null;
    }

    final class Worker implements Runnable {

        private final int slot;
        private final Thread thread;
        private @Nullable StoreJob<?> mine;

        Worker(int slot) {
            this.slot = slot;
            this.thread = GuardThreads.create(this, "cloacina-store", 0);
        }

        /** Under the lock. */
        boolean isBusy() {
            return mine != null;
        }

        @Override
        public void run() {
            boolean ended = false;
            while (!ended) {
                try {
                    for (StoreJob<?> job = next(); job != null; job = take()) {
                        job.run();
                    }
                    ended = true;
                    whenIdle.run();
                } catch (Throwable e) {
                    // The thread was stopped; the jobs that wait for it must still be done.
                }
            }
        }

        /** The job that it had when it was stopped, else the next one. */
        private @Nullable StoreJob<?> next() {
            synchronized (StoreThreads.this) {
                if (mine != null && mine.owner == this) {
                    return mine;
                }
            }
            return take();
        }

        /** The next job; null when there was none for long, or none will come. */
        private @Nullable StoreJob<?> take() {
            synchronized (StoreThreads.this) {
                mine = null;
                long end = System.nanoTime() + IDLE_NANOS;
                while (true) {
                    while (first != null && !first.isWaiting()) {
                        first = first.next;
                    }
                    if (first != null) {
                        mine = first;
                        first.owner = this;
                        first = first.next;
                        return mine;
                    }
                    long restNanos = end - System.nanoTime();
                    if (closed || restNanos <= 0) {
                        if (workers[slot] == this) {
                            workers[slot] = null;
                        }
                        return null;
                    }
                    try {
                        StoreThreads.this.wait(restNanos / 1_000_000 + 1);
                    } catch (InterruptedException e) {
                        // Nothing has a reason to interrupt it; it ends when it has been idle.
                    }
                }
            }
        }
    }
}
