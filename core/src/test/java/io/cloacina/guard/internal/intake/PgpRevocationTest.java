// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static io.cloacina.guard.internal.intake.PgpMaker.BORN;
import static io.cloacina.guard.internal.intake.PgpMaker.FOR_SIGNING;
import static io.cloacina.guard.internal.intake.PgpMaker.OWNER;
import static io.cloacina.guard.internal.intake.PgpMaker.SHA256;
import static io.cloacina.guard.internal.intake.PgpMaker.SIGNED;
import static io.cloacina.guard.internal.intake.PgpMaker.armoured;
import static io.cloacina.guard.internal.intake.PgpMaker.binding;
import static io.cloacina.guard.internal.intake.PgpMaker.bytes;
import static io.cloacina.guard.internal.intake.PgpMaker.certificate;
import static io.cloacina.guard.internal.intake.PgpMaker.certification;
import static io.cloacina.guard.internal.intake.PgpMaker.consent;
import static io.cloacina.guard.internal.intake.PgpMaker.dated;
import static io.cloacina.guard.internal.intake.PgpMaker.detached;
import static io.cloacina.guard.internal.intake.PgpMaker.flags;
import static io.cloacina.guard.internal.intake.PgpMaker.join;
import static io.cloacina.guard.internal.intake.PgpMaker.pair;
import static io.cloacina.guard.internal.intake.PgpMaker.signature;
import static io.cloacina.guard.internal.intake.PgpMaker.subkey;
import static io.cloacina.guard.internal.intake.PgpMaker.userId;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.PGPKeyPairGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Revocations wherever they stand, and what is left of a key whose user ids are over. */
class PgpRevocationTest {

    private static final byte[] CONTENT = "a package".getBytes(StandardCharsets.UTF_8);
    private static final long DAY = 86_400;

    private PGPKeyPair key;
    private PGPKeyPair sub;
    private byte[] bound;

    @BeforeEach
    void makeKeys() throws Exception {
        key = pair();
        sub = subkey(PGPKeyPairGenerator::generateLegacyEd25519KeyPair);
        bound = join(
                bytes(sub),
                binding(
                        key,
                        sub,
                        PGPSignature.SUBKEY_BINDING,
                        flags(KeyFlags.SIGN_DATA).andThen(consent(sub, key.getPublicKey(), SHA256))));
    }

    private static void assertGood(PGPKeyPair signer, byte[]... file) throws Exception {
        PgpCheckTest.check(join(file), detached(signer, CONTENT), CONTENT);
    }

    private static void assertRefused(Reason reason, PGPKeyPair signer, byte[]... file) throws Exception {
        PgpCheckTest.assertRefused(reason, "", join(file), detached(signer, CONTENT), CONTENT);
    }

    private static byte[] onKey(PGPKeyPair by, int type, PGPKeyPair of, Consumer<PGPSignatureSubpacketGenerator> more)
            throws Exception {
        return signature(
                by,
                type,
                SHA256,
                dated(by, SIGNED, more),
                generator -> generator.generateCertification(of.getPublicKey()));
    }

    private byte[] revocation() throws Exception {
        return onKey(key, PGPSignature.KEY_REVOCATION, key, none -> {});
    }

    private byte[] direct(Consumer<PGPSignatureSubpacketGenerator> more) throws Exception {
        return onKey(key, PGPSignature.DIRECT_KEY, key, more);
    }

    @Test
    void revocation_anywhereInTheFile_counts() throws Exception {
        byte[] good = join(certificate(key), bound);
        byte[] other = certificate(pair());
        assertGood(key, good, other);

        assertRefused(Reason.REVOKED_KEY, key, good, revocation());
        assertRefused(Reason.REVOKED_KEY, sub, good, revocation());
        assertRefused(Reason.REVOKED_KEY, key, certificate(key), revocation(), bound);
        assertRefused(Reason.REVOKED_KEY, key, good, other, revocation());
        assertRefused(Reason.REVOKED_KEY, key, revocation(), other, good);
    }

    @Test
    void revocation_inABlockOfItsOwn_counts() throws Exception {
        byte[] good = armoured("PUBLIC KEY BLOCK", join(certificate(key), bound));

        assertRefused(Reason.REVOKED_KEY, key, good, armoured("PUBLIC KEY BLOCK", revocation()));
        assertRefused(Reason.REVOKED_KEY, key, armoured("PUBLIC KEY BLOCK", revocation()), good);
        assertRefused(Reason.REVOKED_KEY, key, good, armoured("SIGNATURE", revocation()));
    }

