// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.monitor;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.monitor.LoadedPackages.Loaded;
import io.cloacina.guard.internal.monitor.LoadedPackages.TrustLoss;
import io.cloacina.guard.internal.process.GuardThreads;
import io.cloacina.guard.internal.store.StoreOnDemand;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.internal.trust.TrustWatch;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.WithdrawnPackage;
import io.cloacina.guard.verify.Refusal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reports when trust is lost that packages were loaded on, also by a limit of a key that is set or runs out. It runs on one daemon thread of its own. The thread holds no
 * lock while it waits or asks, each of its waits is bounded, and it survives outages of the store.
 *
 * <p>It decides nothing: what is loaded anew asks the store itself.
 */
final class RevocationWatch implements Runnable {

    private static final long FIRST_PAUSE_MILLIS = 1_000;
    private static final long LONGEST_PAUSE_MILLIS = 60_000;

    /** However fast trust changes, it is asked about no more often than this. */
    private static final long BETWEEN_CHECKS_MILLIS = 500;

    private final TrustStore trust;
    private final StoreOnDemand store;
    private final UUID orgId;
    private final Duration poll;
    private final LoadedPackages loaded;
    private final TrustMonitor monitor;
    private final Clock clock;
    /** When the next limit of a key runs out that a package was loaded on; no change of the store tells of that. */
    private Instant nextEnd = Instant.MAX;

    private volatile boolean stopped;
    private final Object state = new Object();
    private volatile @Nullable Thread thread;
    private volatile @Nullable TrustWatch watching;
    private boolean outage;

    /**
     * @param trust asked who is trusted, with all that the configuration adds to {@code store}
     * @param poll how long a change that is not announced may go unnoticed
     */
    RevocationWatch(
            TrustStore trust,
            StoreOnDemand store,
            UUID orgId,
            Duration poll,
            LoadedPackages loaded,
            TrustMonitor monitor,
            Clock clock) {
        this.trust = trust;
        this.store = store;
        this.orgId = orgId;
        this.poll = poll;
        this.loaded = loaded;
        this.monitor = monitor;
        this.clock = clock;
    }

    /**
     * Makes sure that there is a thread: an application can stop it ({@code Thread.stop}, until Java 19), and where
     * there is no memory for one it is tried again with the next call.
     */
    void start() {
        Thread seen = thread;
        if (stopped || seen != null && seen.isAlive()) {
            return;
        }
        String why = null;
        synchronized (state) {
            if (thread == seen && !stopped) {
                try {
                    Thread made = GuardThreads.create(this, "cloacina-guard-revocations", 0);
                    made.start();
                    thread = made;
                } catch (RuntimeException | Error e) {
                    why = "its thread could not be started: " + e;
                }
            }
        }
        if (why != null) {
            tell(why);
        }
    }

    /** After this returns nothing more is reported. */
    void stop() {
        synchronized (state) {
            stopped = true;
            state.notifyAll();
        }
        TrustWatch open = watching;
        if (open != null) {
            open.close();
        }
        synchronized (this) {
            // A report that was under way has ended.
            return;
        }
    }

    @Override
    public void run() {
        while (!stopped) {
            try {
                watch();
            } catch (Throwable e) {
                // The thread was stopped while it reported or paused; trust is watched as long as there is a guard.
            }
        }
    }

