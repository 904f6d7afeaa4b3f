// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.process.GuardThreads;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Drives one sink with a thread of its own, so that the thread that records an event waits no longer than its limit,
 * whatever the sink does. Also keeps an interrupted thread of the application from closing a channel under the audit
 * log.
 *
 * <p>A sink is in trouble from its first failure to its next success. Safe for use by many threads.
 *
 * <p>An application can stop the thread at any point ({@code Thread.stop}, until Java 19). So an event stays at the
 * head of the queue until all is done with it, every step can be done again by a thread that finds it half done, and
 * those who wait replace a thread that is gone. All this hangs on monitors alone, which a stopped thread always leaves.
 */
final class SinkWriter implements Runnable {

    /** Receives each change of a sink's state. Called without any lock of the writer. */
    interface Listener {

        /** The sink is in trouble now. */
        void failed(SinkWriter writer, String why);

        /**
         * The sink works again.
         *
         * @param why what the trouble was
         * @param missed how many events it was not given or did not take
         * @param late the event that it took after those who waited for that had given up; null if there was none
         */
        void recovered(SinkWriter writer, String why, long missed, @Nullable UUID late);
    }

    /** How long a thread that is gone may keep a caller waiting. */
    private static final long LOOK_AFTER_NANOS = 100_000_000;

    private final AuditSink sink;
    private final Listener listener;
    private @Nullable Thread thread;
    private @Nullable SinkEntry first;

    /** The last of the queue, or one before it: a thread can be stopped before it has put this right. */
    private @Nullable SinkEntry last;

    private boolean closing;
    private boolean closed;
    private @Nullable IOException closeFailure;

    private @Nullable String trouble;
    private long missed;

    SinkWriter(AuditSink sink, Listener listener) {
        this.sink = sink;
        this.listener = listener;
    }

    String name() {
        return sink.name();
    }

    /** What the trouble is; null if there is none. */
    synchronized @Nullable String trouble() {
        return trouble;
    }

    /**
     * Puts an event at the end of the queue. A sink in trouble gets one at a time: if it is still busy with that, the
     * entry has failed already.
     */
    SinkEntry submit(EncodedEvent event) {
        String why;
        boolean change;
        synchronized (this) {
            if (closing) {
                return SinkEntry.failed(event, "it was closed");
            }
            if (trouble != null && isBusy()) {
                // Its thread may be what the trouble is about.
                startThread();
                missed++;
                return SinkEntry.failed(event, trouble);
            }
            why = startThread();
            if (why == null) {
                SinkEntry entry = new SinkEntry(event);
                append(entry);
                notifyAll();
                return entry;
            }
            change = miss(why);
        }
        if (change) {
            listener.failed(this, why);
        }
        return SinkEntry.failed(event, why);
    }

    private boolean isBusy() {
        SinkEntry entry = first;
        while (entry != null && entry.settled) {
            entry = entry.next;
        }
        return entry != null;
    }

    /** One write puts it into the queue; the writes before and after that may be missing. Under the lock. */
    private void append(SinkEntry entry) {
        if (first == null) {
            last = entry;
            first = entry;
            return;
        }
        SinkEntry end = last == null ? first : last;
        while (end.next != null) {
            end = end.next;
        }
        end.next = entry;
        last = entry;
    }

    /**
     * Makes sure that there is a thread. Under the lock.
     *
     * @return why there is none, which is for lack of memory; null if there is one
     */
    private @Nullable String startThread() {
        if (thread != null && thread.isAlive()) {
            return null;
        }
        try {
            Thread made = GuardThreads.create(this, "cloacina-guard-audit", 0);
            made.start();
            thread = made;
            return null;
        } catch (RuntimeException | Error e) {
            return "its thread could not be started: " + e;
        }
    }

    private synchronized void replaceThread() {
        if (first != null || closing && !closed) {
            startThread();
        }
    }

    /**
     * Waits until the event is written. One that is not yet being written when the wait ends never will be.
     *
     * @param deadline as {@code System.nanoTime} counts
     * @param limitMillis the wait that the deadline comes from, for the message
     * @return null if it was written, else why not
     */
    @Nullable
    String await(SinkEntry entry, long deadline, long limitMillis) {
        if (awaitDone(entry, deadline)) {
            synchronized (this) {
                return entry.failure;
            }
        }
        String why = "it did not take an event within " + limitMillis + " ms";
        boolean change;
        synchronized (this) {
            if (entry.settled) {
                return entry.failure;
            }
            entry.givenUp = true;
            entry.withdraw();
            change = miss(why);
        }
        if (change) {
            listener.failed(this, why);
        }
        return why;
    }

