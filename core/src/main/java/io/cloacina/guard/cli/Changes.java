// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.ThisProcess;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.trust.PendingEvent;
import io.cloacina.guard.trust.StoreChange;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Puts every change of a store on record, also when the process is killed in between.
 *
 * <p>The event is written into the store ({@code guard_pending_events}) in the transaction of its change, then to the
 * sinks, then it is removed from the store. A command begins by recording what a process has left that is gone; such an
 * event has {@code recovered} and {@code changed_at} behind its fields. One that was recorded but not removed is
 * recorded twice, with the same {@code event_id}. A store without that table (of the reference, not adopted) has no
 * such safety.
 */
final class Changes implements StoreChange.Notes {

    /** Whether a process of another host still runs cannot be asked; none takes so long from a change to its record. */
    private static final Duration GONE = Duration.ofMinutes(10);

    /** Times of start are known to a hundredth of a second. */
    private static final Duration SAME_START = Duration.ofSeconds(2);

    private final Clock clock;
    private final AuditLog audit;
    private final Map<PackageHash, Path> paths = new HashMap<>();
    private final List<Noted> noted = new ArrayList<>();
    private JdbiStore store;

    private record Noted(UUID id, AuditEvent event) {}

    Changes(Clock clock, AuditLog audit) {
        this.clock = clock;
        this.audit = audit;
    }

    /**
     * Records what was changed to make the store, and what is left from other processes; from now on, what is changed
     * in the store is noted.
     */
    Changes of(JdbiStore opened) throws StoreUnavailableException, AuditFailedException, CliException {
        store = opened;
        record();
        try {
            recover();
        } catch (AuditFailedException e) {
            throw CliException.trouble(
                    "audit_unavailable",
                    "what an earlier command has done cannot be recorded: " + e.getMessage() + "; nothing was done",
                    e);
        }
        opened.noteChanges(this);
        return this;
    }

    /** Says where a package lies that is to be signed. */
    void packageAt(PackageHash hash, Path path) {
        paths.putIfAbsent(hash, path);
    }

    @Override
    public synchronized PendingEvent note(StoreChange change) {
        AuditEvent event = event(change);
        UUID id = UUID.randomUUID();
        noted.add(new Noted(id, event));
        return new PendingEvent(
                id,
                EventText.of(event),
                ThisProcess.host(),
                ThisProcess.pid(),
                ThisProcess.startedAt(),
                clock.instant().truncatedTo(ChronoUnit.MICROS));
    }

    private AuditEvent event(StoreChange change) {
        if (change instanceof StoreChange.Initialised made) {
            return Events.storeInitialised(made.origin(), made.schemaVersion());
        }
        if (change instanceof StoreChange.SigningKeyAdded added) {
            return Events.signingKeyCreated(added.key());
        }
        if (change instanceof StoreChange.SigningKeyRevoked revoked) {
            return Events.signingKeyRevoked(revoked.key());
        }
        if (change instanceof StoreChange.KeysResealed resealed) {
            return Events.keysResealed(resealed.keys());
        }
        if (change instanceof StoreChange.TrustAdded added) {
            return Events.trustAdded(added.key());
        }
        if (change instanceof StoreChange.TrustRevoked revoked) {
            return Events.trustRevoked(revoked.key());
        }
        if (change instanceof StoreChange.Granted granted) {
            return Events.granted(granted.grant());
        }
        if (change instanceof StoreChange.GrantRevoked revoked) {
            return Events.grantRevoked(revoked.grant());
        }
        StoreChange.SignatureAdded added = (StoreChange.SignatureAdded) change;
        PackageHash hash = added.signature().packageHash();
        return Events.signed(
                added.signature().orgId(),
                paths.get(hash),
                hash,
                added.signature().keyFingerprint());
    }

    /** What was noted is not so: its transaction failed, or that is unknown, and then the next command finds out. */
    synchronized void discard() {
        noted.clear();
    }

    /** Records what has been changed since the last time. */
    synchronized void record() throws AuditFailedException {
        for (Noted one : noted) {
            audit.record(one.event().withId(one.id()));
        }
        forget(noted.stream().map(Noted::id).toList());
        noted.clear();
    }

    /** Records the event of one package, which was stored if its signature was not there. */
    synchronized void recordSigned(AuditEvent event) throws AuditFailedException {
        for (Noted one : noted) {
            if (EventText.of(one.event()).equals(EventText.of(event))) {
                audit.record(event.withId(one.id()));
                return;
            }
        }
        audit.record(event);
    }

    /** All of what was noted is on record by {@link #recordSigned}. */
    synchronized void allRecorded() {
        forget(noted.stream().map(Noted::id).toList());
        noted.clear();
    }

    /** What cannot be removed now is recorded once more by the next command, with the same id. */
    private void forget(List<UUID> ids) {
        try {
            if (!ids.isEmpty()) {
                store.forget(ids);
            }
        } catch (StoreUnavailableException e) {
            return;
        }
    }

    private void recover() throws StoreUnavailableException, AuditFailedException {
        List<UUID> recovered = new ArrayList<>();
        for (PendingEvent left : store.pendingEvents()) {
            if (isRunning(left)) {
                continue;
            }
            AuditEvent event;
            try {
                event = EventText.parse(left.text());
            } catch (IllegalArgumentException e) {
                // A newer version may write what this one cannot read; that one will record it.
                continue;
            }
            audit.record(event.withId(left.id()).with("recovered", true).with("changed_at", left.madeAt()));
            recovered.add(left.id());
        }
        forget(recovered);
    }

    private boolean isRunning(PendingEvent left) {
        if (!left.host().equals(ThisProcess.host())) {
            return left.madeAt().plus(GONE).isAfter(clock.instant());
        }
        if (left.pid() == ThisProcess.pid()) {
            // This one has not begun yet.
            return false;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(left.pid());
        if (process.isEmpty()) {
            return false;
        }
        Instant started = process.get().info().startInstant().orElse(null);
        return started == null
                || left.processStartedAt() == null
                || Duration.between(started, left.processStartedAt()).abs().compareTo(SAME_START) < 0;
    }
}
