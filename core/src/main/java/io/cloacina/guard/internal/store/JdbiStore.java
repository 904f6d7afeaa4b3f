// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.trust.KeyStore;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.PendingEvent;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreChange;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustStore;
import io.cloacina.guard.trust.TrustWatch;
import io.cloacina.guard.trust.TrustedKey;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

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
    private final Codecs codecs;
    private final Clock clock;
    private final StoreAccess access;
    private volatile StoreChange.Notes notes;

    private JdbiStore(StoreUrl url, StoreAccess.Purpose purpose, Duration timeout, int connections) {
        this.url = Objects.requireNonNull(url);
        this.timeout = timeout;
        this.codecs = url.dialect().codecs();
        this.clock = Clock.systemUTC();
        this.access = new StoreAccess(url, purpose, timeout, connections, clock);
    }

    /**
     * For {@link #ask} and {@link #status} only: needs {@code SELECT} on {@code trusted_keys}, {@code key_trust_acls}
     * and {@code package_signatures} ({@code status} on all tables), writes nothing and makes no file.
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
        return new JdbiStore(url, StoreAccess.Purpose.VERIFICATION, timeout, connections);
    }

    /**
     * For a store that is there, made by this program or by the reference; its tables are not changed.
     *
     * @param timeout above zero; bounds every wait
     */
    public static JdbiStore openForKeys(StoreUrl url, Duration timeout) {
        return new JdbiStore(url, StoreAccess.Purpose.KEYS, timeout, 1);
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
     * @throws StoreUnavailableException as {@link #create} does
     */
    public static JdbiStore create(
            StoreUrl url, Duration timeout, Clock clock, boolean announce, StoreChange.Notes notes)
            throws StoreUnavailableException {
        return make(url, timeout, clock, true, announce, notes);
    }

    private static JdbiStore make(
            StoreUrl url, Duration timeout, Clock clock, boolean upgrade, boolean announce, StoreChange.Notes notes)
            throws StoreUnavailableException {
        JdbiStore store = new JdbiStore(url, StoreAccess.Purpose.KEYS, timeout, 1);
        store.notes = notes;
        boolean made = false;
        try {
            store.access.make(clock.instant(), upgrade, announce, store::noteMade);
            made = true;
            return store;
        } finally {
            if (!made) {
                store.close();
            }
        }
    }

    private void noteMade(Handle handle, StoreChange made) {
        pending(handle).note(made);
    }

    public StoreUrl url() {
        return url;
    }

    /** Has events made of all changes from now on, and kept in the transaction of each until {@link #forget}. */
    public void noteChanges(StoreChange.Notes noting) {
        notes = noting;
    }

    /**
     * The events of changes that are not in the audit log yet, from any process; empty if the store has no table for
     * them.
     */
    public List<PendingEvent> pendingEvents() throws StoreUnavailableException {
        return access.read("read pending events", handle -> pending(handle).all());
    }

    /** Forgets events that are on record. */
    public void forget(Collection<UUID> events) throws StoreUnavailableException {
        if (!events.isEmpty() && access.guardTables().pendingEvents()) {
            access.write(
                    "forget events that are on record",
                    handle -> pending(handle).remove(events));
        }
    }

    /** Who made the tables. */
    public StoreStatus.Origin origin() throws StoreUnavailableException {
        return access.read("ask who made the store", handle -> Schema.origin(handle, url.dialect()));
    }

    @Override
    public Answer ask(Question question) throws StoreUnavailableException {
        return access.ask(question);
    }

    /**
     * Begins to load the driver and to connect, on a thread of the store, so that the first question does not have to.
     * Waits for nothing; what fails is tried again with the next question, which reports a failure.
     */
    public void prepare() {
        access.prepare();
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
                : Optional.of(access.read("ask for the time", PostgresServerState::time));
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
                : access.read("ask for the lag", PostgresServerState::replicaLag);
    }

    /** What is in the store. Reads only. */
    public StoreStatus status() throws StoreUnavailableException {
        return access.read("read the status", handle -> Schema.status(handle, url));
    }

    @Override
    public <E extends Exception> boolean addSigningKey(SealedKey row, KekCheck<E> kek)
            throws StoreUnavailableException, E {
        return refusable("add a signing key", handle -> {
            KeyCheck check =
                    KeyCheck.locked(handle, url.dialect(), access.guardTables().keyCheck(), clock);
            KeyTables tables = tables(handle);
            try {
                check.require(kek, tables.allSealedKeys());
            } catch (JdbiException e) {
                throw e;
            } catch (Exception e) {
                throw new StoreAccess.Refused(e);
            }
            return tables.addSigningKey(row);
        });
    }

    @Override
    public List<SigningKey> signingKeys(UUID orgId) throws StoreUnavailableException {
        return sorted(
                access.read("list signing keys", handle -> tables(handle).signingKeys(orgId)),
                Comparator.comparing(SigningKey::createdAt).thenComparing(SigningKey::id));
    }

    @Override
    public Optional<SealedKey> sealedKey(UUID keyId) throws StoreUnavailableException {
        return access.read("read a signing key", handle -> tables(handle).sealedKey(keyId));
    }

    @Override
    public boolean revokeSigningKey(UUID keyId, Instant at) throws StoreUnavailableException {
        return access.write("revoke a signing key", handle -> tables(handle).revokeSigningKey(keyId, at));
    }

    @Override
    public <E extends Exception> int reseal(Resealer<E> resealer, String checkValue)
            throws StoreUnavailableException, E {
        return refusable("reseal the signing keys", handle -> {
            KeyCheck check =
                    KeyCheck.locked(handle, url.dialect(), access.guardTables().keyCheck(), clock);
            KeyTables tables = tables(handle);
            tables.lock("signing_keys");
            int count = resealAll(tables, resealer);
            check.put(checkValue);
            pending(handle).note(new StoreChange.KeysResealed(count));
            return count;
        });
    }

    /** A change that what was given to it may end by throwing {@code E}, and nothing else checked. */
    private <T, E extends Exception> T refusable(String what, StoreAccess.Operation<T> operation)
            throws StoreUnavailableException, E {
        try {
            return access.write(what, operation);
        } catch (StoreAccess.Refused e) {
            if (e.getCause() instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            // As the operation promises.
            @SuppressWarnings("unchecked")
            E declared = (E) e.getCause();
            throw declared;
        }
    }

    private static int resealAll(KeyTables tables, Resealer<?> resealer) {
        List<SealedKey> rows = tables.allSealedKeys();
        for (SealedKey row : rows) {
            try {
                tables.seal(row.key().id(), resealer.reseal(row));
            } catch (JdbiException e) {
                throw e;
            } catch (Exception e) {
                throw new StoreAccess.Refused(e);
            }
        }
        return rows.size();
    }

    @Override
    public boolean addTrustedKey(TrustedKey row) throws StoreUnavailableException {
        return access.write("add a trusted key", handle -> tables(handle).addTrustedKey(row));
    }

    @Override
    public Optional<TrustedKey> trustedKey(UUID orgId, Fingerprint fingerprint) throws StoreUnavailableException {
        return access.read("read a trusted key", handle -> tables(handle).trustedKey(orgId, fingerprint));
    }

    @Override
    public List<TrustedKey> trustedKeys(UUID orgId) throws StoreUnavailableException {
        return sortedKeys(
                access.read("list trusted keys", handle -> tables(handle).trustedKeys(orgId)));
    }

    @Override
    public List<TrustedKey> trustedKeys(Fingerprint fingerprint) throws StoreUnavailableException {
        return sortedKeys(
                access.read("list trusted keys", handle -> tables(handle).trustedKeys(fingerprint)));
    }

    @Override
    public List<TrustedKey> inheritedKeys(UUID orgId) throws StoreUnavailableException {
        return sortedKeys(
                access.read("list inherited keys", handle -> tables(handle).inheritedKeys(orgId)));
    }

    @Override
    public boolean revokeTrustedKey(UUID id, Instant at) throws StoreUnavailableException {
        return access.write("revoke a trusted key", handle -> tables(handle).revokeTrustedKey(id, at));
    }

    @Override
    public List<TrustedKey> revokeTrustedKeys(Fingerprint fingerprint, Instant at) throws StoreUnavailableException {
        return sortedKeys(access.write("revoke a trusted key", handle -> {
            KeyTables tables = tables(handle);
            tables.lock("trusted_keys");
            return tables.revokeTrustedKeys(fingerprint, at);
        }));
    }

    @Override
    public boolean replaceTrustedKey(TrustedKey row) throws StoreUnavailableException {
        return access.write("change a trusted key", handle -> tables(handle).replaceTrustedKey(row));
    }

    @Override
    public boolean addGrant(TrustGrant row) throws StoreUnavailableException {
        return access.write("add a grant", handle -> tables(handle).addGrant(row));
    }

    @Override
    public Optional<TrustGrant> grant(UUID parentOrgId, UUID childOrgId) throws StoreUnavailableException {
        return access.read("read a grant", handle -> tables(handle).grant(parentOrgId, childOrgId));
    }

    @Override
    public List<TrustGrant> grants(UUID parentOrgId) throws StoreUnavailableException {
        return sorted(
                access.read("list grants", handle -> tables(handle).grants(parentOrgId)),
                Comparator.comparing(TrustGrant::grantedAt).thenComparing(TrustGrant::id));
    }

    @Override
    public boolean revokeGrant(UUID id, Instant at) throws StoreUnavailableException {
        return access.write("revoke a grant", handle -> tables(handle).revokeGrant(id, at));
    }

    @Override
    public boolean reinstateGrant(UUID id, Instant grantedAt) throws StoreUnavailableException {
        return access.write("reinstate a grant", handle -> tables(handle).reinstateGrant(id, grantedAt));
    }

    @Override
    public boolean addSignature(PackageSignature row) throws StoreUnavailableException {
        return access.write("add a signature", handle -> signatures(handle).add(row));
    }

    @Override
    public List<PackageSignature> addSignatures(List<PackageSignature> rows) throws StoreUnavailableException {
        return access.write("add signatures", handle -> signatures(handle).addAll(rows));
    }

    @Override
    public boolean replaceSignature(PackageSignature row) throws StoreUnavailableException {
        return access.write("replace a signature", handle -> signatures(handle).replace(row));
    }

    @Override
    public long packagesAlsoSignedByOthers(Fingerprint fingerprint) throws StoreUnavailableException {
        return access.read("count signatures", handle -> signatures(handle).alsoSignedByOthers(fingerprint));
    }

    @Override
    public List<PackageSignature> signatures(PackageHash packageHash) throws StoreUnavailableException {
        return sorted(
                access.read("list signatures", handle -> signatures(handle).of(packageHash)),
                Comparator.comparing(PackageSignature::signedAt).thenComparing(PackageSignature::keyFingerprint));
    }

    /** Gives the connections back. What is asked afterwards is refused. */
    @Override
    public void close() {
        access.close();
    }

    @Override
    public String toString() {
        return "JdbiStore[" + url + "]";
    }

    private KeyTables tables(Handle handle) {
        return new KeyTables(handle, url.dialect(), codecs, pending(handle));
    }

    private SignatureTable signatures(Handle handle) throws SQLException {
        boolean withOrganisation = Schema.signaturesHaveOrganisation(handle, url.dialect());
        return new SignatureTable(handle, codecs, pending(handle), withOrganisation);
    }

    private PendingEvents pending(Handle handle) {
        return new PendingEvents(handle, codecs, access.guardTables().pendingEvents(), notes);
    }

    private static List<TrustedKey> sortedKeys(List<TrustedKey> rows) {
        return sorted(rows, Comparator.comparing(TrustedKey::trustedAt).thenComparing(TrustedKey::id));
    }

    // In the program and not in SQL: the text form of a time need not sort like the time.
    private static <T> List<T> sorted(List<T> rows, Comparator<T> order) {
        return rows.stream().sorted(order).toList();
    }
}
