// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static io.cloacina.guard.internal.intake.PgpMaker.BORN;
import static io.cloacina.guard.internal.intake.PgpMaker.FOR_SIGNING;
import static io.cloacina.guard.internal.intake.PgpMaker.NOW;
import static io.cloacina.guard.internal.intake.PgpMaker.OWNER;
import static io.cloacina.guard.internal.intake.PgpMaker.SHA256;
import static io.cloacina.guard.internal.intake.PgpMaker.SIGNED;
import static io.cloacina.guard.internal.intake.PgpMaker.bytes;
import static io.cloacina.guard.internal.intake.PgpMaker.certificate;
import static io.cloacina.guard.internal.intake.PgpMaker.certification;
import static io.cloacina.guard.internal.intake.PgpMaker.dated;
import static io.cloacina.guard.internal.intake.PgpMaker.detached;
import static io.cloacina.guard.internal.intake.PgpMaker.flags;
import static io.cloacina.guard.internal.intake.PgpMaker.join;
import static io.cloacina.guard.internal.intake.PgpMaker.pair;
import static io.cloacina.guard.internal.intake.PgpMaker.signature;
import static io.cloacina.guard.internal.intake.PgpMaker.userId;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.operator.PGPKeyPairGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that may sign packages, and those that may not. */
class PgpCertificateTest extends PgpCertificateFixture {

    private byte[] onKey(PGPKeyPair by, int type, int hash, Instant at) throws Exception {
        return signature(
                by,
                type,
                hash,
                dated(by, at, none -> {}),
                generator -> generator.generateCertification(key.getPublicKey()));
    }

    @Test
    void key_below2048Bits_isRefused() throws Exception {
        PGPKeyPair small = pair(generator -> generator.generateRsaKeyPair(1024));

        assertRefused(Reason.WEAK_EVIDENCE, "has an RSA key of 1024 bits", small, certificate(small));
    }

    @ParameterizedTest
    @ValueSource(ints = {HashAlgorithmTags.MD5, HashAlgorithmTags.SHA1})
    void key_whoseUserIdIsSignedWithAWeakHash_isRefused(int hash) throws Exception {
        byte[] weak = certification(key, hash, BORN, flags(FOR_SIGNING));

        assertRefused(Reason.WEAK_EVIDENCE, "is made with", key, bytes(key), userId(OWNER), weak);
        assertGood(key, bytes(key), userId(OWNER), weak, certified(SIGNED, flags(FOR_SIGNING)));
    }

    @Test
    void key_thatHasExpired_isRefused_unlessItsNewestSignatureProlongsIt() throws Exception {
        byte[] month = certified(BORN, lasting(30 * DAY, FOR_SIGNING));
        byte[] years = certified(SIGNED, lasting(3_650 * DAY, FOR_SIGNING));
        byte[] forEver = certified(SIGNED, flags(FOR_SIGNING));
        byte[] monthAgain = certified(SIGNED.plusSeconds(1), lasting(30 * DAY, FOR_SIGNING));

        assertRefused(Reason.EXPIRED_EVIDENCE, "has expired on 2025-01-31", key, bytes(key), userId(OWNER), month);
        assertGood(key, bytes(key), userId(OWNER), month, years);
        assertGood(key, bytes(key), userId(OWNER), forEver, month);
        assertRefused(
                Reason.EXPIRED_EVIDENCE,
                "has expired on 2025-01-31",
                key,
                bytes(key),
                userId(OWNER),
                years,
                monthAgain);
    }

    @Test
    void key_whoseSignatureOnTheUserIdIsOfTomorrowOrOver_isRefused() throws Exception {
        byte[] over = certified(BORN, area -> {
            area.setSignatureExpirationTime(true, DAY);
            area.setKeyFlags(true, FOR_SIGNING);
        });
        byte[] tomorrow = certified(NOW.plus(Duration.ofDays(1)), flags(FOR_SIGNING));

        assertRefused(Reason.EXPIRED_EVIDENCE, "has expired", key, bytes(key), userId(OWNER), over);
        assertRefused(Reason.EXPIRED_EVIDENCE, "in the future", key, bytes(key), userId(OWNER), tomorrow);
    }

    @Test
    void key_ofTheFuture_isRefused() throws Exception {
        PGPKeyPair young = pair(4, NOW.plus(Duration.ofDays(1)), PGPKeyPairGenerator::generateLegacyEd25519KeyPair);
        byte[] signature = signature(
                young, PGPSignature.BINARY_DOCUMENT, SHA256, dated(young, NOW, none -> {}), PgpMaker.content(CONTENT));

        PgpCheckTest.assertRefused(
                Reason.EXPIRED_EVIDENCE, "before its key was made", certificate(young), signature, CONTENT);
    }

    @ParameterizedTest
    @ValueSource(ints = {HashAlgorithmTags.SHA256, HashAlgorithmTags.SHA1})
    void key_thatWasRevoked_isRefused_howeverTheRevocationIsMade(int hash) throws Exception {
        byte[] revocation = onKey(key, PGPSignature.KEY_REVOCATION, hash, SIGNED.plusSeconds(DAY));

        assertRefused(
                Reason.REVOKED_KEY,
                "was revoked by its owner",
                key,
                bytes(key),
                revocation,
                userId(OWNER),
                certified(BORN, flags(FOR_SIGNING)));
        // Also if an older copy of the key is in the file.
        assertRefused(
                Reason.REVOKED_KEY,
                "was revoked by its owner",
                key,
                certificate(key),
                bytes(key),
                revocation,
                userId(OWNER),
                certified(BORN, flags(FOR_SIGNING)));
    }

