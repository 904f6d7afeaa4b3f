// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import io.cloacina.guard.internal.text.Rfc3339;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import org.bouncycastle.bcpg.SignatureSubpacket;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every OpenPGP signature that counts, of a package as of a key: only what is in its hashed area counts, and
 * whom the unhashed area names as its maker is but a hint which key to try.
 */
final class PgpSignatureRules {

    /** How far the publisher's clock may be ahead. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(10);

    /** Those that are understood, or say nothing that a signature would have to be refused for. */
    private static final Set<Integer> UNDERSTOOD = Set.of(
            SignatureSubpacketTags.CREATION_TIME,
            SignatureSubpacketTags.EXPIRE_TIME,
            SignatureSubpacketTags.EXPORTABLE,
            SignatureSubpacketTags.REVOCABLE,
            SignatureSubpacketTags.KEY_EXPIRE_TIME,
            SignatureSubpacketTags.PREFERRED_SYM_ALGS,
            SignatureSubpacketTags.REVOCATION_KEY,
            SignatureSubpacketTags.ISSUER_KEY_ID,
            SignatureSubpacketTags.PREFERRED_HASH_ALGS,
            SignatureSubpacketTags.PREFERRED_COMP_ALGS,
            SignatureSubpacketTags.KEY_SERVER_PREFS,
            SignatureSubpacketTags.PREFERRED_KEY_SERV,
            SignatureSubpacketTags.PRIMARY_USER_ID,
            SignatureSubpacketTags.POLICY_URL,
            SignatureSubpacketTags.KEY_FLAGS,
            SignatureSubpacketTags.SIGNER_USER_ID,
            SignatureSubpacketTags.REVOCATION_REASON,
            SignatureSubpacketTags.FEATURES,
            SignatureSubpacketTags.EMBEDDED_SIGNATURE,
            SignatureSubpacketTags.ISSUER_FINGERPRINT);

    /** Of a version each, as they are hashed differently. */
    private static final Set<Integer> VERSIONS = Set.of(4, 6);

    private PgpSignatureRules() {}

    /** What a signature is of. */
    interface Subject {
        boolean isSignedBy(PGPSignature signature) throws PGPException;
    }

    /** Whether the signature is mathematically one of the subject by the key. */
    static boolean holds(PGPSignature signature, PGPPublicKey by, Subject subject) {
        try {
            signature.init(new BcPGPContentVerifierBuilderProvider(), by);
            return subject.isSignedBy(signature);
        } catch (PGPException | RuntimeException e) {
            // The library throws what it cannot read in a signature.
            return false;
        }
    }

    /** Whether it may be by the key, as it says itself. */
    static boolean isOf(PGPSignature signature, PGPPublicKey key) {
        return signature.hasKeyIdentifier(key.getKeyIdentifier());
    }

    static Instant time(Date date) {
        return date.toInstant();
    }

    /** When it was made, as it says itself; before everything if it does not. */
    static Instant madeAt(PGPSignature signature) {
        PGPSignatureSubpacketVector hashed = signature.getHashedSubPackets();
        Date made = hashed == null ? null : hashed.getSignatureCreationTime();
        return made == null ? Instant.EPOCH : time(made);
    }

    static boolean isFuture(Instant time, Instant now) {
        return time.isAfter(now.plus(CLOCK_SKEW));
    }

    /**
     * Why a signature does not count, by whatever key; null if it may.
     *
     * @param by the key that it has to be by
     */
    static @Nullable IntakeRefusedException problem(PGPSignature signature, PGPPublicKey by, Instant now) {
        PGPSignatureSubpacketVector hashed = signature.getHashedSubPackets();
        if (!VERSIONS.contains(signature.getVersion()) || hashed == null) {
            return refused(
                    Reason.MALFORMED_EVIDENCE, "is of version " + signature.getVersion() + "; versions 4 and 6 count");
        }
        if (!PgpStrength.isStrong(signature.getHashAlgorithm())) {
            return refused(
                    Reason.WEAK_EVIDENCE,
                    "is made with " + PgpStrength.nameOf(signature.getHashAlgorithm()) + ", which does not count");
        }
        if (signature.getVersion() != by.getVersion()) {
            return refused(
                    Reason.MALFORMED_EVIDENCE,
                    "is of version " + signature.getVersion() + ", but the key of version " + by.getVersion());
        }
        for (SignatureSubpacket one : hashed.toArray()) {
            if (one.isCritical() && !UNDERSTOOD.contains(one.getType())) {
                return refused(
                        Reason.MALFORMED_EVIDENCE,
                        "has a critical subpacket of type " + one.getType()
                                + ", which this program does not understand");
            }
        }
        if (hashed.getIssuerFingerprint() != null
                && !by.hasFingerprint(hashed.getIssuerFingerprint().getFingerprint())) {
            return refused(Reason.UNKNOWN_SIGNER, "names another key as its maker");
        }
        return problemOfTimes(signature, hashed, by, now);
    }

    private static @Nullable IntakeRefusedException problemOfTimes(
            PGPSignature signature, PGPSignatureSubpacketVector hashed, PGPPublicKey by, Instant now) {
        if (hashed.getSignatureCreationTime() == null) {
            return refused(Reason.MALFORMED_EVIDENCE, "does not say when it was made");
        }
        Instant made = madeAt(signature);
        if (isFuture(made, now)) {
            return refused(
                    Reason.EXPIRED_EVIDENCE,
                    "is dated " + Rfc3339.format(made) + ", which is in the future: one of the clocks is wrong");
        }
        if (made.isBefore(time(by.getCreationTime()))) {
            return refused(
                    Reason.EXPIRED_EVIDENCE,
                    "is dated " + Rfc3339.format(made) + ", before its key was made ("
                            + Rfc3339.format(time(by.getCreationTime())) + ")");
        }
        long seconds = hashed.getSignatureExpirationTime();
        if (seconds != 0 && !now.isBefore(made.plusSeconds(seconds))) {
            return refused(Reason.EXPIRED_EVIDENCE, "has expired on " + Rfc3339.format(made.plusSeconds(seconds)));
        }
        return null;
    }

    private static IntakeRefusedException refused(Reason reason, String what) {
        return new IntakeRefusedException(reason, what);
    }
}
