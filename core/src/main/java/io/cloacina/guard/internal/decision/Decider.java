// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.UnreadablePackageException;
import io.cloacina.guard.verify.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Decides on loads. Records nothing: {@link Recorder} does. */
final class Decider {

    private final GuardConfig config;
    private final TrustQuestions trust;
    private final LoadEvents events;
    private final CoveredLoads covered;

    Decider(GuardConfig config, TrustQuestions trust, LoadEvents events) {
        this.config = config;
        this.trust = trust;
        this.events = events;
        this.covered = new CoveredLoads(config, trust, events);
    }

    /** Decides on a file or directory, and has its private copy made. */
    Decision onFile(Load load, Path copy, Covers covers) {
        if (isExempt(load)) {
            return exempt(load);
        }
        PackageHash hash;
        Path file = Objects.requireNonNull(load.file(), "only what is in a file is decided on so");
        try {
            long limit = config.maxPackageSizeBytes() == 0 ? Long.MAX_VALUE : config.maxPackageSizeBytes();
            hash = load.kind() == Load.Kind.DIRECTORY
                    ? TreeSnapshot.copy(file, copy, limit)
                    : PackageSnapshot.copy(file, copy, limit);
        } catch (UnreadablePackageException e) {
            return refuse(load, Refusal.UNREADABLE_PACKAGE, null, e.getMessage());
        }
        covers.copied(copy);
        return onHash(load, copy, hash, covers);
    }

    /** @param copy null if none was made */
    Decision onHash(Load load, @Nullable Path copy, PackageHash hash, Covers covers) {
        Verdict verdict;
        try {
            verdict = trust.verify(hash, load.signatureFile());
            if (verdict instanceof Verdict.Refused refused && CoveredLoads.mayBeCovered(refused)) {
                Decision decision = covered.decide(load, refused, covers.of(load, copy, hash), copy != null);
                if (decision != null) {
                    return decision;
                }
            }
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            verdict = TrustQuestions.failed(hash, e);
        }
        return settle(load, verdict, copy != null, null);
    }

    /** See {@link Guard#admitContaining}. */
    @Nullable
    Decision onContaining(Load load, PackageHash hash, boolean named, boolean onlyGood) {
        if (named && isExempt(load)) {
            return exempt(load);
        }
        Verdict verdict;
        try {
            verdict = trust.verify(hash, load.signatureFile());
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            verdict = TrustQuestions.failed(hash, e);
        }
        return onlyGood && verdict instanceof Verdict.Refused ? null : settle(load, verdict, false, load.packagePath());
    }

    /** See {@link Guard#admitInside}. */
    Decision onInside(Load load, PackageHash hash, Cover cover) {
        Verdict verdict;
        try {
            verdict = trust.verify(hash, null);
            if (verdict instanceof Verdict.Refused refused && CoveredLoads.mayBeCovered(refused)) {
                verdict = covered.ask(cover);
            }
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            return settle(load, TrustQuestions.failed(hash, e), false, cover.path());
        }
        if (verdict instanceof Verdict.Refused refused && !CoveredLoads.mayBeCovered(refused)) {
            return settle(load, refused, false, cover.path());
        }
        Decision decision = Decision.repeated(load, new Admission.Allowed(false, hash, null));
        return verdict instanceof Verdict.Verified good
                ? decision.with(Decision.Trusted.of(load, hash, good, config))
                : decision;
    }

    /** See {@link Guard#admitAgain}. */
    Decision again(Load load, @Nullable Path copy, PackageHash hash, Covers covers) {
        Verdict verdict;
        Cover by = null;
        try {
            verdict = trust.verify(hash, load.signatureFile());
            if (verdict instanceof Verdict.Refused own && CoveredLoads.mayBeCovered(own)) {
                for (Cover cover : covers.of(load, copy, hash)) {
                    verdict = covered.ask(cover);
                    by = cover;
                    if (!(verdict instanceof Verdict.Refused)) {
                        break;
                    }
                }
            }
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            verdict = TrustQuestions.failed(hash, e);
        }
        if (verdict instanceof Verdict.Refused && config.requireSignatures()) {
            return settle(load, verdict, false, null);
        }
        return Decision.repeated(
                load,
                new Admission.Allowed(
                        false, hash, verdict instanceof Verdict.Verified good ? good.signer() : null, by));
    }

    /**
     * What needs no signature.
     *
     * @param by what it belongs to
     */
    Decision belonging(Load load, String by) {
        return new Decision(
                load, Outcome.COVERED, events.covered(load, null, null, by), new Admission.Allowed(false, null, null));
    }

    /** See {@link Guard#differentClass}. */
    Decision differentClass(Load load, String className, @Nullable PackageHash packageHash, boolean first) {
        if (config.wovenClasses() == GuardConfig.Permission.DENY) {
            return refuse(
                    load,
                    Refusal.TAMPERED_PACKAGE,
                    packageHash,
                    "the bytes of class " + className + " are not those in the package; if the host weaves classes"
                            + " before it defines them, set cloacina.woven_classes=allow");
        }
        Admission allowed = new Admission.Allowed(false, packageHash, null);
        if (!first) {
            return Decision.counted(load, Outcome.WOVEN, allowed);
        }
        AuditEvent event = events.woven(load, packageHash);
        return new Decision(load, Outcome.WOVEN, event, allowed);
    }

    Decision refuse(Load load, Refusal reason, @Nullable PackageHash hash, String error) {
        return settle(load, new Verdict.Refused(hash, reason, error, null), false, null);
    }

    Decision deny(Load load, Verdict.Refused bad) {
        String message = RefusalMessage.of(config, load, bad.reason(), bad.error());
        return new Decision(
                load, Outcome.REFUSED, events.refused(load, bad), new Admission.Denied(bad.reason(), message, null));
    }

    // A link in an exempt directory that leads out of it is not exempt.
    private boolean isExempt(Load load) {
        Path file = load.file();
        if (config.exempt().isEmpty()
                || file == null
                || load.signatureFile() == null
                || !config.isExempt(file.normalize())) {
            return false;
        }
        try {
            return config.isExempt(file.toRealPath());
        } catch (IOException e) {
            // It is missing or unreadable, and is refused for that reason.
            return false;
        }
    }

    private Decision exempt(Load load) {
        AuditEvent event = events.exempt(load);
        return new Decision(load, Outcome.EXEMPT, event, new Admission.Allowed(false, null, null));
    }

    /** @param coveredBy a further field of the event; null for none */
    private Decision settle(Load load, Verdict verdict, boolean copied, @Nullable String coveredBy) {
        if (verdict instanceof Verdict.Verified good) {
            AuditEvent event = coveredBy(events.verified(load, good), coveredBy);
            if (!good.notes().isEmpty()) {
                event = io.cloacina.guard.audit.LoadEvents.noting(event, good.notes());
            }
            Admission allowed = new Admission.Allowed(copied, good.packageHash(), good.signer());
            return new Decision(load, Outcome.VERIFIED, event, allowed)
                    .with(Decision.Trusted.of(load, good.packageHash(), good, config));
        }
        Verdict.Refused bad = (Verdict.Refused) verdict;
        if (config.requireSignatures()) {
            return deny(load, bad);
        }
        return new Decision(
                load,
                Outcome.UNVERIFIED,
                coveredBy(events.unacceptable(load, bad), coveredBy),
                new Admission.Allowed(copied, bad.packageHash(), null));
    }

    private static AuditEvent coveredBy(AuditEvent event, @Nullable String path) {
        return path == null ? event : io.cloacina.guard.audit.LoadEvents.coveredBy(event, path);
    }
}
