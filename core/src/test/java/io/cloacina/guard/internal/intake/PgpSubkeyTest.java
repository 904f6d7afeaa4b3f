// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static io.cloacina.guard.internal.intake.PgpMaker.BORN;
import static io.cloacina.guard.internal.intake.PgpMaker.FOR_SIGNING;
import static io.cloacina.guard.internal.intake.PgpMaker.OWNER;
import static io.cloacina.guard.internal.intake.PgpMaker.SHA256;
import static io.cloacina.guard.internal.intake.PgpMaker.binding;
import static io.cloacina.guard.internal.intake.PgpMaker.bytes;
import static io.cloacina.guard.internal.intake.PgpMaker.certificate;
import static io.cloacina.guard.internal.intake.PgpMaker.consent;
import static io.cloacina.guard.internal.intake.PgpMaker.flags;
import static io.cloacina.guard.internal.intake.PgpMaker.pair;
import static io.cloacina.guard.internal.intake.PgpMaker.subkey;
import static io.cloacina.guard.internal.intake.PgpMaker.userId;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.util.function.Consumer;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subkeys that may sign packages, and those that may not. */
class PgpSubkeyTest extends PgpCertificateFixture {

    private Consumer<PGPSignatureSubpacketGenerator> forSigning() {
        return flags(KeyFlags.SIGN_DATA).andThen(consent(sub, key.getPublicKey(), SHA256));
    }

    @Test
    void subkey_thatIsBoundBothWays_counts() throws Exception {
        assertGood(sub, certificate(key), bytes(sub), binding(key, sub, PGPSignature.SUBKEY_BINDING, forSigning()));
    }

    @Test
    void subkey_ofAnotherKey_isRefused() throws Exception {
        PGPKeyPair thief = pair();

        // Anyone can put another's subkey behind the own key, and even sign that it belongs there.
        assertRefused(Reason.UNUSABLE_KEY, "is not signed by", sub, certificate(key), bytes(sub));
        assertRefused(
                Reason.UNUSABLE_KEY,
                "is not signed by",
                sub,
                certificate(key),
                bytes(sub),
                binding(thief, sub, PGPSignature.SUBKEY_BINDING, forSigning()));
        assertRefused(
                Reason.UNUSABLE_KEY,
                "has not signed that it belongs to",
                sub,
                certificate(thief),
                bytes(sub),
                binding(thief, sub, PGPSignature.SUBKEY_BINDING, flags(KeyFlags.SIGN_DATA)));
        assertRefused(
                Reason.UNUSABLE_KEY,
                "has not signed that it belongs to",
                sub,
                certificate(thief),
                bytes(sub),
                binding(thief, sub, PGPSignature.SUBKEY_BINDING, forSigning()));
    }

    @ParameterizedTest
    @ValueSource(ints = {KeyFlags.ENCRYPT_STORAGE, KeyFlags.AUTHENTICATION, 0})
    void subkey_thatIsNotForSigning_isRefused(int flags) throws Exception {
        byte[] bound = binding(
                key, sub, PGPSignature.SUBKEY_BINDING, flags(flags).andThen(consent(sub, key.getPublicKey(), SHA256)));

        assertRefused(Reason.UNUSABLE_KEY, "is not meant for signing", sub, certificate(key), bytes(sub), bound);
    }

    @Test
    void subkey_withoutFlags_isRefused() throws Exception {
        byte[] bound = binding(key, sub, PGPSignature.SUBKEY_BINDING, consent(sub, key.getPublicKey(), SHA256));

        assertRefused(Reason.UNUSABLE_KEY, "is not meant for signing", sub, certificate(key), bytes(sub), bound);
    }

    @Test
    void subkey_thatWasRevoked_isRefused() throws Exception {
        assertRefused(
                Reason.REVOKED_KEY,
                "was revoked by its owner",
                sub,
                certificate(key),
                bytes(sub),
                binding(key, sub, PGPSignature.SUBKEY_REVOCATION, none -> {}),
                binding(key, sub, PGPSignature.SUBKEY_BINDING, forSigning()));
    }

    @Test
    void subkey_thatHasExpired_isRefused() throws Exception {
        byte[] bound = binding(
                key,
                sub,
                PGPSignature.SUBKEY_BINDING,
                lasting(30 * DAY, KeyFlags.SIGN_DATA).andThen(consent(sub, key.getPublicKey(), SHA256)));

        assertRefused(Reason.EXPIRED_EVIDENCE, "has expired on 2025-01-31", sub, certificate(key), bytes(sub), bound);
    }

    @Test
    void subkey_ofAKeyThatHasExpired_isRefused() throws Exception {
        assertRefused(
                Reason.EXPIRED_EVIDENCE,
                "has expired on 2025-01-31",
                sub,
                bytes(key),
                userId(OWNER),
                certified(BORN, lasting(30 * DAY, FOR_SIGNING)),
                bytes(sub),
                binding(key, sub, PGPSignature.SUBKEY_BINDING, forSigning()));
    }

    @Test
    void subkey_withAWeakKeyOrAWeakSignature_isRefused() throws Exception {
        PGPKeyPair small = subkey(generator -> generator.generateRsaKeyPair(1024));
        byte[] bound = binding(
                key,
                small,
                PGPSignature.SUBKEY_BINDING,
                flags(KeyFlags.SIGN_DATA).andThen(consent(small, key.getPublicKey(), SHA256)));
        byte[] weakly = binding(
                key,
                sub,
                PGPSignature.SUBKEY_BINDING,
                flags(KeyFlags.SIGN_DATA).andThen(consent(sub, key.getPublicKey(), HashAlgorithmTags.SHA1)));

        assertRefused(Reason.WEAK_EVIDENCE, "1024 bits", small, certificate(key), bytes(small), bound);
        assertRefused(Reason.WEAK_EVIDENCE, "SHA-1", sub, certificate(key), bytes(sub), weakly);
    }
}
