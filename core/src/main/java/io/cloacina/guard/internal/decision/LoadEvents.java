// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.LoadEvents.Subject;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.Verdict;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The events of this guard's loads: {@link io.cloacina.guard.audit.LoadEvents} about a {@link Load}. */
final class LoadEvents {

    private final @Nullable UUID orgId;

    /** @param orgId whose trust counts; may be null */
    LoadEvents(@Nullable UUID orgId) {
        this.orgId = orgId;
    }

    AuditEvent refused(Load load, Verdict.Refused bad) {
        return io.cloacina.guard.audit.LoadEvents.refused(orgId, subject(load), bad);
    }

    AuditEvent verified(Load load, Verdict.Verified good) {
        return io.cloacina.guard.audit.LoadEvents.verified(orgId, subject(load), good);
    }

    /**
     * What is loaded because of the package that covers it.
     *
     * @param cover null if that needs no signature, or in audit mode has none
     */
    AuditEvent covered(Load load, @Nullable PackageHash hash, Verdict.@Nullable Verified cover, String path) {
        return io.cloacina.guard.audit.LoadEvents.covered(orgId, subject(load), hash, cover, path);
    }

    /** What is loaded only because nothing is refused in audit mode. */
    AuditEvent unacceptable(Load load, Verdict.Refused bad) {
        return io.cloacina.guard.audit.LoadEvents.unacceptable(orgId, subject(load), bad);
    }

    AuditEvent exempt(Load load) {
        return io.cloacina.guard.audit.LoadEvents.exempt(orgId, subject(load));
    }

    AuditEvent woven(Load load, @Nullable PackageHash packageHash) {
        return io.cloacina.guard.audit.LoadEvents.woven(orgId, subject(load), packageHash);
    }

    private static Subject subject(Load load) {
        return new Subject(load.packagePath(), load.kind().word(), load.hook(), load.classLoader());
    }
}
