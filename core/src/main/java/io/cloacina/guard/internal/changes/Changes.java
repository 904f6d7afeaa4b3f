// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.changes;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.KeyEvents;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.audit.ThisProcess;
import io.cloacina.guard.audit.TrustEvents;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.trust.IntakeRow;
import io.cloacina.guard.internal.trust.PendingEvent;
import io.cloacina.guard.internal.trust.StatementRow;
import io.cloacina.guard.internal.trust.StoreChange;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.WithdrawnPackage;
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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts every change of a store on record, also when the process is killed in between.
 *
 * <p>The event is written into the store ({@code guard_pending_events}) in the transaction of its change, then to the
 * sinks, then it is removed from the store. A process that opens a store first records what another has left that is
 * gone; such an event has {@code recovered} and {@code changed_at} behind its fields. One that was recorded but not
 * removed is recorded twice, with the same {@code event_id}. A store without that table (of the reference, not adopted) has no
 * such safety.
 */
public final class Changes implements StoreChange.Notes {

    /** Whether a process of another host still runs cannot be asked; none takes so long from a change to its record. */
    private static final Duration GONE = Duration.ofMinutes(10);

    /** Times of start are known to a hundredth of a second. */
    private static final Duration SAME_START = Duration.ofSeconds(2);

    /** The events that this process is about to record; what it noted and gave up is left like that of another. */
    private static final Set<UUID> LIVE = ConcurrentHashMap.newKeySet();

    private final Clock clock;
    private final AuditLog audit;
    private final Map<PackageHash, Path> paths = new HashMap<>();
    private final List<Noted> noted = new ArrayList<>();
    private @Nullable JdbiStore store;
    private boolean imports;

    private record Noted(UUID id, AuditEvent event) {}

    public Changes(Clock clock, AuditLog audit) {
        this.clock = clock;
        this.audit = audit;
    }

    /**
     * Records what is left from processes that are gone; from now on, what is changed in the store is noted.
     *
     * @throws AuditFailedException if what is left cannot be recorded
     */
    public Changes of(JdbiStore opened) throws StoreUnavailableException, AuditFailedException {
        store = opened;
        recover(opened);
        opened.noteChanges(this);
        return this;
    }

    /** These, whose signatures were not made but found in files. */
    public Changes ofImports() {
        imports = true;
        return this;
    }

    /**
     * Says where a package lies that is to be signed.
     *
     * @param path null if that is not known
     */
    public void packageAt(@Nullable PackageHash hash, @Nullable Path path) {
        paths.putIfAbsent(hash, path);
    }

    @Override
    public synchronized PendingEvent note(StoreChange change) {
        AuditEvent event = event(change);
        UUID id = UUID.randomUUID();
        noted.add(new Noted(id, event));
        LIVE.add(id);
        return new PendingEvent(
                id,
                event.toText(),
                ThisProcess.host(),
                ThisProcess.pid(),
                ThisProcess.startedAt(),
                clock.instant().truncatedTo(ChronoUnit.MICROS));
    }

    private AuditEvent event(StoreChange change) {
        if (change instanceof StoreChange.Initialised made) {
            return TrustEvents.storeInitialised(made.origin(), made.schemaVersion());
        }
        if (change instanceof StoreChange.SigningKeyAdded added) {
            return KeyEvents.created(added.key());
        }
        if (change instanceof StoreChange.SigningKeyRevoked revoked) {
            return KeyEvents.revoked(revoked.key());
        }
        if (change instanceof StoreChange.KeysResealed resealed) {
            return KeyEvents.resealed(resealed.keys());
        }
        if (change instanceof StoreChange.TrustAdded added) {
            return TrustEvents.added(added.key());
        }
        if (change instanceof StoreChange.TrustRevoked revoked) {
            return TrustEvents.revoked(revoked.key());
        }
        if (change instanceof StoreChange.Granted granted) {
            return TrustEvents.granted(granted.grant());
        }
        if (change instanceof StoreChange.GrantRevoked revoked) {
            return TrustEvents.grantRevoked(revoked.grant());
        }
        return eventOfPackage(change);
    }

