// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one store. One that is idle is used again, the youngest first; whether it still works shows when
 * it is used.
 */
final class ConnectionPool implements AutoCloseable {

    private static final long OLD_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Connector connector;
    private final ConcurrentLinkedDeque<Idle> idle = new ConcurrentLinkedDeque<>();
    private final Object preparing = new Object();
    private volatile boolean closed;

    ConnectionPool(Connector connector) {
        this.connector = connector;
    }

    private record Idle(PooledConnection pooled, long since) {}

    /** What is done with a connection. */
    interface Use<T> {
        T through(PooledConnection pooled) throws Exception;
    }

    /**
     * Reads. If a connection that was idle fails, which may only mean that the server was restarted meanwhile, once
     * more through a fresh one.
     */
    <T> T read(StoreThreads.Deadline deadline, Use<T> use) throws Exception {
        PooledConnection kept = takeIdle();
        if (kept != null && isCurrent(kept)) {
            try {
                Outcome<T> outcome = use(kept, deadline, use);
                if (outcome.counts) {
                    return outcome.value;
                }
            } catch (SQLException | JdbiException e) {
                if (deadline.isOver()) {
                    throw e;
                }
            }
        }
        for (int attempt = 0; attempt < 10 && !deadline.isOver(); attempt++) {
            Outcome<T> outcome = use(connector.open(), deadline, use);
            if (outcome.counts) {
                return outcome.value;
            }
        }
        throw new IOException("the store's file changes faster than it can be read");
    }

    /**
     * Makes a connection for the first question, if there is none.
     *
     * @param first tries it
     */
    void prepare(Use<?> first) throws Exception {
        synchronized (preparing) {
            if (!idle.isEmpty()) {
                return;
            }
            PooledConnection pooled = connector.open();
            boolean done = false;
            try {
                first.through(pooled);
                done = pooled.confirms() && pooled.isReusable();
            } finally {
                if (done) {
                    keep(pooled);
                } else {
                    pooled.close();
                }
            }
        }
    }

    /** Changes, once: nothing is tried again whose outcome is not known. */
    <T> T write(StoreThreads.Deadline deadline, Use<T> use) throws Exception {
        PooledConnection kept = takeIdle();
        if (kept == null || !isCurrent(kept) || !isAlive(kept, deadline)) {
            kept = connector.open();
        }
        Outcome<T> outcome = use(kept, deadline, use);
        if (!outcome.counts) {
            throw new IOException("the store's file was taken away while it was written to");
        }
        return outcome.value;
    }

    /** Closes the connection if it is not. */
    private static boolean isCurrent(PooledConnection pooled) throws IOException {
        boolean current = false;
        try {
            current = pooled.isCurrent();
            return current;
        } finally {
            if (!current) {
                pooled.close();
            }
        }
    }

    /** Closes the connection if it is not. */
    private static boolean isAlive(PooledConnection pooled, StoreThreads.Deadline deadline) throws SQLException {
        deadline.uses(pooled);
        boolean alive = false;
        try {
            alive = pooled.isAlive();
            return alive;
        } finally {
            deadline.leaves();
            if (!alive) {
                pooled.close();
            }
        }
    }

    private record Outcome<T>(T value, boolean counts) {}

    private <T> Outcome<T> use(PooledConnection pooled, StoreThreads.Deadline deadline, Use<T> use) throws Exception {
        deadline.uses(pooled);
        boolean done = false;
        boolean counts = false;
        try {
            T value = use.through(pooled);
            counts = pooled.confirms();
            done = true;
            return new Outcome<>(value, counts);
        } finally {
            deadline.leaves();
            if (done && counts && pooled.isReusable() && !deadline.isOver()) {
                keep(pooled);
            } else {
                pooled.close();
            }
        }
    }

    private @Nullable PooledConnection takeIdle() {
        Idle youngest;
        // A caller that asks while the first connection is being made waits for that one.
        synchronized (preparing) {
            youngest = idle.pollFirst();
        }
        return youngest == null ? null : youngest.pooled;
    }

    private void keep(PooledConnection pooled) {
        idle.addFirst(new Idle(pooled, System.nanoTime()));
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
                oldest.pooled.close();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Idle next = idle.pollFirst(); next != null; next = idle.pollFirst()) {
            next.pooled.close();
        }
    }
}
