// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The answer to one verification. */
public sealed interface Verdict {

    /** The package's hash; null if it could not be read. */
    @Nullable
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
     * An acceptable signature.
     *
     * @param key that made it
     * @param name what the trusting organisation calls the key, or null
     * @param trustedBy the organisation that trusts the key directly; null when a configured key file is the reason
     * @param source {@link SignatureSource#DATABASE} or {@link SignatureSource#DETACHED}
     */
    record Signer(
            Fingerprint key,
            @Nullable String name,
            @Nullable UUID trustedBy,
            SignatureSource source) {
        public Signer {
            Objects.requireNonNull(key);
            Objects.requireNonNull(source);
        }
    }

    /**
     * Acceptable.
     *
     * @param signers all whose signatures are acceptable, each key once, at least as many as are required; the first one
     *     is the signer of events
     * @param packageName as a signature of version 2 has it; null if only those of version 1 are acceptable
     * @param packageVersion likewise
     * @param notes what else was found and did not matter, such as a stale detached signature; usually empty
     */
    record Verified(
            PackageHash packageHash,
            List<Signer> signers,
            @Nullable String packageName,
            @Nullable String packageVersion,
            List<String> notes)
            implements Verdict {
        public Verified {
            Objects.requireNonNull(packageHash);
            signers = List.copyOf(signers);
            if (signers.isEmpty()) {
                throw new IllegalArgumentException("nothing is verified without a signer");
            }
            notes = List.copyOf(notes);
        }

        /** The key of the first signer. */
        public Fingerprint signer() {
            return signers.get(0).key();
        }

        /** What the trusting organisation calls the key of the first signer, or null. */
        public @Nullable String signerName() {
            return signers.get(0).name();
        }

        /** The organisation that trusts the first signer; null when a configured key file is the reason. */
        public @Nullable UUID trustedBy() {
            return signers.get(0).trustedBy();
        }

        /** Where the signature of the first signer was found. */
        public SignatureSource source() {
            return signers.get(0).source();
        }
    }

    /**
     * Not acceptable.
     *
     * @param error for a person: all that was found wrong, each finding behind its error's name
     *     ({@link Refusal#errorName}), which is put before a text that has none
     * @param signer the key that {@code reason} is about, or null
     * @param packageName as a signature of version 2 by a trusted key has it; null if there is none
     * @param packageVersion likewise
     */
    record Refused(
            @Nullable PackageHash packageHash,
            Refusal reason,
            String error,
            @Nullable Fingerprint signer,
            @Nullable String packageName,
            @Nullable String packageVersion)
            implements Verdict {
        public Refused {
            error = reason.named(error);
        }

        /** One of which no signature says what it is called. */
        public Refused(@Nullable PackageHash packageHash, Refusal reason, String error, @Nullable Fingerprint signer) {
            this(packageHash, reason, error, signer, null, null);
        }

        /** A package that could not be read or copied. */
        public static Refused unreadable(UnreadablePackageException why) {
            return new Refused(null, Refusal.UNREADABLE_PACKAGE, why.getMessage(), null);
        }
    }
}