    private AuditEvent signature(@Nullable UUID orgId, PackageHash hash, Fingerprint key) {
        return imports
                ? PackageEvents.imported(orgId, paths.get(hash), hash, key)
                : PackageEvents.signed(orgId, paths.get(hash), hash, key);
    }

    private AuditEvent eventOfPackage(StoreChange change) {
        if (change instanceof StoreChange.SignatureAdded added) {
            PackageSignature row = added.signature();
            return signature(row.orgId(), row.packageHash(), row.keyFingerprint());
        }
        if (change instanceof StoreChange.StatementAdded added) {
            StatementRow row = added.statement();
            return signature(row.orgId(), row.packageHash(), row.keyFingerprint());
        }
        if (change instanceof StoreChange.PackageWithdrawn withdrawn) {
            WithdrawnPackage row = withdrawn.withdrawn();
            return PackageEvents.withdrawn(row, paths.get(row.packageHash()));
        }
        if (change instanceof StoreChange.PackageReinstated reinstated) {
            WithdrawnPackage row = reinstated.withdrawn();
            return PackageEvents.reinstated(row, paths.get(row.packageHash()));
        }
        if (change instanceof StoreChange.KeyLimited limited) {
            return TrustEvents.limited(limited.limited(), limited.trusted());
        }
        if (change instanceof StoreChange.PackageTakenIn taken) {
            IntakeRow row = taken.row();
            return PackageEvents.takenIn(
                    row.orgId(),
                    paths.get(row.packageHash()),
                    row.packageHash(),
                    row.kind(),
                    row.identity(),
                    row.digest());
        }
        if (change instanceof StoreChange.FloorSet set) {
            return PackageEvents.floorSet(set.floor());
        }
        return PackageEvents.floorRemoved(((StoreChange.FloorRemoved) change).floor());
    }

    /** What was noted is not so: its transaction failed, or that is unknown, and then the next command finds out. */
    public synchronized void discard() {
        clear();
    }

    /** Records what has been changed since the last time. */
    public synchronized void record() throws AuditFailedException {
        for (Noted one : noted) {
            audit.record(one.event().withId(one.id()));
        }
        allRecorded();
    }

    /** Records the event of one package, which was stored if its signature was not there. */
    public synchronized void recordSigned(AuditEvent event) throws AuditFailedException {
        for (Noted one : noted) {
            if (one.event().toText().equals(event.toText())) {
                audit.record(event.withId(one.id()));
                return;
            }
        }
        audit.record(event);
    }

    /** All of what was noted is on record by {@link #recordSigned}. */
    public synchronized void allRecorded() {
        forget(noted.stream().map(Noted::id).toList());
        clear();
    }

    private void clear() {
        noted.forEach(one -> LIVE.remove(one.id()));
        noted.clear();
        paths.clear();
    }

    /** What cannot be removed now is recorded once more by the next command, with the same id. */
    private void forget(List<UUID> ids) {
        try {
            JdbiStore opened = store;
            if (opened != null && !ids.isEmpty()) {
                opened.forget(ids);
            }
        } catch (StoreUnavailableException e) {
            return;
        }
    }

    private void recover(JdbiStore opened) throws StoreUnavailableException, AuditFailedException {
        List<UUID> recovered = new ArrayList<>();
        for (PendingEvent left : opened.pendingEvents()) {
            if (isRunning(left)) {
                continue;
            }
            AuditEvent event;
            try {
                event = AuditEvent.ofText(left.text());
            } catch (IllegalArgumentException e) {
                // A newer version may write what this one cannot read; that one will record it.
                continue;
            }
            audit.record(event.withId(left.id()).recovered(left.madeAt()));
            recovered.add(left.id());
        }
        forget(recovered);
    }

    private boolean isRunning(PendingEvent left) {
        if (!left.host().equals(ThisProcess.host())) {
            return left.madeAt().plus(GONE).isAfter(clock.instant());
        }
        if (left.pid() == ThisProcess.pid()) {
            return LIVE.contains(left.id());
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
