package io.cloacina.guard.store;

import io.cloacina.guard.GuardThreads;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The threads on which a store works, so that nobody who asks it waits longer than the limit, whatever its driver does.
 *
 * <p>Few, daemons, gone when idle. They inherit nothing from whoever asks: no thread-locals, and a context class loader
 * that is never an application's.
 */
final class StoreThreads implements AutoCloseable {

    private static final int MOST = 8;
    private static final long IDLE_SECONDS = 120;
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Duration limit;
    private final Semaphore free = new Semaphore(MOST, true);
    private final ThreadPoolExecutor executor;

    /** @param whenIdle runs on a thread that ends because there was nothing to do for two minutes, or ever again */
    StoreThreads(Duration limit, Runnable whenIdle) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("a store time-out is longer than nothing, not [" + limit + "]");
        }
        this.limit = limit.compareTo(LONGEST) < 0 ? limit : LONGEST;
        // The semaphore is the bound.
        this.executor = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), new Threads(whenIdle));
    }

    /** Like all classes here that could be lambdas: the first question of a JVM would wait for those to be made. */
    private record Threads(Runnable whenIdle) implements ThreadFactory {

        @Override
        public Thread newThread(Runnable loop) {
            return GuardThreads.create(new LoopThenIdle(loop, whenIdle), "cloacina-store", 0);
        }
    }

    private record LoopThenIdle(Runnable loop, Runnable whenIdle) implements Runnable {

        @Override
        public void run() {
            loop.run();
            whenIdle.run();
        }
    }

    private record Waited<T>(Work<T> work, Wait whose) implements Callable<T> {

        @Override
        public T call() throws Exception {
            return work.run(whose);
        }
    }

    private record Freeing(Runnable task, Semaphore free) implements Runnable {

        @Override
        public void run() {
            try {
                task.run();
            } finally {
                free.release();
            }
        }
    }

    /** What runs on a store thread. */
    interface Work<T> {
        T run(Wait wait) throws Exception;
    }

    /** Somebody who waits for a piece of work, as the work sees it. */
    static final class Wait {

        private boolean over;
        private Link link;

        /** Whether nobody waits any more: from then on the work must not change anything. */
        synchronized boolean isOver() {
            return over;
        }

        /** Says which link the work may get stuck in. */
        synchronized void uses(Link used) {
            link = used;
            if (over) {
                used.abandon();
            }
        }

        /** The work is done with the link, and will no longer get stuck in it. */
        synchronized void leaves() {
            link = null;
        }

        private synchronized void end() {
            over = true;
            if (link != null) {
                link.abandon();
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
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    if (!free.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                        throw late(what, null);
                    }
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            Wait wait = new Wait();
            FutureTask<T> task = new FutureTask<>(new Waited<>(work, wait));
            submit(what, task);
            while (true) {
                try {
                    return task.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    wait.end();
                    throw late(what, e);
                }
            }
        } finally {
            if (interrupted) {
                GuardThreads.restoreInterrupt();
            }
        }
    }

    private void submit(String what, Runnable task) throws StoreUnavailableException {
        boolean handedOver = false;
        try {
            executor.execute(new Freeing(task, free));
            handedOver = true;
        } catch (RejectedExecutionException e) {
            throw new StoreUnavailableException(what + ": the store was closed", e);
        } finally {
            if (!handedOver) {
                free.release();
            }
        }
    }

    private StoreUnavailableException late(String what, Throwable cause) {
        return new StoreUnavailableException(what + ": no answer within " + limit.toMillis() + " ms", cause);
    }

    /** Runs {@code work} if a thread is free for it, and waits for nothing. */
    void begin(Runnable work) {
        if (!free.tryAcquire()) {
            return;
        }
        boolean handedOver = false;
        try {
            executor.execute(new Freeing(work, free));
            handedOver = true;
        } catch (RejectedExecutionException e) {
            // The store was closed; whoever asks it next will be told.
            return;
        } finally {
            if (!handedOver) {
                free.release();
            }
        }
    }

    /** Work that has begun goes on; new work is refused. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
