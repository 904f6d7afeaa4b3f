// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What needs no signature of its own, because a package that holds the same bytes verifies. In audit mode any package that
 * holds them covers them: the refusal that would have been is that of the package.
 */
final class CoveredLoads {

    /** Beyond that all are forgotten, and the event of one that is met again is written again. */
    static final int MOST_NOTED = 1_000;

    private final GuardConfig config;
    private final TrustQuestions trust;
    private final LoadEvents events;
    private final Set<String> noted = ConcurrentHashMap.newKeySet();

    CoveredLoads(GuardConfig config, TrustQuestions trust, LoadEvents events) {
        this.config = config;
        this.trust = trust;
        this.events = events;
    }

    /** A withdrawn package is refused in any container; a store that does not answer would not answer again. */
    static boolean mayBeCovered(Verdict.Refused refused) {
        return refused.reason() != Refusal.STORE_UNAVAILABLE && refused.reason() != Refusal.WITHDRAWN_PACKAGE;
    }

    /**
     * Decides on a load because of what covers it.
     *
     * @param own why it does not verify by itself
     * @param copied whether a private copy was made of it
     * @return null if nothing covers it
     */
    @Nullable
    Decision decide(Load load, Verdict.Refused own, List<Cover> covers, boolean copied) {
        Verdict.Refused first = null;
        for (Cover cover : covers) {
            // Trust in the covering package is asked for again: it may have been revoked since that was loaded.
            Verdict outer = ask(cover);
            if (!(outer instanceof Verdict.Refused refused)) {
                return covered(load, own.packageHash(), cover, (Verdict.Verified) outer, copied);
            }
            first = first == null ? refused : first;
        }
        if (first == null) {
            return null;
        }
        Cover cover = covers.get(0);
        if (config.requireSignatures()) {
            return own.reason() == Refusal.SIGNATURE_NOT_FOUND ? uncovered(load, own, cover, first) : null;
        }
        return covered(load, own.packageHash(), cover, null, copied).after(unsigned(load, cover, first));
    }

    /** @return null if it needs no signature */
    @Nullable
    Verdict ask(Cover cover) {
        if (cover.packageHash() == null) {
            return null;
        }
        for (PackageHash around : cover.around()) {
            if (trust.verify(around, null) instanceof Verdict.Refused refused && !mayBeCovered(refused)) {
                return refused;
            }
        }
        return trust.verify(cover.packageHash(), cover.signatureFile());
    }

    /** The covering package has to be signed, and has an event of its own, once; null if it has one already. */
    private @Nullable Decision unsigned(Load load, Cover cover, Verdict.Refused bad) {
        if (cover.isLoaded() || !isNew(cover)) {
            return null;
        }
        Load outer = cover.asLoad(load.hook(), load.classLoader());
        Admission allowed = new Admission.Allowed(false, bad.packageHash(), null);
        return new Decision(outer, Outcome.UNVERIFIED, events.unacceptable(outer, bad), allowed);
    }

    private boolean isNew(Cover cover) {
        if (noted.size() >= MOST_NOTED) {
            noted.clear();
        }
        return noted.add(cover.path() + cover.packageHash());
    }

    private Decision uncovered(Load load, Verdict.Refused own, Cover cover, Verdict.Refused outer) {
        String error = "it has no signature of its own, and [" + cover.path() + "], which holds it, does not verify: "
                + outer.error();
        Verdict.Refused bad = new Verdict.Refused(
                own.packageHash(), outer.reason(), error, outer.signer(), outer.packageName(), outer.packageVersion());
        Load remedied = cover.asLoad(load.hook(), load.classLoader());
        String message = RefusalMessage.of(config, load, remedied, bad.reason(), error);
        return new Decision(
                load,
                Outcome.REFUSED,
                io.cloacina.guard.audit.LoadEvents.coveredBy(events.refused(load, bad), cover.path()),
                new Admission.Denied(bad.reason(), message, null));
    }

    /** @param good null if the cover needs no signature, or in audit mode has none */
    private Decision covered(
            Load load, @Nullable PackageHash hash, Cover cover, Verdict.@Nullable Verified good, boolean copied) {
        Fingerprint signer = good == null ? null : good.signer();
        AuditEvent event = events.covered(load, hash, good, cover.path());
        Decision decision =
                new Decision(load, Outcome.COVERED, event, new Admission.Allowed(copied, hash, signer, cover));
        PackageHash outerHash = cover.packageHash();
        if (good == null || outerHash == null || hash == null) {
            return decision;
        }
        // A package is trusted as long as its covering package is.
        Load outer = cover.asLoad(load.hook(), load.classLoader());
        List<Decision.Trusted> trusted = new ArrayList<>(Decision.Trusted.of(outer, outerHash, good, config));
        trusted.addAll(Decision.Trusted.of(load, hash, good, config));
        return decision.with(trusted);
    }
}