    @Test
    void revocation_ofASubkey_countsWhereverItStands() throws Exception {
        byte[] revocation = binding(key, sub, PGPSignature.SUBKEY_REVOCATION, none -> {});
        PGPKeyPair second = subkey(PGPKeyPairGenerator::generateLegacyEd25519KeyPair);
        byte[] good = join(certificate(key), bound);

        assertRefused(Reason.REVOKED_KEY, sub, good, certificate(pair()), revocation);
        assertRefused(Reason.REVOKED_KEY, sub, good, bytes(second), revocation);
        assertRefused(Reason.REVOKED_KEY, sub, certificate(key), revocation, bound);
        assertGood(key, good, certificate(pair()), revocation);
    }

    @Test
    void revocation_ofOrByAnother_doesNotCount() throws Exception {
        PGPKeyPair other = pair();
        byte[] ofOther = onKey(other, PGPSignature.KEY_REVOCATION, other, none -> {});
        byte[] byOther = onKey(other, PGPSignature.KEY_REVOCATION, key, none -> {});

        assertGood(key, certificate(key), bound, ofOther);
        assertGood(key, certificate(key), bound, byOther);
        assertGood(key, certificate(other), certificate(key), bound, ofOther, byOther);
        assertRefused(Reason.REVOKED_KEY, other, certificate(other), certificate(key), bound, ofOther);
    }

    private Consumer<PGPSignatureSubpacketGenerator> appointing(PGPKeyPair other) {
        return area -> appoint(area, other);
    }

    @SuppressWarnings("deprecation") // RFC 9580 retires such appointments; keys that are in use hold them
    private static void appoint(PGPSignatureSubpacketGenerator area, PGPKeyPair other) {
        area.addRevocationKey(
                false, other.getPublicKey().getAlgorithm(), other.getPublicKey().getFingerprint());
    }

    @Test
    void revocation_byWhomTheOwnerHasAppointed_countsBehindTheKey_butNotThatOnesOwn() throws Exception {
        PGPKeyPair other = pair();
        PGPKeyPair third = pair();
        byte[] certified = join(userId(OWNER), certification(key, SHA256, BORN, flags(FOR_SIGNING)), bound);
        byte[] appointed = join(bytes(key), direct(appointing(other)), certified);
        byte[] byOther = onKey(other, PGPSignature.KEY_REVOCATION, key, none -> {});
        byte[] ofOther = onKey(other, PGPSignature.KEY_REVOCATION, other, none -> {});
        byte[] ofThird = onKey(other, PGPSignature.KEY_REVOCATION, third, none -> {});

        assertRefused(Reason.REVOKED_KEY, key, appointed, byOther);
        assertGood(key, appointed, certificate(other), ofOther);
        assertGood(key, appointed, bytes(third), ofThird);
    }

    private byte[] takenBack() throws Exception {
        return signature(
                key,
                PGPSignature.CERTIFICATION_REVOCATION,
                SHA256,
                dated(key, SIGNED, none -> {}),
                generator -> generator.generateCertification(OWNER, key.getPublicKey()));
    }

    @Test
    void userIds_thatAreAllOver_haveNoSignatureOnTheKeyStandIn() throws Exception {
        byte[] month = certification(key, SHA256, BORN, area -> {
            area.setSignatureExpirationTime(true, 30 * DAY);
            area.setKeyFlags(true, FOR_SIGNING);
        });
        byte[] weak = certification(key, HashAlgorithmTags.SHA1, BORN, flags(FOR_SIGNING));
        byte[] certified = certification(key, SHA256, BORN, flags(FOR_SIGNING));

        for (byte[] direct : new byte[][] {direct(appointing(pair())), direct(flags(FOR_SIGNING))}) {
            assertGood(key, bytes(key), direct, userId(OWNER), certified);
            assertRefused(Reason.REVOKED_KEY, key, bytes(key), direct, userId(OWNER), certified, takenBack());
            assertRefused(Reason.EXPIRED_EVIDENCE, key, bytes(key), direct, userId(OWNER), month);
            assertRefused(Reason.WEAK_EVIDENCE, key, bytes(key), direct, userId(OWNER), weak);
        }
    }

    @Test
    void keyWithoutUserId_needsASignatureThatSaysWhatItIsFor() throws Exception {
        byte[] appointing = direct(appointing(pair()));
        byte[] monthOnly = signature(
                key,
                PGPSignature.DIRECT_KEY,
                SHA256,
                dated(key, BORN, area -> area.setKeyExpirationTime(true, 30 * DAY)),
                generator -> generator.generateCertification(key.getPublicKey()));

        assertRefused(Reason.UNUSABLE_KEY, key, bytes(key), appointing);
        assertRefused(Reason.EXPIRED_EVIDENCE, key, bytes(key), monthOnly, appointing);
        assertGood(key, bytes(key), direct(flags(FOR_SIGNING)));
        // Anyone can put a user id behind a key.
        assertGood(key, bytes(key), direct(flags(FOR_SIGNING)), userId("Other <other@example.com>"));
    }
}
