// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.Intakes;
import io.cloacina.guard.internal.trust.KeyLimits;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.internal.trust.PackageSignatures;
import io.cloacina.guard.internal.trust.PendingEvent;
import io.cloacina.guard.internal.trust.SigningKeys;
import io.cloacina.guard.internal.trust.Statements;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.internal.trust.TrustGrants;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.trust.TrustWatch;
import io.cloacina.guard.internal.trust.TrustedKeys;
import io.cloacina.guard.internal.trust.VersionFloors;
import io.cloacina.guard.internal.trust.WithdrawnPackages;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * A trust store in PostgreSQL or SQLite.
 *
 * <p>Opening connects to nothing and loads no driver: that happens with the first question, on a thread of the store.
 * Every method waits at most the time-out, then throws {@link StoreUnavailableException}; an interrupt neither shortens
 * the wait nor is lost. Once the store answers again, so does this object. Safe for use by many threads.
 */
public final class JdbiStore implements TrustStore, KeyStore, AutoCloseable {

    private final StoreUrl url;
    private final Duration timeout;
    private final Database database;

    private JdbiStore(StoreUrl url, Database.Purpose purpose, Duration timeout, int connections) {
        this.url = Objects.requireNonNull(url);
        this.timeout = timeout;
        this.database = new Database(url, purpose, timeout, connections, Clock.systemUTC());
    }

    /**
     * For {@link #ask} and {@link #status} only: needs {@code SELECT} on {@code trusted_keys}, {@code key_trust_acls},
     * {@code package_signatures} and, where they are there, on the tables of limits and statements ({@code status} on
     * all tables), writes nothing and makes no file.
     *
     * @param timeout above zero; bounds every wait
     */
    public static JdbiStore openForVerification(StoreUrl url, Duration timeout) {
        return openForVerification(url, timeout, 1);
    }

    /**
     * Like {@link #openForVerification(StoreUrl, Duration)}.
     *
     * @param connections how many connections to a PostgreSQL server it may have at a time, 1 to 8; {@link #watch} has
     *     its own
     */
    public static JdbiStore openForVerification(StoreUrl url, Duration timeout, int connections) {
        return new JdbiStore(url, Database.Purpose.VERIFICATION, timeout, connections);
    }

    /**
     * For a store that is there, made by this program or by the reference; its tables are not changed.
     *
     * @param timeout above zero; bounds every wait
     */
    public static JdbiStore openForKeys(StoreUrl url, Duration timeout) {
        return new JdbiStore(url, Database.Purpose.KEYS, timeout, 1);
    }

    /**
     * Like {@link #openForKeys}, but makes the store if there is none: the SQLite file (mode 0600, its directories
     * 0700) and the tables. One that is there, also the reference's, is left as it is.
     *
     * @param timeout above zero; bounds every wait
     * @throws StoreUnavailableException if that is not possible, or the store is newer than this program
     */
    public static JdbiStore openOrCreate(StoreUrl url, Duration timeout, Clock clock) throws StoreUnavailableException {
        return make(url, timeout, clock, false, false, null);
    }

    /**
     * Like {@link #openOrCreate}, but also brings a store that is there up to date. A database of the reference is
     * adopted: its rows and tables stay as they are, and tables whose names begin with {@code guard_} are added. In a
     * store of this program, PostgreSQL is made to announce changes of trust, if the role may do that.
     *
     * @param timeout above zero; bounds every wait
     * @throws StoreUnavailableException if that is not possible, or the store is newer than this program
     */
    public static JdbiStore create(StoreUrl url, Duration timeout, Clock clock) throws StoreUnavailableException {
        return make(url, timeout, clock, true, false, null);
    }

    /**
     * Like {@link #create}, and where the role may, has PostgreSQL announce changes of trust in a database of the
     * reference too, by a trigger on each of two of its tables; elsewhere that is done in any case.
     *
     * @param timeout above zero; bounds every wait
     * @throws StoreUnavailableException as {@link #create} does
     */
    public static JdbiStore createAnnouncing(StoreUrl url, Duration timeout, Clock clock)
            throws StoreUnavailableException {
        return make(url, timeout, clock, true, true, null);
    }

    /**
     * Like {@link #create} or {@link #createAnnouncing}, keeping an event of what was made.
     *
     * @param notes null if no events are made of changes
     * @throws StoreUnavailableException as {@link #create} does
     */
    public static JdbiStore create(
            StoreUrl url, Duration timeout, Clock clock, boolean announce, StoreChange.@Nullable Notes notes)
            throws StoreUnavailableException {
        return make(url, timeout, clock, true, announce, notes);
    }

