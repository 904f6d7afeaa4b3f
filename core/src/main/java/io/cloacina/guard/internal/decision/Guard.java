// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.SinkConfigurationException;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.config.TrustedKeyFiles;
import io.cloacina.guard.internal.monitor.GuardStatus;
import io.cloacina.guard.internal.monitor.TrustMonitor;
import io.cloacina.guard.internal.process.Version;
import io.cloacina.guard.internal.store.StoreOnDemand;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.text.Fields;
import io.cloacina.guard.trust.FixedKeys;
import io.cloacina.guard.trust.TrustStore;
import io.cloacina.guard.verify.PackageSnapshot;
import io.cloacina.guard.verify.PackageVerifier;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.TreeSnapshot;
import io.cloacina.guard.verify.UnreadablePackageException;
import io.cloacina.guard.verify.Verdict;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The entry point: {@link #admit(Load, Path)} decides on one load, and the decision is recorded before it is returned.
 *
 * <p>A load that cannot be decided on or recorded is refused if signatures are required. In audit mode it is recorded,
 * as far as that is possible, and allowed. No decision is cached. Safe for use by many threads.
 */
public final class Guard implements AutoCloseable {

    /** Whose trust counts if the configuration names no organisation: one that trusts no key. */
    private static final UUID NO_ORGANISATION = new UUID(0, 0);

    private final GuardConfig config;
    private final PackageVerifier verifier;
    private final LoadEvents events;
    private final AuditLog audit;
    private final RefusalLines lines;
    private final Set<String> notedCovers = ConcurrentHashMap.newKeySet();
    private final Closeable store;
    private final TrustMonitor monitor;
    private volatile DecisionObserver observer;
    private final AtomicLong verified = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong unverified = new AtomicLong();
    private final AtomicLong exempt = new AtomicLong();
    private final AtomicLong covered = new AtomicLong();
    private final AtomicLong dynamic = new AtomicLong();
    private final AtomicLong woven = new AtomicLong();
    private final AtomicLong unrecorded = new AtomicLong();
    private final Map<String, String> degraded = new ConcurrentHashMap<>();

    /**
     * @param trust answers whose keys count
     * @param store is closed with the guard
     * @param audit where decisions are recorded; closed with the guard
     * @param monitor remembers what was loaded; null if nothing is to be remembered
     */
    public Guard(GuardConfig config, TrustStore trust, Closeable store, AuditLog audit, TrustMonitor monitor) {
        this.config = config;
        this.events = new LoadEvents(config.orgId());
        this.store = store;
        this.monitor = monitor;
        this.verifier = new PackageVerifier(
                trust, config.orgId() == null ? NO_ORGANISATION : config.orgId(), config.signatureSource());
        this.audit = audit;
        this.lines = new RefusalLines(config, audit);
    }

    /**
     * Opens what the configuration names. The trust store is not asked yet: one that does not answer now may answer
     * when it is needed.
     *
     * @throws ConfigException if a key file or an audit file cannot be opened, or the store's address is malformed
     */
    public static Guard open(GuardConfig config, Clock clock) throws ConfigException {
        FixedKeys keys = new FixedKeys(TrustedKeyFiles.read(config.trustedKeys()));
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
            return new Guard(config, keys, null, audit, new TrustMonitor(config, clock, audit, keys, null));
        }
        StoreOnDemand store = new StoreOnDemand(url, config.storeTimeout(), config.storeConnections());
        TrustStore trust = keys.over(store);
        return new Guard(config, trust, store, audit, new TrustMonitor(config, clock, audit, trust, store));
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

    private static StoreUrl storeUrl(GuardConfig config) throws ConfigException {
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
        begins(load, copy, 0);
        if (!config.exempt().isEmpty() && isExempt(load)) {
            return exempt(load);
        }
        PackageHash hash;
        try {
            long limit = config.maxPackageSizeBytes() == 0 ? Long.MAX_VALUE : config.maxPackageSizeBytes();
            hash = load.kind() == Load.Kind.DIRECTORY
                    ? TreeSnapshot.copy(load.file(), copy, limit)
                    : PackageSnapshot.copy(load.file(), copy, limit);
        } catch (UnreadablePackageException e) {
            return refuse(load, Refusal.UNREADABLE_PACKAGE, null, e.getMessage());
        }
        covers.copied(copy);
        return admitRead(load, copy, hash, covers);
    }

    private void begins(Load load, Path copy, long bytes) {
        DecisionObserver looking = observer;
        if (looking != null) {
            looking.begins(load, copy, bytes);
        }
    }

    private Verdict verify(PackageHash hash, Path signatureFile) {
        Verdict verdict = verifier.verify(hash, signatureFile);
        if (monitor != null) {
            monitor.storeSaid(verdict);
        }
        return verdict;
    }

    private Admission admitRead(Load load, Path copy, PackageHash hash, Covers covers) {
        Verdict verdict;
        try {
            verdict = verify(hash, load.signatureFile());
            if (verdict instanceof Verdict.Refused refused && mayBeCovered(refused)) {
                Admission covered = covered(load, refused, covers.of(load, copy, hash), copy != null);
                if (covered != null) {
                    return covered;
                }
            }
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            verdict = failed(hash, e);
        }
        return settle(load, verdict, copy != null);
    }

    private static Verdict.Refused failed(PackageHash hash, Throwable e) {
        return new Verdict.Refused(hash, Refusal.INTERNAL_ERROR, "the guard failed: " + e, null);
    }

    /** A withdrawn package is refused in any container; a store that does not answer would not answer again. */
    private static boolean mayBeCovered(Verdict.Refused refused) {
        return refused.reason() != Refusal.STORE_UNAVAILABLE
                && !refused.reason().code().equals("withdrawn_package");
    }

    /** @return null if nothing covers it */
    private Admission covered(Load load, Verdict.Refused own, List<Cover> covers, boolean copied) {
        Verdict.Refused first = null;
        for (Cover cover : covers) {
            // Trust in the covering package is asked for again: it may have been revoked since that was loaded.
            Verdict outer = cover.packageHash() == null ? null : verify(cover.packageHash(), cover.signatureFile());
            if (!(outer instanceof Verdict.Refused refused)) {
                return covered(load, own.packageHash(), cover, (Verdict.Verified) outer, copied);
            }
            first = first == null ? refused : first;
        }
        if (first == null) {
            return null;
        }
        Cover cover = covers.get(0);
        if (!config.requireSignatures()) {
            // The covering package has to be signed, and has an event of its own.
            Load outer = cover.asLoad(load.hook(), load.classLoader());
            if (!cover.isLoaded() && notedCovers.add(cover.path() + cover.packageHash())) {
                settle(outer, first, false);
            }
            return covered(load, own.packageHash(), cover, null, copied);
        }
        return own.reason() == Refusal.SIGNATURE_NOT_FOUND ? uncovered(load, own, cover, first) : null;
    }

    private Admission uncovered(Load load, Verdict.Refused own, Cover cover, Verdict.Refused outer) {
        String error = "it has no signature of its own, and [" + cover.path() + "], which holds it, does not verify: "
                + outer.error();
        Verdict.Refused bad = new Verdict.Refused(own.packageHash(), outer.reason(), error, outer.signer());
        Load remedied = cover.asLoad(load.hook(), load.classLoader());
        return recorded(
                load,
                "refused",
                events.refused(load, bad).with("covered_by", cover.path()),
                new Admission.Denied(
                        bad.reason(), RefusalMessage.of(config, load, remedied, bad.reason(), error), null));
    }

    private Admission covered(Load load, PackageHash hash, Cover cover, Verdict.Verified good, boolean copied) {
        Fingerprint signer = good == null ? null : good.signer();
        AuditEvent event = events.covered(load, hash, good, cover.path());
        Admission admission = recorded(load, "covered", event, new Admission.Allowed(copied, hash, signer, cover));
        if (good == null) {
            return admission;
        }
        if (monitor != null && admission instanceof Admission.Allowed) {
            // A package is trusted as long as its covering package is.
            Load outer = cover.asLoad(load.hook(), load.classLoader());
            monitor.loaded(cover.path(), outer.kind().word(), cover.packageHash(), signer, good.trustedBy());
        }
        return remembered(load, admission, good.trustedBy());
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
    public Admission admitContaining(Load load, PackageHash hash, boolean named, boolean onlyGood) {
        begins(load, null, 0);
        if (named && !config.exempt().isEmpty() && isExempt(load)) {
            return exempt(load);
        }
        Verdict verdict;
        try {
            verdict = verify(hash, load.signatureFile());
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            verdict = failed(hash, e);
        }
        return onlyGood && verdict instanceof Verdict.Refused ? null : settle(load, verdict, false, load.packagePath());
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
    public Admission admit(Load load, PackageHash hash, Cover cover) {
        begins(load, null, 0);
        return admitRead(load, null, hash, Covers.just(cover));
    }

    /**
     * As {@link #admit(Load, PackageHash, Cover)}, for a load that was decided on and recorded, and is used now. Trust
     * may have been lost in between, so it is asked for again; only a refusal is recorded.
     *
     * @param copy the private copy of what is loaded, for {@code covers}; null where those do not read it
     */
    public Admission admitAgain(Load load, Path copy, PackageHash hash, Covers covers) {
        Verdict verdict;
        Cover by = null;
        try {
            verdict = verify(hash, load.signatureFile());
            if (verdict instanceof Verdict.Refused own && mayBeCovered(own)) {
                for (Cover cover : covers.of(load, copy, hash)) {
                    verdict = cover.packageHash() == null ? null : verify(cover.packageHash(), cover.signatureFile());
                    by = cover;
                    if (!(verdict instanceof Verdict.Refused)) {
                        break;
                    }
                }
            }
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            verdict = failed(hash, e);
        }
        if (verdict == null || verdict instanceof Verdict.Verified || !config.requireSignatures()) {
            return new Admission.Allowed(
                    false, hash, verdict instanceof Verdict.Verified good ? good.signer() : null, by);
        }
        return settle(load, verdict, false);
    }

    /** Records a native library that belongs to the operating system, as {@code cloacina.system_libraries} says. */
    public Admission systemLibrary(Load load) {
        AuditEvent event = events.covered(load, null, null, "cloacina.system_libraries");
        return recorded(load, "covered", event, new Admission.Allowed(false, null, null));
    }

    /** Records that resources are read from a directory that needs no signature because no class comes from it. */
    public Admission resourceDirectory(Load load) {
        AuditEvent event = events.covered(load, null, null, "cloacina.resource_directories");
        return recorded(load, "covered", event, new Admission.Allowed(false, null, null));
    }

    /** Records what the JVM's own command line named: it is trusted, as the JVM is. */
    public Admission namedByCommandLine(Load load) {
        AuditEvent event = events.covered(load, null, null, "the command line");
        return recorded(load, "covered", event, new Admission.Allowed(false, null, null));
    }

    /** Decides on bytes that are all in memory. */
    public Admission admit(Load load, byte[] content) {
        begins(load, null, content.length);
        return admitRead(load, null, PackageHash.ofContent(content), Covers.NONE);
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
        dynamic.incrementAndGet();
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
     * @param first whether this is the package's first such class: one event a package is enough
     */
    public Admission differentClass(Load load, String className, PackageHash packageHash, boolean first) {
        if (config.wovenClasses() == GuardConfig.Permission.DENY) {
            return refuse(
                    load,
                    Refusal.TAMPERED_PACKAGE,
                    packageHash,
                    "the bytes of class " + className + " are not those in the package; if the host weaves classes"
                            + " before it defines them, set cloacina.woven_classes=allow");
        }
        Admission allowed = new Admission.Allowed(false, packageHash, null);
        return first
                ? recorded(load, "woven", events.unsigned(load, packageHash).with("woven", true), allowed)
                : counted("woven", allowed);
    }

    /** Refuses, or in audit mode records what would have been refused. */
    public Admission refuse(Load load, Refusal reason, PackageHash hash, String error) {
        return settle(load, new Verdict.Refused(hash, reason, error, null), false);
    }

    /** Refuses in audit mode, too: a load that would disable the guard itself. */
    public Admission refuseAlways(Load load, Refusal reason, String error) {
        return deny(load, new Verdict.Refused(null, reason, error, null));
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
        lines.announce(hooks);
    }

    RefusalLines lines() {
        return lines;
    }

    /**
     * Has decisions seen from now on; there is one observer at most, and it stays.
     *
     * @throws IllegalStateException if there is one already
     */
    public synchronized void observe(DecisionObserver newObserver) {
        if (observer != null) {
            throw new IllegalStateException("decisions are observed already");
        }
        observer = newObserver;
    }

    /**
     * Records, as {@code guard.degraded}, that something of the guard does not work as it should; no load is let
     * through because of it. What is degraded already for the same reason is not recorded again. Waits for nothing and
     * never fails, so it may be called from anywhere.
     *
     * @param why null if all is well again
     */
    public void degraded(String what, String why) {
        boolean known = why == null ? degraded.remove(what) == null : why.equals(degraded.put(what, why));
        if (!known) {
            monitor.degraded(what, why);
        }
    }

    /**
     * How the guard is doing at this moment. Asks no store, and waits for nothing but short locks of the guard's own.
     */
    public GuardStatus status() {
        return monitor.status(counts());
    }

    private Fields<Long> counts() {
        return Fields.<Long>none()
                .plus("verified", verified.get())
                .plus("refused", refused.get())
                .plus("unverified", unverified.get())
                .plus("exempt", exempt.get())
                .plus("covered", covered.get())
                .plus("dynamic_classes", dynamic.get())
                .plus("woven_classes", woven.get())
                .plus("unrecorded", unrecorded.get());
    }

    /**
     * Records that the guard is at work.
     *
     * @throws AuditFailedException if that cannot be recorded and signatures are required; in audit mode
     *     {@code guard.degraded} says so
     */
    public void started(Fields<String> hooks, Fields<Object> more) throws AuditFailedException {
        AuditEvent event = AuditEvent.of("guard.started", config.orgId())
                .with("mode", config.mode())
                .with("configuration_digest", config.digest())
                .with("guard_version", Version.number())
                .with("guard_commit", Version.commit())
                .with("hooks", hooks);
        for (int i = 0; i < more.size(); i++) {
            event = event.with(more.name(i), more.value(i));
        }
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
        AuditEvent event = AuditEvent.of("guard.stopped", config.orgId());
        Fields<Long> counts = counts();
        for (int i = 0; i < counts.size(); i++) {
            event = event.with(counts.name(i), counts.value(i));
        }
        try (audit;
                store) {
            audit.record(event);
        }
    }

    // A link in an exempt directory that leads out of it is not exempt.
    private boolean isExempt(Load load) {
        if (load.signatureFile() == null || !config.isExempt(load.file().normalize())) {
            return false;
        }
        try {
            return config.isExempt(load.file().toRealPath());
        } catch (IOException e) {
            // It is missing or unreadable, and is refused for that reason.
            return false;
        }
    }

    private Admission exempt(Load load) {
        AuditEvent event = events.unsigned(load, null).with("failure_reason", "exempt");
        return recorded(load, "exempt", event, new Admission.Allowed(false, null, null));
    }

    private Admission settle(Load load, Verdict verdict, boolean copied) {
        return settle(load, verdict, copied, null);
    }

    /** @param coveredBy a further field of the event; null for none */
    private Admission settle(Load load, Verdict verdict, boolean copied, String coveredBy) {
        if (verdict instanceof Verdict.Verified good) {
            AuditEvent event = events.verified(load, good);
            if (coveredBy != null) {
                event = event.with("covered_by", coveredBy);
            }
            if (!good.notes().isEmpty()) {
                event = event.with("notes", String.join("; ", good.notes()));
            }
            Admission allowed = new Admission.Allowed(copied, good.packageHash(), good.signer());
            return remembered(load, recorded(load, "verified", event, allowed), good.trustedBy());
        }
        Verdict.Refused bad = (Verdict.Refused) verdict;
        if (!config.requireSignatures()) {
            AuditEvent event = events.unacceptable(load, bad);
            if (coveredBy != null) {
                event = event.with("covered_by", coveredBy);
            }
            return recorded(load, "unverified", event, new Admission.Allowed(copied, bad.packageHash(), null));
        }
        return deny(load, bad);
    }

    private Admission deny(Load load, Verdict.Refused bad) {
        return recorded(
                load,
                "refused",
                events.refused(load, bad),
                new Admission.Denied(bad.reason(), RefusalMessage.of(config, load, bad.reason(), bad.error()), null));
    }

    /** From now on the trust monitor watches a package that was allowed because of its signer. */
    private Admission remembered(Load load, Admission admission, UUID trustedBy) {
        if (monitor != null && admission instanceof Admission.Allowed allowed) {
            monitor.loaded(load.packagePath(), load.kind().word(), allowed.packageHash(), allowed.signer(), trustedBy);
        }
        return admission;
    }

    /**
     * Writes the event first. If signatures are required and a sink fails, the load is refused; if another sink had
     * taken the event before that, the refusal names it as superseded.
     */
    private Admission recorded(Load load, String outcome, AuditEvent event, Admission decision) {
        boolean mustBeRecorded = config.requireSignatures() && decision instanceof Admission.Allowed;
        UUID id = null;
        try {
            if (mustBeRecorded) {
                audit.recordInAll(event);
            } else {
                id = audit.record(event);
            }
        } catch (AuditFailedException e) {
            unrecorded.incrementAndGet();
            id = e.partlyRecorded();
            if (mustBeRecorded) {
                return unrecorded(load, (Admission.Allowed) decision, e);
            }
            // Else the sinks that work have it, and guard.degraded reports the one that does not.
        }
        return notified(
                load,
                outcome,
                event,
                decision instanceof Admission.Denied denied
                        ? new Admission.Denied(denied.reason(), denied.message(), id)
                        : decision);
    }

    private Admission unrecorded(Load load, Admission.Allowed decision, AuditFailedException failure) {
        String error = "the decision cannot be recorded: " + failure.getMessage();
        AuditEvent event = events.refused(
                load, new Verdict.Refused(decision.packageHash(), Refusal.AUDIT_UNAVAILABLE, error, null));
        if (failure.partlyRecorded() != null) {
            event = event.with("supersedes", failure.partlyRecorded());
        }
        UUID id = audit.recordWhereWorking(event);
        String message = RefusalMessage.of(config, load, Refusal.AUDIT_UNAVAILABLE, error);
        return notified(load, "refused", event, new Admission.Denied(Refusal.AUDIT_UNAVAILABLE, message, id));
    }

    private Admission notified(Load load, String outcome, AuditEvent event, Admission decision) {
        if (decision instanceof Admission.Denied denied && monitor != null) {
            monitor.refused(load.packagePath(), denied.reason(), event.fields().get("error"));
        }
        DecisionObserver looking = observer;
        if (looking != null) {
            looking.decided(load, outcome, event);
        }
        if (decision instanceof Admission.Denied denied) {
            lines.say(load, denied);
        }
        return counted(outcome, decision);
    }

    private Admission counted(String outcome, Admission decision) {
        AtomicLong count = switch (outcome) {
            case "verified" -> verified;
            case "refused" -> refused;
            case "unverified" -> unverified;
            case "exempt" -> exempt;
            case "covered" -> covered;
            case "woven" -> woven;
            default -> throw new IllegalArgumentException(outcome);
        };
        count.incrementAndGet();
        return decision;
    }
}
