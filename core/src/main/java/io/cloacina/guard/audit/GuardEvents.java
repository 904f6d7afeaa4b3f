// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.audit.FieldNames.CHECKPOINT_SEQUENCE;
import static io.cloacina.guard.audit.FieldNames.CONFIGURATION_DIGEST;
import static io.cloacina.guard.audit.FieldNames.GUARD_COMMIT;
import static io.cloacina.guard.audit.FieldNames.GUARD_VERSION;
import static io.cloacina.guard.audit.FieldNames.HOOKS;
import static io.cloacina.guard.audit.FieldNames.KEY_FINGERPRINT;
import static io.cloacina.guard.audit.FieldNames.LATE_EVENT_ID;
import static io.cloacina.guard.audit.FieldNames.LINE_HASH;
import static io.cloacina.guard.audit.FieldNames.MISSED_EVENTS;
import static io.cloacina.guard.audit.FieldNames.MODE;
import static io.cloacina.guard.audit.FieldNames.RECORD;
import static io.cloacina.guard.audit.FieldNames.STATE;
import static io.cloacina.guard.audit.FieldNames.WHAT;
import static io.cloacina.guard.audit.FieldNames.WHY;

import io.cloacina.guard.internal.process.Version;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The events of the guard itself and of its audit log. The order of the calls is the order of the fields. */
public final class GuardEvents {

    private GuardEvents() {}

    /**
     * {@code guard.started}.
     *
     * @param orgId may be null
     * @param mode {@code enforce} or {@code audit}
     * @param digest of the configuration, in hexadecimal digits
     * @param hooks the state of each
     * @param more what else there is to say of this start, in its order
     */
    public static AuditEvent started(
            @Nullable UUID orgId, String mode, String digest, Map<String, String> hooks, Map<String, ?> more) {
        AuditEvent event = AuditEvent.of("guard.started", orgId)
                .with(MODE, mode)
                .with(CONFIGURATION_DIGEST, digest)
                .with(GUARD_VERSION, Version.number())
                .with(GUARD_COMMIT, Version.commit())
                .with(HOOKS, hooks);
        return withAll(event, more);
    }

    /**
     * {@code guard.stopped}.
     *
     * @param orgId may be null
     * @param counts of what was done, in their order
     */
    public static AuditEvent stopped(@Nullable UUID orgId, Map<String, Long> counts) {
        return withAll(AuditEvent.of("guard.stopped", orgId), counts);
    }

    private static AuditEvent withAll(AuditEvent event, Map<String, ?> more) {
        AuditEvent all = event;
        for (Map.Entry<String, ?> field : more.entrySet()) {
            all = all.with(field.getKey(), field.getValue());
        }
        return all;
    }

    /**
     * {@code guard.degraded}: something works less well than it should.
     *
     * @param orgId may be null
     */
    public static AuditEvent degraded(@Nullable UUID orgId, String what, String why) {
        return state(orgId, what, why, "degraded");
    }

    /**
     * {@code guard.degraded} with the state {@code recovered}.
     *
     * @param orgId may be null
     * @param why what was wrong, or null
     */
    public static AuditEvent recovered(@Nullable UUID orgId, String what, @Nullable String why) {
        return state(orgId, what, why, "recovered");
    }

    private static AuditEvent state(@Nullable UUID orgId, String what, @Nullable String why, String state) {
        return AuditEvent.of("guard.degraded", orgId)
                .with(WHAT, what)
                .with(WHY, why)
                .with(STATE, state);
    }

    /** @param late an event that was given up but written in the end, or null */
    static AuditEvent sinkRecovered(@Nullable UUID orgId, String what, String why, long missed, @Nullable UUID late) {
        return recovered(orgId, what, why).with(MISSED_EVENTS, missed).with(LATE_EVENT_ID, late);
    }

    /**
     * {@code audit.checkpoint.signed}.
     *
     * @param orgId whose key it is; null when signing offline without an organisation
     * @param log the file that the checkpoint is about
     */
    public static AuditEvent checkpointSigned(@Nullable UUID orgId, Path log, Checkpoint checkpoint) {
        return AuditEvent.of("audit.checkpoint.signed", orgId)
                .with(RECORD, log)
                .with(CHECKPOINT_SEQUENCE, checkpoint.sequence())
                .with(LINE_HASH, checkpoint.lineHash())
                .with(KEY_FINGERPRINT, checkpoint.key());
    }
}
