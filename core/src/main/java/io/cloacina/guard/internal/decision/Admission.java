// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.Refusal;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The guard's decision on one {@link Load}; it is recorded by the time anyone holds it. */
public sealed interface Admission {

    /**
     * It may load.
     *
     * @param copied whether the private copy was made and must be used instead of the original; false for what is
     *     exempt, and in audit mode for what could not be read
     * @param packageHash null if the package was not read
     * @param signer the trusted key; null for what is exempt or merely allowed by audit mode
     * @param cover the package because of which it may; null where it is its own signature or none
     */
    record Allowed(
            boolean copied,
            @Nullable PackageHash packageHash,
            @Nullable Fingerprint signer,
            @Nullable Cover cover) implements Admission {

        /** What nothing covers. */
        public Allowed(boolean copied, @Nullable PackageHash packageHash, @Nullable Fingerprint signer) {
            this(copied, packageHash, signer, null);
        }

        /** Whether a trusted signature was found. */
        public boolean verified() {
            return signer != null;
        }
    }

    /**
     * It must not load.
     *
     * @param message for a person: what, why, and the command that would make it right if it is legitimate
     * @param eventId of its event; null if none could be recorded
     */
    record Denied(Refusal reason, String message, @Nullable UUID eventId) implements Admission {
        public Denied {
            Objects.requireNonNull(reason);
            Objects.requireNonNull(message);
        }
    }
}
