// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.GuardEvents;
import io.cloacina.guard.audit.SinkConfigurationException;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.config.TrustedKeyFiles;
import io.cloacina.guard.internal.monitor.GuardStatus;
import io.cloacina.guard.internal.monitor.TrustMonitor;
import io.cloacina.guard.internal.store.StoreOnDemand;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.text.Fields;
import io.cloacina.guard.internal.trust.FixedKeys;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.Verdict;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The entry point: {@link #admit(Load, Path)} decides on one load, and the decision is recorded before it is returned.
 *
 * <p>A load that cannot be decided on or recorded is refused if signatures are required. In audit mode it is recorded,
 * as far as that is possible, and allowed. No decision is cached. Safe for use by many threads.
 */
public final class Guard implements AutoCloseable {

    private final GuardConfig config;
    private final Decider decider;
    private final Recorder recorder;
    private final AuditLog audit;
    private final @Nullable Closeable store;
    private final @Nullable TrustMonitor monitor;
    private final Map<String, String> degraded = new ConcurrentHashMap<>();

    /**
     * @param trust answers whose keys count
     * @param store is closed with the guard
     * @param audit where decisions are recorded; closed with the guard
     * @param monitor remembers what was loaded; null if nothing is to be remembered
     * @param clock tells whether signatures, and trust in keys, have expired
     */
    public Guard(
            GuardConfig config,
            TrustStore trust,
            @Nullable Closeable store,
            AuditLog audit,
            @Nullable TrustMonitor monitor,
            Clock clock) {
        LoadEvents events = new LoadEvents(config.orgId());
        this.config = config;
        this.store = store;
        this.audit = audit;
        this.monitor = monitor;
        this.decider = new Decider(config, new TrustQuestions(config, trust, monitor, clock), events);
        this.recorder = new Recorder(config, audit, events, monitor);
    }

    /**
     * Opens what the configuration names. The trust store is not asked yet: one that does not answer now may answer
     * when it is needed.
     *
     * @throws ConfigException if a key file or an audit file cannot be opened, or the store's address is malformed
     */
    public static Guard open(GuardConfig config, Clock clock) throws ConfigException {
        FixedKeys keys = new FixedKeys(TrustedKeyFiles.read(config.trustedKeys()));
        config.requireEnough(keys.size());
        StoreUrl url = storeUrl(config);
        AuditLog audit;
        try {
            audit = AuditLog.open(
                    clock, config.audit(), config.auditSettings(), config.orgId(), new DigestOf(config), true);
        } catch (SinkConfigurationException e) {
            throw new ConfigException("[cloacina.audit] has a bad value: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ConfigException("[cloacina.audit] cannot be opened for writing: " + e.getMessage(), e);
        }
        if (url == null) {
            return new Guard(config, keys, null, audit, new TrustMonitor(config, clock, audit, keys, null), clock);
        }
        StoreOnDemand store = new StoreOnDemand(url, config.storeTimeout(), config.storeConnections());
        TrustStore trust = keys.over(store);
        return new Guard(config, trust, store, audit, new TrustMonitor(config, clock, audit, trust, store), clock);
    }

    /** Computed when it is asked for, with the first event: a start need not wait for it. */
    private record DigestOf(GuardConfig config) {
        @Override
        public String toString() {
            return config.digest();
        }
    }

    /**
     * Begins to connect to the trust store, if there is one. Waits for nothing; what fails shows in the first decision.
     */
    public void prepare() {
        if (store instanceof StoreOnDemand onDemand) {
            onDemand.prepare();
        }
    }

    private static @Nullable StoreUrl storeUrl(GuardConfig config) throws ConfigException {
        try {
            return config.databaseUrl() == null ? null : StoreUrl.parse(config.databaseUrl());
        } catch (IllegalArgumentException e) {
            throw new ConfigException("[cloacina.database_url] has a bad value: " + e.getMessage(), e);
        }
    }

    /**
     * Decides on a file or directory.
     *
     * @param copy where to put the private copy: a path that does not exist yet, in a directory that only this process
     *     writes to. If the answer says that it was copied, it is there; otherwise the caller removes what may be left
     */
    public Admission admit(Load load, Path copy) {
        return admit(load, copy, Covers.NONE);
    }

    /**
     * As {@link #admit(Load, Path)}; what an acceptable package covers needs no signature of its own. In audit mode,
     * what any package covers needs none: the refusal that would have been is that of the package.
     */
    public Admission admit(Load load, Path copy, Covers covers) {
        recorder.begins(load, copy, 0);
        return recorder.record(decider.onFile(load, copy, covers));
    }

    /**
     * Decides on an archive that holds a class which is about to be defined, and which its loader has opened by itself.
     *
     * @param hash as the archive was read
     * @param named whether the class itself names the archive; only then it may be exempt. That equal bytes lie in an exempt
     *     archive, too, says nothing about where they were read
     * @param onlyGood whether nothing is to be decided on one that neither verifies nor is exempt: another may hold the class
     * @return null if nothing was decided
     */
    public @Nullable Admission admitContaining(Load load, PackageHash hash, boolean named, boolean onlyGood) {
        recorder.begins(load, null, 0);
        Decision decision = decider.onContaining(load, hash, named, onlyGood);
        return decision == null ? null : recorder.record(decision);
    }

    /**
     * Decides on a package by its hash alone: one that is open already, so that trust is asked for again.
     *
     * @param hash as the package was read
     */
    public Admission admit(Load load, PackageHash hash) {
        return admit(load, hash, (Cover) null);
    }

    /**
     * As {@link #admit(Load, PackageHash)}.
     *
     * @param cover what covered it when it was read; null if it was signed itself
     */
    public Admission admit(Load load, PackageHash hash, @Nullable Cover cover) {
        recorder.begins(load, null, 0);
        return recorder.record(decider.onHash(load, null, hash, Covers.just(cover)));
    }

    /**
     * Decides on an archive inside a package that was admitted, of which a loader takes a class: it may have been
     * withdrawn. Only a refusal is recorded.
     *
     * @param load the archive inside
     * @param cover the package that was admitted
     */
    public Admission admitInside(Load load, PackageHash hash, Cover cover) {
        return recorder.record(decider.onInside(load, hash, cover));
    }

    /**
     * As {@link #admit(Load, PackageHash, Cover)}, for a load that was decided on and recorded, and is used now. Trust
     * may have been lost in between, so it is asked for again; only a refusal is recorded.
     *
     * @param copy the private copy of what is loaded, for {@code covers}; null where those do not read it
     */
    public Admission admitAgain(Load load, @Nullable Path copy, PackageHash hash, Covers covers) {
        return recorder.record(decider.again(load, copy, hash, covers));
    }

    /** Records a native library that belongs to the operating system, as {@code cloacina.system_libraries} says. */
    public Admission systemLibrary(Load load) {
        return recorder.record(decider.belonging(load, "cloacina.system_libraries"));
    }

    /** Records that resources are read from a directory that needs no signature because no class comes from it. */
    public Admission resourceDirectory(Load load) {
        return recorder.record(decider.belonging(load, "cloacina.resource_directories"));
    }

    /** Records what the JVM's own command line named: it is trusted, as the JVM is. */
    public Admission namedByCommandLine(Load load) {
        return recorder.record(decider.belonging(load, "the command line"));
    }

    /** Decides on bytes that are all in memory. */
    public Admission admit(Load load, byte[] content) {
        recorder.begins(load, null, content.length);
        return recorder.record(decider.onHash(load, null, PackageHash.ofContent(content), Covers.NONE));
    }

    /**
     * Counts code that is in no package, if that is all there is to do with it.
     *
     * @return false if it must be decided on by {@link #dynamicCode}; nothing is counted then
     */
    public boolean countsDynamicCode() {
        if (config.dynamicCode() == GuardConfig.Permission.DENY) {
            return false;
        }
        recorder.countDynamicCode();
        return true;
    }

    /**
     * Decides on code that is in no package: generated, or defined without an origin.
     *
     * @param what names it for a person
     */
    public Admission dynamicCode(Load load, String what) {
        return countsDynamicCode()
                ? new Admission.Allowed(false, null, null)
                : refuse(
                        load,
                        Refusal.DYNAMIC_CODE,
                        null,
                        what + " is in no package, and cloacina.dynamic_code is [deny]");
    }

    /**
     * Decides on a class whose bytes are not those of its entry in the package it claims.
     *
     * @param packageHash null if the package is exempt, and so was not read
     * @param first whether this is the package's first such class: one event a package is enough
     */
    public Admission differentClass(Load load, String className, @Nullable PackageHash packageHash, boolean first) {
        return recorder.record(decider.differentClass(load, className, packageHash, first));
    }

    /** Refuses, or in audit mode records what would have been refused. */
    public Admission refuse(Load load, Refusal reason, @Nullable PackageHash hash, String error) {
        return recorder.record(decider.refuse(load, reason, hash, error));
    }

    /** Refuses in audit mode, too: a load that would disable the guard itself. */
    public Admission refuseAlways(Load load, Refusal reason, String error) {
        return recorder.record(decider.deny(load, new Verdict.Refused(null, reason, error, null)));
    }

    /** Whether a load that does not verify is refused, not just recorded. */
    public boolean isEnforcing() {
        return config.requireSignatures();
    }

    /**
     * Shows the banner on standard error. From then on a refusal is written there too, because hosts swallow its
     * exceptions, as far as {@link SaidRefusals} lets them, and not where standard error gets the events.
     */
    public void announce(int hooks) {
        recorder.lines().announce(hooks);
    }

    RefusalLines lines() {
        return recorder.lines();
    }

    /**
     * Has decisions seen from now on; there is one observer at most, and it stays.
     *
     * @throws IllegalStateException if there is one already
     */
    public void observe(DecisionObserver newObserver) {
        recorder.observe(newObserver);
    }

    /**
     * Records, as {@code guard.degraded}, that something of the guard does not work as it should; no load is let
     * through because of it. What is degraded already for the same reason is not recorded again. Waits for nothing and
     * never fails, so it may be called from anywhere.
     *
     * @param why null if all is well again
     */
    public void degraded(String what, @Nullable String why) {
        boolean known = why == null ? degraded.remove(what) == null : why.equals(degraded.put(what, why));
        if (!known && monitor != null) {
            monitor.degraded(what, why);
        }
    }

    /**
     * How the guard is doing at this moment. Asks no store, and waits for nothing but short locks of the guard's own.
     */
    public GuardStatus status() {
        return Objects.requireNonNull(monitor, "a guard that remembers nothing").status(recorder.counts());
    }

    /**
     * Records that the guard is at work.
     *
     * @throws AuditFailedException if that cannot be recorded and signatures are required; in audit mode
     *     {@code guard.degraded} says so
     */
    public void started(Fields<String> hooks, Fields<Object> more) throws AuditFailedException {
        AuditEvent event = GuardEvents.started(config.orgId(), config.mode(), config.digest(), hooks, more);
        try {
            audit.record(event);
        } catch (AuditFailedException e) {
            if (config.requireSignatures()) {
                throw e;
            }
        }
    }

    /** Records what was done, and closes store and audit log. */
    @Override
    public void close() throws IOException, AuditFailedException {
        if (monitor != null) {
            monitor.stop();
        }
        AuditEvent event = GuardEvents.stopped(config.orgId(), recorder.counts());
        try (audit;
                store) {
            audit.record(event);
        }
    }
}
