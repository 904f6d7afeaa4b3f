// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** The database of a {@link JdbiStore}: its threads, connections and transactions. */
final class Database {

    /** What a store is opened for. */
    enum Purpose {
        /** Asks, with nothing but SELECT; makes and writes nothing, not even SQLite's helper files. */
        VERIFICATION,
        /** Reads and changes rows of tables that are there. */
        KEYS
    }

    private static final int UNKNOWN = -1;

    private final StoreUrl url;
    private final Purpose purpose;
    private final Duration timeout;
    private final Clock clock;
    private final StoreThreads threads;
    private volatile @Nullable ConnectionPool pool;
    private volatile int version = UNKNOWN;
    private volatile GuardTables guardTables = GuardTables.NONE;
    private volatile StoreChange.@Nullable Notes notes;
    private volatile boolean asksForLimits;
    private volatile boolean closed;

    /** @param connections how many connections to a PostgreSQL server it may have at a time */
    Database(StoreUrl url, Purpose purpose, Duration timeout, int connections, Clock clock) {
        this.url = url;
        this.purpose = purpose;
        this.timeout = timeout;
        this.clock = clock;
        this.threads = new StoreThreads(
                timeout,
                new ClosingOldConnections(),
                url.dialect() == Dialect.POSTGRESQL ? connections : StoreThreads.MOST);
    }

    Dialect dialect() {
        return url.dialect();
    }

    Codecs codecs() {
        return url.dialect().codecs();
    }

    Clock clock() {
        return clock;
    }

    /** Known once the store was read or changed. */
    GuardTables guardTables() {
        return guardTables;
    }

    /** Has events made of all changes from now on; null for none. */
    void noteChanges(StoreChange.@Nullable Notes noting) {
        notes = noting;
    }

    /** Keeps the events of changes, in the transaction of {@code handle}. */
    PendingEvents pending(Handle handle) {
        return new PendingEvents(handle, codecs(), guardTables.pendingEvents(), notes);
    }

    /** Whether the store has the tables of limits and of statements. */
    private boolean hasLimits(PooledConnection pooled) throws SQLException {
        // A store for verification knows no version: its role may not read that.
        return version == UNKNOWN
                ? !pooled.list(
                                "SELECT 1 WHERE " + dialect().tableIsThere(VerificationSql.LIMITS_TABLE),
                                statement -> {},
                                row -> true)
                        .isEmpty()
                : version >= Schema.WITH_LIMITS;
    }

    /** Rows of a table that older stores lack; those have none. */
    <T> List<T> readLimits(String what, Operation<List<T>> operation) throws StoreUnavailableException {
        return readLimitsWithoutJdbi(what, pooled -> with(pooled, operation));
    }

    /** As {@link #readLimits}, in a JVM that may have no other use for JDBI. */
    <T> List<T> readLimitsWithoutJdbi(String what, ConnectionPool.Use<List<T>> use) throws StoreUnavailableException {
        return call(
                what,
                deadline -> pool().read(deadline, pooled -> {
                    requireTables(pooled);
                    return hasLimits(pooled) ? use.through(pooled) : List.of();
                }));
    }

    /** Rows of a table that stores before {@code since} lack; those have none. */
    <T> List<T> readSince(int since, String what, Operation<List<T>> operation) throws StoreUnavailableException {
        return call(
                what,
                deadline -> pool().read(deadline, pooled -> {
                    requireTables(pooled);
                    return version >= since ? with(pooled, operation) : List.of();
                }));
    }

    private static <T> T with(PooledConnection pooled, Operation<T> operation) throws Exception {
        try (Handle handle = pooled.jdbi().open()) {
            return operation.on(handle);
        }
    }

    /** A change of a table that older stores lack. */
    <T> T writeLimits(String what, Operation<T> operation) throws StoreUnavailableException {
        return writeSince(Schema.WITH_LIMITS, what, operation);
    }

    /** A change of a table that stores before {@code since} lack. */
    <T> T writeSince(int since, String what, Operation<T> operation) throws StoreUnavailableException {
        return write(what, handle -> {
            // The store is brought up to date by each change, as far as this role may do that.
            if (version < since) {
                throw new SQLException(
                        "the store has no table for this: let the owner of the tables run cloacina store init");
            }
            return operation.on(handle);
        });
    }

    // In the program and not in SQL: the text form of a time need not sort like the time.
    static <T> List<T> sorted(List<T> rows, Comparator<T> order) {
        return rows.stream().sorted(order).toList();
    }

    Answer ask(Question question) throws StoreUnavailableException {
        return call("ask for trust", new Asking(question));
    }

    /** A class of its own, because the first question of a JVM would wait for lambdas to be made. */
    private final class Asking implements StoreThreads.Work<Answer>, ConnectionPool.Use<Answer> {
        private final Question question;

        Asking(Question question) {
            this.question = question;
        }

        @Override
        public Answer run(StoreThreads.Deadline deadline) throws Exception {
            return pool().read(deadline, this);
        }

        @Override
        public boolean mayRepeat() {
            return true;
        }

        @Override
        public Answer through(PooledConnection pooled) throws SQLException {
            requireTables(pooled);
            asksForLimits = pooled.hasLimits();
            return Verification.ask(pooled, question);
        }
    }

    void prepare() {
        threads.begin(new Preparing());
    }

    /**
     * Asks what no package will: the first question of a JVM waits longest for the driver to load what reads an answer,
     * and for the server to load what it knows of the tables.
     */
    private final class Preparing implements Runnable, ConnectionPool.Use<Answer> {
        @Override
        public void run() {
            try {
                pool().prepare(this);
            } catch (Exception | LinkageError e) {
                // The question will fail for the same reason, and reports it.
                return;
            }
        }

