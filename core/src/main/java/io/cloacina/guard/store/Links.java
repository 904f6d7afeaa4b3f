// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.store;

import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;

/**
 * The connections of one store. One that is idle is used again, the youngest first; whether it still works shows when
 * it is used.
 */
final class Links implements AutoCloseable {

    private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Connector connector;
    private final ConcurrentLinkedDeque<Idle> idle = new ConcurrentLinkedDeque<>();
    private final Object preparing = new Object();
    private volatile boolean closed;

    Links(Connector connector) {
        this.connector = connector;
    }

    private record Idle(Link link, long since) {}

    /** What is done with a connection. */
    interface Use<T> {
        T through(Link link) throws Exception;
    }

    /**
     * Reads. If a connection that was idle fails, which may only mean that the server was restarted meanwhile, once
     * more through a fresh one.
     */
    <T> T read(StoreThreads.Wait wait, Use<T> use) throws Exception {
        Link kept = takeIdle();
        if (kept != null && isCurrent(kept)) {
            try {
                Outcome<T> outcome = use(kept, wait, use);
                if (outcome.counts) {
                    return outcome.value;
                }
            } catch (SQLException | JdbiException e) {
                if (wait.isOver()) {
                    throw e;
                }
            }
        }
        for (int attempt = 0; attempt < 10 && !wait.isOver(); attempt++) {
            Outcome<T> outcome = use(connector.open(), wait, use);
            if (outcome.counts) {
                return outcome.value;
            }
        }
        throw new IOException("the store's file changes faster than it can be read");
    }

    /** Makes a connection for the first question, if there is none. */
    void prepare() throws IOException, SQLException {
        synchronized (preparing) {
            if (!idle.isEmpty()) {
                return;
            }
            Link link = connector.open();
            boolean done = false;
            try {
                link.question();
                done = link.isReusable();
            } finally {
                if (done) {
                    keep(link);
                } else {
                    link.close();
                }
            }
        }
    }

    /** Changes, once: nothing is tried again whose outcome is not known. */
    <T> T write(StoreThreads.Wait wait, Use<T> use) throws Exception {
        Link kept = takeIdle();
        boolean usable = kept != null && isCurrent(kept) && isAlive(kept, wait);
        Outcome<T> outcome = use(usable ? kept : connector.open(), wait, use);
        if (!outcome.counts) {
            throw new IOException("the store's file was taken away while it was written to");
        }
        return outcome.value;
    }

    /** Closes the link if it is not. */
    private static boolean isCurrent(Link link) throws IOException {
        boolean current = false;
        try {
            current = link.isCurrent();
            return current;
        } finally {
            if (!current) {
                link.close();
            }
        }
    }

    /** Closes the link if it is not. */
    private static boolean isAlive(Link link, StoreThreads.Wait wait) throws SQLException {
        wait.uses(link);
        boolean alive = false;
        try {
            alive = link.isAlive();
            return alive;
        } finally {
            wait.leaves();
            if (!alive) {
                link.close();
            }
        }
    }

    private record Outcome<T>(T value, boolean counts) {}

    private <T> Outcome<T> use(Link link, StoreThreads.Wait wait, Use<T> use) throws Exception {
        wait.uses(link);
        boolean done = false;
        boolean counts = false;
        try {
            T value = use.through(link);
            counts = link.confirms();
            done = true;
            return new Outcome<>(value, counts);
        } finally {
            wait.leaves();
            if (done && counts && link.isReusable() && !wait.isOver()) {
                keep(link);
            } else {
                link.close();
            }
        }
    }

    private Link takeIdle() {
        Idle youngest;
        // Who asks while the first connection is being made waits for that one.
        synchronized (preparing) {
            youngest = idle.pollFirst();
        }
        return youngest == null ? null : youngest.link;
    }

    private void keep(Link link) {
        idle.addFirst(new Idle(link, System.nanoTime()));
        if (closed) {
            close();
        }
    }

    /** Closes what has been idle for a minute. */
    void closeOld() {
        long now = System.nanoTime();
        for (Idle oldest = idle.peekLast(); oldest != null; oldest = idle.peekLast()) {
            if (!closed && now - oldest.since < OLD_NANOS) {
                return;
            }
            if (idle.removeLastOccurrence(oldest)) {
                oldest.link.close();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Idle next = idle.pollFirst(); next != null; next = idle.pollFirst()) {
            next.link.close();
        }
    }
}
