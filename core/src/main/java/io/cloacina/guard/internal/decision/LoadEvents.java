// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.Verdict;
import java.util.UUID;

/** The events of loads. The order of the calls is the order of the fields. */
final class LoadEvents {

    private final UUID orgId;

    /** @param orgId whose trust counts; may be null */
    LoadEvents(UUID orgId) {
        this.orgId = orgId;
    }

    AuditEvent refused(Load load, Verdict.Refused bad) {
        return ofLoad(
                AuditEvent.of("package.load.failure", orgId)
                        .with("package_path", load.packagePath())
                        .with("package_hash", bad.packageHash())
                        .with("failure_reason", bad.reason().code())
                        .with("error", bad.error())
                        .with("signer_fingerprint", bad.signer()),
                load,
                null);
    }

    AuditEvent verified(Load load, Verdict.Verified good) {
        return loaded(load, good.packageHash(), good.signer(), good.signerName(), true);
    }

    /**
     * What is loaded because of the package that covers it.
     *
     * @param cover null if that needs no signature, or in audit mode has none
     */
    AuditEvent covered(Load load, PackageHash hash, Verdict.Verified cover, String path) {
        AuditEvent event =
                cover == null ? unsigned(load, hash) : loaded(load, hash, cover.signer(), cover.signerName(), true);
        return event.with("covered_by", path);
    }

    /** What needs no signature. */
    AuditEvent unsigned(Load load, PackageHash hash) {
        return loaded(load, hash, null, null, false);
    }

    /** What is loaded only because nothing is refused in audit mode. */
    AuditEvent unacceptable(Load load, Verdict.Refused bad) {
        return loaded(load, bad.packageHash(), bad.signer(), null, false)
                .with("failure_reason", bad.reason().code())
                .with("error", bad.error());
    }

    private AuditEvent loaded(
            Load load, PackageHash hash, Fingerprint signer, String signerName, boolean signatureVerified) {
        return ofLoad(
                AuditEvent.of("package.load.success", orgId)
                        .with("package_path", load.packagePath())
                        .with("package_hash", hash)
                        .with("signer_fingerprint", signer)
                        .with("signature_verified", signatureVerified),
                load,
                signerName);
    }

    private static AuditEvent ofLoad(AuditEvent event, Load load, String signerName) {
        return event.with("kind", load.kind().word())
                .with("hook", load.hook())
                .with("class_loader", load.classLoader())
                .with("signer_name", signerName);
    }
}