        @Override
        public Answer through(PooledConnection pooled) throws SQLException {
            UUID nobody = new UUID(0, 0);
            return Verification.ask(pooled, new Question(nobody, PackageHash.ofDigest(new byte[32]), true, List.of()));
        }
    }

    /** What is done in a transaction, or to read. */
    interface Operation<T> {
        T on(Handle handle) throws Exception;
    }

    <T> T read(String what, Operation<T> operation) throws StoreUnavailableException {
        return call(
                what,
                deadline -> pool().read(deadline, pooled -> {
                    requireTables(pooled);
                    return with(pooled, operation);
                }));
    }

    <T> T write(String what, Operation<T> operation) throws StoreUnavailableException {
        if (purpose != Purpose.KEYS) {
            throw new IllegalStateException("a store that was opened for verification changes nothing");
        }
        return call(
                what,
                deadline -> pool().write(deadline, pooled -> {
                    requireTables(pooled);
                    int before = version;
                    GuardTables tablesBefore = guardTables;
                    boolean done = false;
                    try {
                        T result = inTransaction(pooled, deadline, handle -> {
                            if (before > 0 && before < Schema.NEWEST) {
                                version = Schema.upgrade(handle, url.dialect(), clock.instant());
                                guardTables = GuardTables.of(handle, url.dialect(), version);
                            }
                            return operation.on(handle);
                        });
                        done = true;
                        return result;
                    } finally {
                        if (!done) {
                            // What was made for this change is undone with it.
                            version = before;
                            guardTables = tablesBefore;
                        }
                    }
                }));
    }

    /** Commits only if the caller still waits for it. */
    private static <T> T inTransaction(PooledConnection pooled, StoreThreads.Deadline deadline, Operation<T> operation)
            throws Exception {
        try (Handle handle = pooled.jdbi().open()) {
            return handle.inTransaction(open -> {
                T result = operation.on(open);
                if (deadline.isOver()) {
                    throw new SQLException("the deadline of this change has passed; it is undone");
                }
                return result;
            });
        }
    }

    private void requireTables(PooledConnection pooled) throws SQLException {
        if (purpose == Purpose.KEYS && version == UNKNOWN) {
            try (Handle handle = pooled.jdbi().open()) {
                int found = Schema.require(handle, url.dialect());
                guardTables = GuardTables.of(handle, url.dialect(), found);
                version = found;
            }
        }
    }

    /** Receives, in the same transaction, what was made. */
    interface Noting {
        void note(Handle handle, StoreChange made);
    }

    /**
     * Makes the store if it is not there.
     *
     * @param upgrade whether one that is there is brought up to date, or adopted
     */
    void make(Instant now, boolean upgrade, boolean announce, Noting noting) throws StoreUnavailableException {
        call("make the store", deadline -> {
            if (url.file().isPresent()) {
                SqliteFile.makeIfMissing(url.file().get());
            }
            boolean needed = upgrade
                    || pool().read(deadline, pooled -> {
                        try (Handle handle = pooled.jdbi().open()) {
                            return !Schema.isThere(handle, url.dialect());
                        }
                    });
            if (!needed) {
                return false;
            }
            pool().write(
                            deadline,
                            pooled -> inTransaction(pooled, deadline, handle -> {
                                StoreChange made = Schema.migrate(handle, url.dialect(), now, announce);
                                guardTables = GuardTables.of(handle, url.dialect(), Schema.NEWEST);
                                version = Schema.NEWEST;
                                if (made != null) {
                                    noting.note(handle, made);
                                }
                                return true;
                            }));
            if (url.file().isPresent()) {
                pool().write(deadline, pooled -> SqliteFile.shareByWal(pooled, timeout));
            }
            return true;
        });
    }

    private <T> T call(String what, StoreThreads.Work<T> work) throws StoreUnavailableException {
        String operation = "trust store [" + url + "]: " + what;
        try {
            return threads.call(operation, work);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Refused refused) {
                throw refused;
            }
            if (cause instanceof StoreUnavailableException) {
                throw new StoreUnavailableException(operation + ":  " + cause.getMessage(), cause);
            }
            if (cause instanceof SQLException
                    || cause instanceof JdbiException
                    || cause instanceof IOException
                    || cause instanceof LinkageError) {
                throw new StoreUnavailableException(
                        operation + ":  "
                                + StoreFailure.reason(cause, url, purpose == Purpose.VERIFICATION, asksForLimits),
                        cause);
            }
            throw new IllegalStateException(operation + " failed", cause);
        }
    }

    /** Made on a thread of the store, because it loads the driver. */
    private synchronized ConnectionPool pool() throws IOException {
        if (closed) {
            throw new IOException("the store was closed");
        }
        if (pool == null) {
            pool = new ConnectionPool(connector());
        }
        return pool;
    }

    private Connector connector() {
        return switch (url.dialect()) {
            case POSTGRESQL -> new PostgresConnector(url, timeout);
            case SQLITE ->
                new SqliteConnector(
                        url.file().orElseThrow(), purpose == Purpose.VERIFICATION, timeout, Clock.systemUTC());
        };
    }

    private final class ClosingOldConnections implements Runnable {
        @Override
        public void run() {
            ConnectionPool open = pool;
            if (open != null) {
                open.closeOld();
            }
        }
    }

    void close() {
        closed = true;
        threads.close();
        ConnectionPool open = pool;
        if (open != null) {
            // Closing may wait for the database, and no caller should wait for that.
            StoreThreads.start("cloacina-store-close", open::close);
        }
    }

    /** Carries what a resealer threw out of the transaction, which it has ended. */
    static final class Refused extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Refused(Exception cause) {
            super(cause);
        }
    }
}