    /** Whether it was done before the deadline. */
    private boolean awaitDone(SinkEntry entry, long deadline) {
        boolean interrupted = false;
        boolean done = false;
        long restNanos = deadline - System.nanoTime();
        try {
            do {
                try {
                    done = entry.awaitFor(Math.min(restNanos, LOOK_AFTER_NANOS));
                    if (!done) {
                        replaceThread();
                    }
                } catch (InterruptedException e) {
                    // The interrupt is not meant for the wait; the caller finds it when the decision is there.
                    interrupted = true;
                }
                restNanos = deadline - System.nanoTime();
            } while (!done && restNanos > 0);
        } finally {
            if (interrupted) {
                GuardThreads.restoreInterrupt();
            }
        }
        return done;
    }

    /** Whether that is new. Under the lock. */
    private boolean miss(String why) {
        missed++;
        boolean change = trouble == null;
        if (change) {
            trouble = why;
        }
        return change;
    }

    @Override
    public void run() {
        boolean ended = false;
        while (!ended) {
            try {
                writeAll();
                close();
                ended = true;
            } catch (Throwable e) {
                // Thread.stop was called. The thread goes on, because without it no event would ever be recorded again.
                ended = false;
            }
        }
    }

    private void writeAll() {
        for (SinkEntry entry = head(); entry != null; entry = head()) {
            int before = entry.begin();
            if (before == SinkEntry.WAITING) {
                // The state is reported before the waiting thread goes on, so that what it does next comes after.
                settle(entry, write(entry.event));
            } else if (before == SinkEntry.WRITING) {
                settle(entry, "it was stopped while it took the event");
            }
            if (before != SinkEntry.WITHDRAWN) {
                entry.end();
            }
            remove(entry);
        }
    }

    private void settle(SinkEntry entry, @Nullable String failure) {
        String before;
        long count;
        boolean change = false;
        synchronized (this) {
            if (entry.settled) {
                return;
            }
            entry.failure = failure;
            entry.settled = true;
            before = trouble;
            if (failure == null) {
                count = entry.givenUp ? missed - 1 : missed;
                trouble = null;
                missed = 0;
            } else {
                count = 0;
                change = !entry.givenUp && miss(failure);
            }
        }
        if (failure != null && change) {
            listener.failed(this, failure);
        } else if (failure == null && before != null) {
            listener.recovered(this, before, count, entry.givenUp ? entry.event.id() : null);
        }
    }

    private @Nullable String write(EncodedEvent event) {
        // An application can interrupt the thread, and Thread.stop does so too. With that the sink would close its
        // channel.
        Thread.interrupted();
        try {
            sink.write(event);
            return null;
        } catch (IOException e) {
            // Those of files have nothing but the file as their message.
            return e.getMessage() == null || e instanceof FileSystemException ? e.toString() : e.getMessage();
        } catch (Throwable e) {
            // The thread goes on, because without it no event would ever be recorded again.
            return "it failed: " + e;
        }
    }

    /** The next event, which stays in the queue; null when the queue is empty and nothing comes any more. */
    private synchronized @Nullable SinkEntry head() {
        while (first == null) {
            if (closing) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                // Nothing has a reason to interrupt it; it ends when it is closed.
            }
        }
        return first;
    }

    private synchronized void remove(SinkEntry entry) {
        if (first == entry) {
            first = entry.next;
        }
    }

    private void close() {
        IOException failure = null;
        try {
            sink.close();
        } catch (IOException e) {
            failure = e;
        } catch (Throwable e) {
            failure = new IOException("audit sink [" + name() + "] could not be closed", e);
        }
        synchronized (this) {
            closeFailure = failure;
            closed = true;
            notifyAll();
        }
    }

    /** Lets nothing in any more; what is in the queue is still written, then the sink is closed. */
    void startClosing() {
        boolean idle;
        synchronized (this) {
            boolean begins = !closing;
            closing = true;
            idle = begins && (thread == null || startThread() != null);
            notifyAll();
        }
        if (idle) {
            close();
        }
    }

    /**
     * Waits until it is closed.
     *
     * @throws IOException if the sink could not be closed, or not in time
     */
    void awaitClosed(long deadline) throws IOException {
        boolean interrupted = false;
        try {
            synchronized (this) {
                while (!closed) {
                    long restNanos = deadline - System.nanoTime();
                    if (restNanos <= 0) {
                        throw new IOException("audit sink [" + name() + "] could not be closed: it is busy");
                    }
                    try {
                        long nanos = Math.min(restNanos, LOOK_AFTER_NANOS);
                        wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
                        replaceThread();
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
                if (closeFailure != null) {
                    throw closeFailure;
                }
            }
        } finally {
            if (interrupted) {
                GuardThreads.restoreInterrupt();
            }
        }
    }
}
