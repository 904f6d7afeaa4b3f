// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** The answer to one verification. */
public sealed interface Verdict {

    /** The package's hash; null if it could not be read. */
    PackageHash packageHash();

    /**
     * What is acceptable; anything else is thrown.
     *
     * @throws RefusedPackageException if the package is not acceptable
     */
    default Verified orThrow() throws RefusedPackageException {
        if (this instanceof Verified good) {
            return good;
        }
        throw new RefusedPackageException((Refused) this);
    }

    /**
     * Acceptable.
     *
     * @param signer the key
     * @param signerName what the trusting organisation calls the key, or null
     * @param trustedBy the organisation that trusts the key directly; null when a configured key file is the reason
     * @param source {@link SignatureSource#DATABASE} or {@link SignatureSource#DETACHED}
     * @param notes what else was found and did not matter, such as a stale detached signature; usually empty
     */
    record Verified(
            PackageHash packageHash,
            Fingerprint signer,
            String signerName,
            UUID trustedBy,
            SignatureSource source,
            List<String> notes)
            implements Verdict {
        public Verified {
            Objects.requireNonNull(packageHash);
            Objects.requireNonNull(signer);
            Objects.requireNonNull(source);
            notes = List.copyOf(notes);
        }
    }

    /**
     * Not acceptable.
     *
     * @param error for a person: all that was found wrong, each finding behind its error's name
     *     ({@link Refusal#errorName}), which is put before a text that has none
     * @param signer the key that {@code reason} is about, or null
     */
    record Refused(PackageHash packageHash, Refusal reason, String error, Fingerprint signer) implements Verdict {
        public Refused {
            error = reason.named(error);
        }

        /** A package that could not be read or copied. */
        public static Refused unreadable(UnreadablePackageException why) {
            return new Refused(null, Refusal.UNREADABLE_PACKAGE, why.getMessage(), null);
        }
    }
}
