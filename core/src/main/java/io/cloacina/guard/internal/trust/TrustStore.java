// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

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
     * @param stored whether stored signatures and statements of the package are wanted
     * @param detachedSigners the keys that a detached signature names, if there is one to judge; at most {@value #MOST}
     * @param packageName the name that a detached statement gives the package, whose floor is wanted
     */
    record Question(
            UUID orgId,
            PackageHash packageHash,
            boolean stored,
            List<Fingerprint> detachedSigners,
            Optional<String> packageName) {

        /** How many keys a detached signature can name. */
        public static final int MOST = 16;

        public Question {
            Objects.requireNonNull(orgId);
            Objects.requireNonNull(packageHash);
            Objects.requireNonNull(packageName);
            detachedSigners = List.copyOf(detachedSigners);
            if (detachedSigners.size() > MOST) {
                throw new IllegalArgumentException("[" + detachedSigners.size() + "] signers instead of at most 16");
            }
        }

        /** Without a detached statement. */
        public Question(UUID orgId, PackageHash packageHash, boolean stored, List<Fingerprint> detachedSigners) {
            this(orgId, packageHash, stored, detachedSigners, Optional.empty());
        }
    }

    /**
     * @param signatures all stored signatures of the package, oldest first; empty if they were not asked for
     * @param statements all stored statements about the package, oldest first; empty if they were not asked for
     * @param signers what the organisation thinks of each key in {@code signatures} and {@code statements}, and of the
     *     detached signers
     * @param withdrawn that the package was withdrawn by the organisation, for every organisation, or by one whose trust
     *     the organisation shares
     * @param floors the lowest version of each package that counts, by name: the organisation's own for the name that
     *     was asked about, for those of {@code statements} and, if one of these has none, for every name
     */
    record Answer(
            List<StoredSignature> signatures,
            List<StoredStatement> statements,
            Map<Fingerprint, SignerTrust> signers,
            Optional<Withdrawal> withdrawn,
            Map<String, String> floors) {
        public Answer {
            signatures = List.copyOf(signatures);
            statements = List.copyOf(statements);
            signers = Map.copyOf(signers);
            Objects.requireNonNull(withdrawn);
            floors = Map.copyOf(floors);
        }

        /** Of a store that knows neither statements nor withdrawals nor floors. */
        public Answer(List<StoredSignature> signatures, Map<Fingerprint, SignerTrust> signers) {
            this(signatures, List.of(), signers, Optional.empty(), Map.of());
        }

        /** What the organisation thinks of {@code signer}; a key it never heard of is {@link SignerTrust.Unknown}. */
        public SignerTrust trustIn(Fingerprint signer) {
            return signers.getOrDefault(signer, new SignerTrust.Unknown());
        }
    }

    /**
     * That a package must not be loaded, however it is signed.
     *
     * @param orgId who withdrew it; the nil UUID for every organisation
     * @param reason null if none was given
     */
    record Withdrawal(UUID orgId, @Nullable String reason, Instant withdrawnAt) {

        /** Stands for every organisation. */
        public static final UUID EVERY_ORGANISATION = new UUID(0, 0);

        public Withdrawal {
            Objects.requireNonNull(orgId);
            Objects.requireNonNull(withdrawnAt);
        }

        /** When, by whom and why, as a sentence about the package goes on: {@code was withdrawn 2026-01-28T12:00:00Z by …}. */
        public String text() {
            return "was withdrawn " + Rfc3339.format(withdrawnAt)
                    + (orgId.equals(EVERY_ORGANISATION) ? " for every organisation" : " by organisation " + orgId)
                    + (reason == null ? "" : ": " + reason);
        }
    }

    /**
     * A stored signature of version 2.
     *
     * @param keyFingerprint the key it is stored for
     * @param envelope as stored: any bytes
     * @param packageName the name it is stored under, whose floor was looked for; one that is not the signed name would
     *     keep the floor of that from being found. Null if it is stored under none
     */
    record StoredStatement(
            Fingerprint keyFingerprint,
            byte[] envelope,
            @Nullable String packageName) {
        public StoredStatement {
            Objects.requireNonNull(keyFingerprint);
            envelope = envelope.clone();
        }

        /** Stored under no name. */
        public StoredStatement(Fingerprint keyFingerprint, byte[] envelope) {
            this(keyFingerprint, envelope, null);
        }

        @Override
        public byte[] envelope() {
            return envelope.clone();
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
         * @param limit that {@code trustedBy} has put on the key; {@link KeyLimit#NONE} if it has put none
         * @param others the same key as other organisations trust it, whose trust is inherited too, under other limits:
         *     one of all whose limit holds is enough. Usually empty; each of these has none
         */
        record Trusted(
                Ed25519PublicKey key,
                @Nullable String name,
                @Nullable UUID trustedBy,
                KeyLimit limit,
                List<Trusted> others)
                implements SignerTrust {
            public Trusted {
                Objects.requireNonNull(key);
                Objects.requireNonNull(limit);
                others = List.copyOf(others);
            }

            public Trusted(Ed25519PublicKey key, @Nullable String name, @Nullable UUID trustedBy, KeyLimit limit) {
                this(key, name, trustedBy, limit, List.of());
            }

            /** Without a limit. */
            public Trusted(Ed25519PublicKey key, @Nullable String name, @Nullable UUID trustedBy) {
                this(key, name, trustedBy, KeyLimit.NONE);
            }
        }

        /**
         * Trusted once; {@code revokedBy} took it back at {@code revokedAt}.
         *
         * @param name what that organisation calls it, or null
         */
        record Revoked(@Nullable String name, UUID revokedBy, Instant revokedAt) implements SignerTrust {
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
