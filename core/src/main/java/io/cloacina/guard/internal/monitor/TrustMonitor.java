// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.monitor;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.GuardEvents;
import io.cloacina.guard.audit.LostTrust;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.monitor.LoadedPackages.Loaded;
import io.cloacina.guard.internal.monitor.LoadedPackages.TrustLoss;
import io.cloacina.guard.internal.store.StoreOnDemand;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.Verdict;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The trust monitor: the packages that were loaded because their signers were trusted, and the watch over that trust.
 * Neither is made, nor any class of theirs loaded, before the first such package.
 */
public final class TrustMonitor {

    private final GuardConfig config;
    private final Clock clock;
    private final AuditLog audit;
    private final TrustStore trust;
    private final @Nullable StoreOnDemand store;
    private final Instant started;
    private final ArrayDeque<GuardStatus.Refused> refusals = new ArrayDeque<>();
    private volatile @Nullable LoadedPackages packages;
    private volatile @Nullable String storeTrouble;
    private volatile boolean storeAsked;
    private volatile @Nullable String outage;
    private volatile @Nullable RevocationWatch watch;
    private boolean stopped;

    /**
     * @param trust who is trusted
     * @param store where that is changed; null if it is fixed, so that there is nothing to watch
     */
    public TrustMonitor(
            GuardConfig config, Clock clock, AuditLog audit, TrustStore trust, @Nullable StoreOnDemand store) {
        this.config = config;
        this.clock = clock;
        this.audit = audit;
        this.trust = trust;
        this.store = store;
        this.started = clock.instant();
    }

    /**
     * Remembers a package that was allowed because of its signer.
     *
     * @param kind what it is, as in events
     * @param trustedBy the organisation that trusts the signer directly; null if a configured key file does
     * @param packageName as a signature of version 2 has it; null if only those of version 1 count
     */
    public void loaded(
            String packagePath,
            String kind,
            PackageHash hash,
            Fingerprint signer,
            @Nullable UUID trustedBy,
            @Nullable String packageName) {
        LoadedPackages known = packages;
        if (known == null) {
            known = begin();
        }
        RevocationWatch watching = watch;
        if (watching != null) {
            watching.start();
        }
        known.add(packagePath, hash, signer, kind, trustedBy, packageName, clock.instant());
    }

    private synchronized LoadedPackages begin() {
        if (packages == null) {
            LoadedPackages made = new LoadedPackages();
            if (store != null
                    && config.orgId() != null
                    && !config.revocationPoll().isZero()
                    && !stopped) {
                watch = new RevocationWatch(trust, store, config.orgId(), config.revocationPoll(), made, this, clock);
            }
            packages = made;
        }
        return packages;
    }

    /** Takes note of whether the store answered. */
    public void storeSaid(Verdict verdict) {
        if (store == null) {
            return;
        }
        storeAsked = true;
        if (verdict instanceof Verdict.Refused refused && refused.reason() == Refusal.STORE_UNAVAILABLE) {
            if (storeTrouble == null) {
                storeTrouble = "unavailable since " + Rfc3339.format(clock.instant()) + ": " + refused.error();
            }
        } else if (storeTrouble != null) {
            storeTrouble = null;
        }
    }

    public void refused(String packagePath, Refusal reason, @Nullable Object error) {
        GuardStatus.Refused refused =
                new GuardStatus.Refused(clock.instant(), packagePath, reason.code(), String.valueOf(error));
        synchronized (refusals) {
            if (refusals.size() == GuardStatus.MOST_REFUSALS) {
                refusals.removeLast();
            }
            refusals.addFirst(refused);
        }
    }

    public GuardStatus status(Map<String, Long> counts) {
        List<GuardStatus.Refused> last;
        synchronized (refusals) {
            last = List.copyOf(refusals);
        }
        LoadedPackages known = packages;
        RevocationWatch watching = watch;
        if (watching != null) {
            watching.start();
        }
        List<GuardStatus.LoadedPackage> loaded = new ArrayList<>();
        for (Loaded one : known == null ? List.<Loaded>of() : known.all()) {
            TrustLoss loss = one.notified;
            loaded.add(new GuardStatus.LoadedPackage(
                    one.path,
                    one.hash.hex(),
                    one.signer.hex(),
                    one.kind,
                    one.first,
                    one.last,
                    one.times,
                    loss == null ? null : loss.why));
        }
        return new GuardStatus(
                config.mode(),
                config.orgId() == null ? null : config.orgId().toString(),
                store == null ? null : store.url().toString(),
                storeState(),
                watchState(known),
                started,
                config.digest(),
                counts,
                last,
                loaded,
                known == null ? 0 : known.forgotten());
    }

    private String storeState() {
        if (store == null) {
            return "none";
        }
        String trouble = storeTrouble;
        if (trouble != null) {
            return trouble;
        }
        return storeAsked ? "answering" : "not asked yet";
    }

    private boolean isToBeWatched() {
        return store != null
                && config.orgId() != null
                && !config.revocationPoll().isZero();
    }

    private String watchState(@Nullable LoadedPackages known) {
        if (!isToBeWatched()) {
            return "off";
        }
        if (known == null) {
            return "idle";
        }
        String trouble = outage;
        return trouble == null ? "watching" : trouble;
    }

    /** @param why null if all is well again */
    public void degraded(String what, @Nullable String why) {
        audit.note(
                why == null
                        ? GuardEvents.recovered(config.orgId(), what, null)
                        : GuardEvents.degraded(config.orgId(), what, why));
    }

    /** After this returns the monitor records no more events. */
    public void stop() {
        RevocationWatch open;
        synchronized (this) {
            stopped = true;
            open = watch;
        }
        if (open != null) {
            open.stop();
        }
    }

    /**
     * Records the loss of trust in the signer of a loaded package. Called on the thread of the watch.
     *
     * @throws AuditFailedException if the event could not be recorded
     */
    public void trustLost(Loaded loaded, TrustLoss loss) throws AuditFailedException {
        audit.record(LostTrust.of(config.orgId(), loaded.path, loaded.hash, loaded.signer, loaded.kind)
                .loaded(loaded.first, loaded.last, loaded.times)
                .because(loss.how, loss.by, loss.at, loss.why));
    }

    /** The store cannot be watched; called once until {@link #watching}, on the thread of the watch. */
    public void outage(String why) {
        outage = "not watching since " + Rfc3339.format(clock.instant()) + ": " + why;
        degraded("revocations are not noticed in this JVM until the trust store can be watched again", why);
    }

    /** The store can be watched again. */
    public void watching() {
        outage = null;
        degraded("revocations are noticed again", null);
    }
}