    @Test
    @SuppressWarnings("deprecation") // RFC 9580 retires such appointments; keys that are in use hold them
    void key_thatAnotherRevokes_isRefusedIfItsOwnerHasAppointedThatOne() throws Exception {
        PGPKeyPair other = pair();
        byte[] revocation = onKey(other, PGPSignature.KEY_REVOCATION, SHA256, SIGNED);
        byte[] appointment = signature(
                key,
                PGPSignature.DIRECT_KEY,
                SHA256,
                dated(
                        key,
                        BORN,
                        area -> area.addRevocationKey(
                                false,
                                other.getPublicKey().getAlgorithm(),
                                other.getPublicKey().getFingerprint())),
                generator -> generator.generateCertification(key.getPublicKey()));
        byte[] certified = certified(BORN, flags(FOR_SIGNING));

        assertGood(key, bytes(key), revocation, userId(OWNER), certified);
        assertGood(key, bytes(key), appointment, userId(OWNER), certified);
        assertRefused(
                Reason.REVOKED_KEY, "was revoked", key, bytes(key), revocation, appointment, userId(OWNER), certified);
    }

    @Test
    void userId_thatWasTakenBack_doesNotCount_unlessItIsSignedAnew() throws Exception {
        byte[] certified = certified(BORN, flags(FOR_SIGNING));
        byte[] back = signature(
                key,
                PGPSignature.CERTIFICATION_REVOCATION,
                SHA256,
                dated(key, SIGNED, none -> {}),
                generator -> generator.generateCertification(OWNER, key.getPublicKey()));

        assertRefused(Reason.REVOKED_KEY, "was taken back", key, bytes(key), userId(OWNER), certified, back);
        assertGood(
                key,
                bytes(key),
                userId(OWNER),
                certified,
                back,
                certified(SIGNED.plusSeconds(DAY), flags(FOR_SIGNING)));
    }

    @Test
    void key_withoutItsOwnSignature_isRefused() throws Exception {
        byte[] foreign = certification(pair(), SHA256, BORN, flags(FOR_SIGNING));

        assertRefused(Reason.UNUSABLE_KEY, "is not signed by", key, bytes(key));
        assertRefused(Reason.UNUSABLE_KEY, "is not signed by", key, bytes(key), userId(OWNER));
        assertRefused(Reason.UNUSABLE_KEY, "is not signed by", key, bytes(key), userId(OWNER), foreign);
        assertRefused(
                Reason.UNUSABLE_KEY,
                "is not signed by",
                key,
                bytes(key),
                userId("Other <other@example.com>"),
                certified(BORN, flags(FOR_SIGNING)));
    }

    @Test
    void key_withoutUserId_butWithADirectSignature_counts() throws Exception {
        byte[] direct = signature(
                key,
                PGPSignature.DIRECT_KEY,
                SHA256,
                dated(key, BORN, flags(FOR_SIGNING)),
                generator -> generator.generateCertification(key.getPublicKey()));

        assertGood(key, bytes(key), direct);
    }

    @Test
    void key_thatIsNotForSigning_isRefused() throws Exception {
        byte[] certified = certified(BORN, flags(KeyFlags.CERTIFY_OTHER));

        assertRefused(Reason.UNUSABLE_KEY, "is not meant for signing", key, bytes(key), userId(OWNER), certified);
        // Old programs write no flags; then the algorithm says what it is for.
        assertGood(key, bytes(key), userId(OWNER), certified(BORN, none -> {}));
    }

    @Test
    void certificate_usedByManyThreads_isJudgedTheSame() throws Exception {
        PgpKeyFile keys = PgpKeyFile.read(certificate(key), "key");
        byte[] signature = detached(key, CONTENT);

        long good = IntStream.range(0, 400)
                .parallel()
                .filter(i -> {
                    try {
                        PgpCheck check = PgpCheck.begin(keys, signature, "p.jar.asc", NOW);
                        check.update(CONTENT, CONTENT.length);
                        check.finish();
                        return true;
                    } catch (IntakeRefusedException e) {
                        return false;
                    }
                })
                .count();

        assertEquals(400, good);
    }

    @Test
    void keyFile_ofAnotherForm_isRefusedWithWhatWouldBeRight() throws Exception {
        assertSays("holds no OpenPGP public key", new byte[0]);
        assertSays("holds no OpenPGP public key", "a key".getBytes(StandardCharsets.UTF_8));
        assertSays("holds a private key", PgpMaker.armoured("PRIVATE KEY BLOCK", new byte[] {1}));
        assertSays("holds a private key", new byte[] {(byte) 0xc5, 1, 4});
        assertSays("does not begin with a public key", detached(key, CONTENT));
        assertSays("none of the keys in it can be read", new byte[] {(byte) 0xc6, 1, 4});
        assertSays("is cut off", new byte[] {(byte) 0xc6, 9, 4});
        assertEquals(
                "[k] (of whose keys 1 cannot be read)",
                PgpKeyFile.read(join(certificate(key), new byte[] {(byte) 0xc6, 1, 4}), "k")
                        .toString());
    }

    private static void assertSays(String text, byte[] content) {
        String message = assertThrows(IllegalArgumentException.class, () -> PgpKeyFile.read(content, "k"))
                .getMessage();
        assertTrue(message.contains(text), message);
    }
}
