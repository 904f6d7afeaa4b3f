package io.cloacina.guard.audit;

import io.cloacina.guard.GuardThreads;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.UUID;

/**
 * Drives one sink with a thread of its own, so that whoever records waits no longer than he wants to, whatever the sink
 * does. Also keeps an interrupted thread of the application from closing a channel under the record.
 *
 * <p>A sink is in trouble from its first failure to its next success. Safe for use by many threads.
 */
final class SinkWriter implements Runnable {

    /** What is told of a sink whose state has changed. Called without any lock of the writer. */
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
        void recovered(SinkWriter writer, String why, long missed, UUID late);
    }

    /** One event on its way into the sink. */
    static final class Entry {
        private static final int WAITING = 0;
        private static final int WRITING = 1;
        private static final int DONE = 2;
        private static final int WITHDRAWN = 3;

        private final EncodedEvent event;
        private int state = WAITING;

        // These three under the lock of the writer.
        private boolean settled;
        private boolean givenUp;
        private String failure;
        private Entry next;

        private Entry(EncodedEvent event) {
            this.event = event;
        }

        private static Entry failed(EncodedEvent event, String why) {
            Entry entry = new Entry(event);
            entry.state = DONE;
            entry.settled = true;
            entry.failure = why;
            return entry;
        }

        private synchronized boolean begin() {
            if (state == WITHDRAWN) {
                return false;
            }
            state = WRITING;
            return true;
        }

        private synchronized void withdraw() {
            if (state == WAITING) {
                state = WITHDRAWN;
            }
        }

        private synchronized void end() {
            state = DONE;
            notifyAll();
        }

        /** Whether it was done before the deadline. */
        private boolean await(long deadline) {
            boolean interrupted = false;
            synchronized (this) {
                long restNanos = deadline - System.nanoTime();
                while (state != DONE && restNanos > 0) {
                    try {
                        wait(restNanos / 1_000_000, (int) (restNanos % 1_000_000));
                    } catch (InterruptedException e) {
                        // Whoever interrupts does not mean the record; he finds the mark when the decision is there.
                        interrupted = true;
                    }
                    restNanos = deadline - System.nanoTime();
                }
            }
            if (interrupted) {
                GuardThreads.restoreInterrupt();
            }
            return state() == DONE;
        }

        private synchronized int state() {
            return state;
        }
    }

    private final AuditSink sink;
    private final Listener listener;
    private Thread thread;
    private Entry first;
    private Entry last;
    private Entry current;
    private boolean closing;
    private boolean closed;
    private IOException closeFailure;

    private String trouble;
    private long missed;

    SinkWriter(AuditSink sink, Listener listener) {
        this.sink = sink;
        this.listener = listener;
    }

    String name() {
        return sink.name();
    }

    /** What the trouble is; null if there is none. */
    synchronized String trouble() {
        return trouble;
    }

    /**
     * Puts an event at the end of the queue. A sink in trouble gets one at a time: if it is still busy with that, the
     * entry has failed already.
     */
    synchronized Entry submit(EncodedEvent event) {
        if (closing) {
            return Entry.failed(event, "it was closed");
        }
        if (trouble != null && (current != null || first != null)) {
            missed++;
            return Entry.failed(event, trouble);
        }
        Entry entry = new Entry(event);
        if (first == null) {
            first = entry;
        } else {
            last.next = entry;
        }
        last = entry;
        if (thread == null) {
            thread = GuardThreads.create(this, "cloacina-guard-audit", 0);
            thread.start();
        }
        notifyAll();
        return entry;
    }

    /**
     * Waits until the event is written. One that is not yet being written when the wait ends never will be.
     *
     * @param deadline as {@code System.nanoTime} counts
     * @param limitMillis the wait that the deadline comes from, for the message
     * @return null if it was written, else why not
     */
    String await(Entry entry, long deadline, long limitMillis) {
        if (entry.await(deadline)) {
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
        for (Entry entry = take(); entry != null; entry = take()) {
            if (entry.begin()) {
                // The state is told before the waiting thread goes on, so that what it does next comes after.
                settle(entry, write(entry.event));
                entry.end();
            }
        }
        close();
    }

    private void settle(Entry entry, String failure) {
        String before;
        long count;
        boolean change = false;
        synchronized (this) {
            current = null;
            entry.settled = true;
            entry.failure = failure;
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
        if (change) {
            listener.failed(this, failure);
        } else if (failure == null && before != null) {
            listener.recovered(this, before, count, entry.givenUp ? entry.event.id() : null);
        }
    }

    private String write(EncodedEvent event) {
        try {
            sink.write(event);
            return null;
        } catch (IOException e) {
            // Those of files have nothing but the file as their message.
            return e.getMessage() == null || e instanceof FileSystemException ? e.toString() : e.getMessage();
        } catch (RuntimeException | LinkageError | VirtualMachineError e) {
            // The thread goes on: without it nothing would ever be recorded again.
            return "it failed: " + e;
        }
    }

    private synchronized Entry take() {
        current = null;
        while (first == null) {
            if (closing) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt it; it ends when it is closed.
                continue;
            }
        }
        Entry entry = first;
        first = entry.next;
        entry.next = null;
        current = entry;
        return entry;
    }

    private void close() {
        IOException failure = null;
        try {
            sink.close();
        } catch (IOException e) {
            failure = e;
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
            idle = thread == null && !closing;
            closing = true;
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
                        wait(restNanos / 1_000_000, (int) (restNanos % 1_000_000));
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
