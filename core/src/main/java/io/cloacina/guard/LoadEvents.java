// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.Verdict;

/** What is recorded of a load. */
record LoadEvents(GuardConfig config) {

    AuditEvent success(Load load, PackageHash hash, Fingerprint signer) {
        return success(load, hash, signer, signer != null);
    }

    AuditEvent success(Load load, PackageHash hash, Fingerprint signer, boolean signatureVerified) {
        return AuditEvent.of("package.load.success", config.orgId())
                .with("package_path", load.packagePath())
                .with("package_hash", hash)
                .with("signer_fingerprint", signer)
                .with("signature_verified", signatureVerified)
                .with("kind", load.kind().word())
                .with("hook", load.hook())
                .with("class_loader", load.classLoader());
    }

    /** Audit mode: what an enforcing guard would refuse. */
    AuditEvent unverified(Load load, Verdict.Refused bad) {
        return success(load, bad.packageHash(), bad.signer(), false)
                .with("failure_reason", bad.reason().code())
                .with("error", bad.error());
    }

    AuditEvent failure(Load load, Verdict.Refused bad) {
        return AuditEvent.of("package.load.failure", config.orgId())
                .with("package_path", load.packagePath())
                .with("package_hash", bad.packageHash())
                .with("failure_reason", bad.reason().code())
                .with("error", bad.error())
                .with("signer_fingerprint", bad.signer())
                .with("kind", load.kind().word())
                .with("hook", load.hook())
                .with("class_loader", load.classLoader());
    }
}
