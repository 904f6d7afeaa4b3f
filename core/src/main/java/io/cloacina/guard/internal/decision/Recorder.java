// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.monitor.TrustMonitor;
import io.cloacina.guard.internal.text.Fields;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Records decisions, once each: the event first, then counts, standard error and the trust monitor. What must be recorded
 * and cannot be is refused.
 */
final class Recorder {

    private final GuardConfig config;
    private final AuditLog audit;
    private final LoadEvents events;
    private final @Nullable TrustMonitor monitor;
    private final RefusalLines lines;
    private final AtomicLongArray counts = new AtomicLongArray(Outcome.values().length);
    private final AtomicLong dynamic = new AtomicLong();
    private final AtomicLong unrecorded = new AtomicLong();
    private volatile @Nullable DecisionObserver observer;

    /** @param monitor null if nothing is to be remembered */
    Recorder(GuardConfig config, AuditLog audit, LoadEvents events, @Nullable TrustMonitor monitor) {
        this.config = config;
        this.audit = audit;
        this.events = events;
        this.monitor = monitor;
        this.lines = new RefusalLines(config, audit);
    }

    RefusalLines lines() {
        return lines;
    }

    /** See {@link Guard#observe}. */
    synchronized void observe(DecisionObserver newObserver) {
        if (observer != null) {
            throw new IllegalStateException("decisions are observed already");
        }
        observer = newObserver;
    }

    /** A decision begins: see {@link DecisionObserver#begins}. */
    void begins(Load load, @Nullable Path copy, long bytes) {
        DecisionObserver looking = observer;
        if (looking != null) {
            looking.begins(load, copy, bytes);
        }
    }

    /** Counts a class that is in no package and may be defined; it has no event. */
    void countDynamicCode() {
        dynamic.incrementAndGet();
    }

    /** @return the answer: a refusal where the decision must be recorded and cannot be */
    Admission record(Decision decision) {
        if (decision.earlier() != null) {
            record(decision.earlier());
        }
        Outcome outcome = decision.outcome();
        AuditEvent event = decision.event();
        if (event == null || outcome == null) {
            if (outcome != null) {
                count(outcome);
            }
            watch(decision, decision.admission());
            return decision.admission();
        }
        Admission admission = write(decision, outcome, event);
        watch(decision, admission);
        return admission;
    }

    private void watch(Decision decision, Admission admission) {
        if (monitor != null && admission instanceof Admission.Allowed) {
            for (Decision.Trusted one : decision.trusted()) {
                // From now on the trust monitor watches it.
                Load load = one.load();
                monitor.loaded(
                        load.packagePath(),
                        load.kind().word(),
                        one.hash(),
                        one.signer(),
                        one.trustedBy(),
                        one.packageName());
            }
        }
    }

    /**
     * Writes the event first. If signatures are required and a sink fails, the load is refused; if another sink had
     * taken the event before that, the refusal names it as superseded.
     */
    private Admission write(Decision decision, Outcome outcome, AuditEvent event) {
        Admission answer = decision.admission();
        boolean mustBeRecorded = config.requireSignatures() && answer instanceof Admission.Allowed;
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
                return unrecorded(decision.load(), (Admission.Allowed) answer, e);
            }
            // Else the sinks that work have it, and guard.degraded reports the one that does not.
        }
        return notified(
                decision.load(),
                outcome,
                event,
                answer instanceof Admission.Denied denied
                        ? new Admission.Denied(denied.reason(), denied.message(), id)
                        : answer);
    }

    private Admission unrecorded(Load load, Admission.Allowed decision, AuditFailedException failure) {
        String error = "the decision cannot be recorded: " + failure.getMessage();
        AuditEvent event = events.refused(
                load, new Verdict.Refused(decision.packageHash(), Refusal.AUDIT_UNAVAILABLE, error, null));
        if (failure.partlyRecorded() != null) {
            event = io.cloacina.guard.audit.LoadEvents.superseding(event, failure.partlyRecorded());
        }
        UUID id = audit.recordWhereWorking(event);
        String message = RefusalMessage.of(config, load, Refusal.AUDIT_UNAVAILABLE, error);
        return notified(load, Outcome.REFUSED, event, new Admission.Denied(Refusal.AUDIT_UNAVAILABLE, message, id));
    }

    private Admission notified(Load load, Outcome outcome, AuditEvent event, Admission admission) {
        if (admission instanceof Admission.Denied denied && monitor != null) {
            monitor.refused(load.packagePath(), denied.reason(), event.fields().get("error"));
        }
        DecisionObserver looking = observer;
        if (looking != null) {
            looking.decided(load, outcome, event);
        }
        if (admission instanceof Admission.Denied denied) {
            lines.say(load, denied);
        }
        count(outcome);
        return admission;
    }

    private void count(Outcome outcome) {
        counts.incrementAndGet(outcome.ordinal());
    }

    private long counted(Outcome outcome) {
        return counts.get(outcome.ordinal());
    }

    /** What was done so far, as {@code guard.stopped} and the management bean name it. */
    Fields<Long> counts() {
        return Fields.<Long>none()
                .plus("verified", counted(Outcome.VERIFIED))
                .plus("refused", counted(Outcome.REFUSED))
                .plus("unverified", counted(Outcome.UNVERIFIED))
                .plus("exempt", counted(Outcome.EXEMPT))
                .plus("covered", counted(Outcome.COVERED))
                .plus("dynamic_classes", dynamic.get())
                .plus("woven_classes", counted(Outcome.WOVEN))
                .plus("unrecorded", unrecorded.get());
    }
}