    private void watch() {
        long pause = FIRST_PAUSE_MILLIS;
        while (!stopped) {
            String failure = null;
            try (TrustWatch watch = store.watch()) {
                watching = watch;
                // Finds what was lost before there was a watch.
                check();
                tell(null);
                pause = FIRST_PAUSE_MILLIS;
                while (!stopped) {
                    boolean changed = watch.await(untilNextLook());
                    if (changed || loaded.hasUnasked() || clock.instant().isAfter(nextEnd)) {
                        check();
                        await(BETWEEN_CHECKS_MILLIS);
                    }
                }
            } catch (StoreUnavailableException e) {
                failure = e.getMessage();
            } catch (Throwable e) {
                failure = "the watch failed: " + e;
            }
            try {
                if (failure != null) {
                    tell(failure);
                }
            } finally {
                await(pause);
            }
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
    }

    private Duration untilNextLook() {
        Instant now = clock.instant();
        if (nextEnd.isAfter(now.plus(poll))) {
            return poll;
        }
        Duration left = Duration.between(now, nextEnd);
        return left.isNegative() ? Duration.ofMillis(1) : left.plusMillis(1);
    }

    private void await(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        try {
            synchronized (state) {
                for (long rest = millis; !stopped && rest > 0; rest = (end - System.nanoTime()) / 1_000_000) {
                    state.wait(rest);
                }
            }
        } catch (InterruptedException e) {
            // An interrupt from outside shortens one wait, and no more.
            return;
        }
    }

    /** @param why null if all is well */
    private synchronized void tell(@Nullable String why) {
        if (stopped || outage == (why != null)) {
            return;
        }
        outage = why != null;
        if (why != null) {
            monitor.outage(why);
        } else {
            monitor.watching();
        }
    }

    /** Asks about every loaded package and every signer of one, and reports what was lost since the last time. */
    private void check() throws StoreUnavailableException {
        // Before the signers count as asked about: if it fails, they are asked about again.
        Map<PackageHash, TrustLoss> withdrawn = withdrawn();
        nextEnd = Instant.MAX;
        for (Fingerprint signer : loaded.signers()) {
            boolean done = false;
            try {
                check(signer, withdrawn);
                done = true;
            } finally {
                if (!done) {
                    loaded.askAgain(signer);
                }
            }
        }
    }

    private Map<PackageHash, TrustLoss> withdrawn() throws StoreUnavailableException {
        Set<PackageHash> hashes = new HashSet<>();
        for (Loaded one : loaded.all()) {
            hashes.add(one.hash);
        }
        Map<PackageHash, TrustLoss> withdrawn = new HashMap<>();
        for (WithdrawnPackage row : store.withdrawn(orgId, hashes)) {
            String text = new Withdrawal(row.orgId(), row.reason(), row.withdrawnAt()).text();
            // Several organisations may have withdrawn it; the first stays the same one whatever the others do.
            withdrawn.putIfAbsent(
                    row.packageHash(),
                    new TrustLoss(TrustLoss.PACKAGE_WITHDRAWN, row.orgId(), row.withdrawnAt(), "the package " + text));
        }
        return withdrawn;
    }

    private void check(Fingerprint signer, Map<PackageHash, TrustLoss> withdrawn) throws StoreUnavailableException {
        List<Loaded> packages = loaded.of(signer);
        if (packages.isEmpty()) {
            return;
        }
        // The trust in the signer is all that is asked for; any package of theirs will do.
        Question question = new Question(orgId, packages.get(0).hash, false, List.of(signer));
        SignerTrust now = trust.ask(question).trustIn(signer);
        Map<UUID, TrustLoss> losses = new HashMap<>();
        for (Loaded one : packages) {
            TrustLoss withdrawal = withdrawn.get(one.hash);
            if (withdrawal != null) {
                tell(one, withdrawal);
                continue;
            }
            if (now instanceof SignerTrust.Trusted trusted) {
                TrustLoss limit = limit(one, trusted);
                if (limit == null) {
                    loaded.notified(one, null);
                } else {
                    tell(one, limit);
                }
                continue;
            }
            TrustLoss loss = losses.get(one.trustedBy);
            if (loss == null) {
                loss = loss(one, now);
                losses.put(one.trustedBy, loss);
            }
            tell(one, loss);
        }
    }

    /** Which limit of its signer's key is against a package; null if there is trust whose limit lets it. */
    private @Nullable TrustLoss limit(Loaded one, SignerTrust.Trusted trusted) {
        Instant now = clock.instant();
        boolean within = isWithin(one, trusted.limit(), now);
        for (SignerTrust.Trusted other : trusted.others()) {
            within |= isWithin(one, other.limit(), now);
        }
        if (within) {
            return null;
        }
        KeyLimit limit = trusted.limit();
        Instant end = limit.notAfter();
        String key = "its signer's key is " + one.signer + Refusal.LIMITED;
        if (end != null && limit.isOverAt(now)) {
            return new TrustLoss(
                    TrustLoss.KEY_LIMITED, trusted.trustedBy(), end, key + "until " + Rfc3339.format(end) + " only");
        }
        String names = KeyText.shown(String.join(", ", limit.packageNames()));
        return new TrustLoss(
                TrustLoss.KEY_LIMITED, trusted.trustedBy(), null, key + "for packages called [" + names + "] only");
    }

    private boolean isWithin(Loaded one, KeyLimit limit, Instant now) {
        Instant end = limit.notAfter();
        if (end != null && !limit.isOverAt(now) && end.isBefore(nextEnd)) {
            nextEnd = end;
        }
        return !limit.isOverAt(now) && limit.allows(one.packageName);
    }

    private synchronized void tell(Loaded one, TrustLoss loss) {
        if (stopped || !loaded.mustBeNotified(one, loss)) {
            return;
        }
        try {
            monitor.trustLost(one, loss);
            loaded.notified(one, loss);
        } catch (AuditFailedException e) {
            loaded.askAgain(one.signer);
        }
    }

    private TrustLoss loss(Loaded one, SignerTrust now) throws StoreUnavailableException {
        String key = "its signer's key " + one.signer;
        if (now instanceof SignerTrust.Revoked revoked) {
            String named = revoked.name() == null ? "" : " (" + revoked.name() + ")";
            return new TrustLoss(
                    TrustLoss.KEY_REVOKED,
                    revoked.revokedBy(),
                    revoked.revokedAt(),
                    key + named + " was revoked " + Rfc3339.format(revoked.revokedAt()) + " by organisation "
                            + revoked.revokedBy());
        }
        if (now instanceof SignerTrust.Unusable unusable) {
            return new TrustLoss(
                    TrustLoss.KEY_UNUSABLE, null, null, key + " is not trusted any more: " + unusable.why());
        }
        if (one.trustedBy != null && !one.trustedBy.equals(orgId)) {
            Optional<TrustGrant> grant = store.grant(orgId, one.trustedBy);
            if (grant.isPresent() && grant.get().revokedAt() != null) {
                Instant at = grant.get().revokedAt();
                return new TrustLoss(
                        TrustLoss.GRANT_REVOKED,
                        orgId,
                        at,
                        key + " was trusted through organisation " + one.trustedBy
                                + ", and the grant to that was revoked " + Rfc3339.format(at));
            }
        }
        return new TrustLoss(
                TrustLoss.TRUST_REMOVED, null, null, key + " is not trusted any more: there is no row of trust in it");
    }
}