    private static JdbiStore make(
            StoreUrl url,
            Duration timeout,
            Clock clock,
            boolean upgrade,
            boolean announce,
            StoreChange.@Nullable Notes notes)
            throws StoreUnavailableException {
        JdbiStore store = new JdbiStore(url, Database.Purpose.KEYS, timeout, 1);
        store.database.noteChanges(notes);
        boolean made = false;
        try {
            store.database.make(clock.instant(), upgrade, announce, store::noteMade);
            made = true;
            return store;
        } finally {
            if (!made) {
                store.close();
            }
        }
    }

    private void noteMade(Handle handle, StoreChange made) {
        database.pending(handle).note(made);
    }

    public StoreUrl url() {
        return url;
    }

    /** Has events made of all changes from now on, and kept in the transaction of each until {@link #forget}. */
    public void noteChanges(StoreChange.Notes noting) {
        database.noteChanges(noting);
    }

    /**
     * The events of changes that are not in the audit log yet, from any process; empty if the store has no table for
     * them.
     */
    public List<PendingEvent> pendingEvents() throws StoreUnavailableException {
        return database.read(
                "read pending events", handle -> database.pending(handle).all());
    }

    /** Forgets events that are on record. */
    public void forget(Collection<UUID> events) throws StoreUnavailableException {
        if (!events.isEmpty() && database.guardTables().pendingEvents()) {
            database.write(
                    "forget events that are on record",
                    handle -> database.pending(handle).remove(events));
        }
    }

    /** Who made the tables. */
    public StoreStatus.Origin origin() throws StoreUnavailableException {
        return database.read("ask who made the store", handle -> Schema.origin(handle, url.dialect()));
    }

    @Override
    public Answer ask(Question question) throws StoreUnavailableException {
        return database.ask(question);
    }

    /**
     * Begins to load the driver and to connect, on a thread of the store, so that the first question does not have to.
     * Waits for nothing; what fails is tried again with the next question, which reports a failure.
     */
    public void prepare() {
        database.prepare();
    }

    /**
     * Watches for changes of trust. What was changed before this returns shows when it is asked afterwards.
     *
     * <p>On PostgreSQL this takes a connection of its own, and waits for it on the calling thread; {@code SELECT} on
     * the tables is not even needed. Where nothing announces changes, and on SQLite, the watch polls: see
     * {@link TrustWatch#await}.
     *
     * @return to be closed by the caller
     * @throws StoreUnavailableException if the store is not there
     */
    public TrustWatch watch() throws StoreUnavailableException {
        return switch (url.dialect()) {
            case POSTGRESQL -> PostgresWatch.open(url, new PostgresConnector(url, timeout));
            case SQLITE -> new SqliteWatch(url, Clock.systemUTC());
        };
    }

    /**
     * The time by the database server's clock, with microseconds; empty for SQLite, which has this machine's clock.
     *
     * @throws StoreUnavailableException if there is no answer within the store's time-out
     */
    public Optional<Instant> serverTime() throws StoreUnavailableException {
        return url.dialect() == Dialect.SQLITE
                ? Optional.empty()
                : Optional.of(database.read("ask for the time", PostgresServerState::time));
    }

    /**
     * If the server is a PostgreSQL replica, how old the last change is that it has replayed: changes of trust hold
     * there when they have been replayed.
     *
     * @throws StoreUnavailableException if there is no answer within the store's time-out
     */
    public Optional<Duration> replicaLag() throws StoreUnavailableException {
        return url.dialect() == Dialect.SQLITE
                ? Optional.empty()
                : database.read("ask for the lag", PostgresServerState::replicaLag);
    }

    /** What is in the store. Reads only. */
    public StoreStatus status() throws StoreUnavailableException {
        return database.read("read the status", handle -> Schema.status(handle, url));
    }

    @Override
    public SigningKeys signingKeys() {
        return new SigningKeyTable(database);
    }

    @Override
    public TrustedKeys trustedKeys() {
        return new TrustedKeyTable(database);
    }

    @Override
    public TrustGrants grants() {
        return new TrustGrantTable(database);
    }

    @Override
    public PackageSignatures signatures() {
        return new PackageSignatureTable(database);
    }

    @Override
    public Statements statements() {
        return new StatementTable(database);
    }

    @Override
    public WithdrawnPackages withdrawnPackages() {
        return new WithdrawnPackageTable(database);
    }

    @Override
    public KeyLimits keyLimits() {
        return new KeyLimitTable(database);
    }

    @Override
    public VersionFloors versionFloors() {
        return new VersionFloorTable(database);
    }

    @Override
    public Intakes intakes() {
        return new IntakeTable(database);
    }

    /** Gives the connections back. What is asked afterwards is refused. */
    @Override
    public void close() {
        database.close();
    }

    @Override
    public String toString() {
        return "JdbiStore[" + url + "]";
    }
}
