// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** What verification may ask of a trust store. Safe for use by many threads. */
public interface TrustStore {

    /**
     * Everything that is needed to judge one package, in one round trip. Nothing is cached: what was committed before
     * the call is seen by it.
     *
     * @throws StoreUnavailableException if there is no answer within the store's time-out
     */
    Answer ask(Question question) throws StoreUnavailableException;

    /**
     * @param orgId whose trust counts
     * @param packageHash the package
     * @param stored whether stored signatures of the package are wanted
     * @param detachedSigner the key that a detached signature names, if there is one to judge
     */
    record Question(UUID orgId, PackageHash packageHash, boolean stored, Optional<Fingerprint> detachedSigner) {
        public Question {
            Objects.requireNonNull(orgId);
            Objects.requireNonNull(packageHash);
            Objects.requireNonNull(detachedSigner);
        }
    }

    /**
     * @param signatures all stored signatures of the package, oldest first; empty if they were not asked for
     * @param signers what the organisation thinks of each key in {@code signatures} and of the detached signer
     */
    record Answer(List<StoredSignature> signatures, Map<Fingerprint, SignerTrust> signers) {
        public Answer {
            signatures = List.copyOf(signatures);
            signers = Map.copyOf(signers);
        }

        /** What the organisation thinks of {@code signer}; a key it never heard of is {@link SignerTrust.Unknown}. */
        public SignerTrust trustIn(Fingerprint signer) {
            return signers.getOrDefault(signer, new SignerTrust.Unknown());
        }
    }

    /** @param signature as stored: any bytes, of any length */
    record StoredSignature(Fingerprint keyFingerprint, byte[] signature) {
        public StoredSignature {
            Objects.requireNonNull(keyFingerprint);
            signature = signature.clone();
        }

        @Override
        public byte[] signature() {
            return signature.clone();
        }
    }

    /** What an organisation thinks of a key. */
    sealed interface SignerTrust {

        /**
         * @param key usable, and matching its fingerprint
         * @param name what the trusting organisation calls it, or null
         * @param trustedBy the organisation that trusts the key directly; null when trust comes from a configured file
         */
        record Trusted(Ed25519PublicKey key, String name, UUID trustedBy) implements SignerTrust {
            public Trusted {
                Objects.requireNonNull(key);
            }
        }

        /** Trusted once; {@code revokedBy} took it back at {@code revokedAt}. */
        record Revoked(String name, UUID revokedBy, Instant revokedAt) implements SignerTrust {
            public Revoked {
                Objects.requireNonNull(revokedBy);
                Objects.requireNonNull(revokedAt);
            }
        }

        /** Never trusted, neither directly nor through a grant that counts. */
        record Unknown() implements SignerTrust {}

        /** There is a row of trust, but its key cannot be used: it does not match its fingerprint, or is weak. */
        record Unusable(String why) implements SignerTrust {
            public Unusable {
                Objects.requireNonNull(why);
            }
        }
    }
}
