// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.monitor.TrustMonitor;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.verify.PackageVerifier;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Asks whether a package verifies, and lets the trust monitor know whether the store answered. */
final class TrustQuestions {

    /** Whose trust counts if the configuration names no organisation: one that trusts no key. */
    private static final UUID NO_ORGANISATION = new UUID(0, 0);

    private final PackageVerifier verifier;
    private final @Nullable TrustMonitor monitor;

    /** @param monitor null if nothing is to be remembered */
    TrustQuestions(GuardConfig config, TrustStore trust, @Nullable TrustMonitor monitor, Clock clock) {
        this.verifier = new PackageVerifier(
                trust, config.orgId() == null ? NO_ORGANISATION : config.orgId(), config.signatures(), clock);
        this.monitor = monitor;
    }

    /** May throw what the guard's own defects throw; see {@link #failed}. */
    Verdict verify(PackageHash hash, @Nullable Path signatureFile) {
        Verdict verdict = verifier.verify(hash, signatureFile);
        if (monitor != null) {
            monitor.storeSaid(verdict);
        }
        return verdict;
    }

    /** What counts where {@link #verify} has thrown. */
    static Verdict.Refused failed(PackageHash hash, Throwable e) {
        return new Verdict.Refused(hash, Refusal.INTERNAL_ERROR, "the guard failed: " + e, null);
    }
}
