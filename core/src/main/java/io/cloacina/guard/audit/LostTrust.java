// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.audit.FieldNames.ERROR;
import static io.cloacina.guard.audit.FieldNames.KIND;
import static io.cloacina.guard.audit.FieldNames.LAST_LOADED_AT;
import static io.cloacina.guard.audit.FieldNames.LOADED_AT;
import static io.cloacina.guard.audit.FieldNames.LOADS;
import static io.cloacina.guard.audit.FieldNames.PACKAGE_HASH;
import static io.cloacina.guard.audit.FieldNames.PACKAGE_PATH;
import static io.cloacina.guard.audit.FieldNames.REASON;
import static io.cloacina.guard.audit.FieldNames.REVOKED_AT;
import static io.cloacina.guard.audit.FieldNames.REVOKED_BY;
import static io.cloacina.guard.audit.FieldNames.SIGNER_FINGERPRINT;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code package.revoked.loaded}: a package is loaded whose signer is not trusted any more. {@link #of} says what was
 * loaded; {@link #because} says why it is not trusted any more, and makes the event.
 */
public final class LostTrust {

    private final AuditEvent event;

    private LostTrust(AuditEvent event) {
        this.event = event;
    }

    /** @param orgId whose trust it was; may be null */
    public static LostTrust of(@Nullable UUID orgId, String path, PackageHash hash, Fingerprint signer, String kind) {
        return new LostTrust(AuditEvent.of("package.revoked.loaded", orgId)
                .with(PACKAGE_PATH, path)
                .with(PACKAGE_HASH, hash)
                .with(SIGNER_FINGERPRINT, signer)
                .with(KIND, kind));
    }

    /** When it was loaded first and last, and how often. */
    public LostTrust loaded(Instant first, Instant last, long times) {
        return new LostTrust(
                event.with(LOADED_AT, first).with(LAST_LOADED_AT, last).with(LOADS, times));
    }

    /**
     * @param reason such as {@code key_revoked}
     * @param by the organisation that took trust back, or null
     * @param at when it did, or null
     * @param error for a person
     */
    public AuditEvent because(String reason, @Nullable UUID by, @Nullable Instant at, String error) {
        return event.with(REASON, reason)
                .with(REVOKED_BY, by)
                .with(REVOKED_AT, at)
                .with(ERROR, error);
    }
}
