// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static io.cloacina.guard.internal.intake.PgpMaker.BORN;
import static io.cloacina.guard.internal.intake.PgpMaker.NOW;
import static io.cloacina.guard.internal.intake.PgpMaker.OWNER;
import static io.cloacina.guard.internal.intake.PgpMaker.SHA256;
import static io.cloacina.guard.internal.intake.PgpMaker.SIGNED;
import static io.cloacina.guard.internal.intake.PgpMaker.armoured;
import static io.cloacina.guard.internal.intake.PgpMaker.certificate;
import static io.cloacina.guard.internal.intake.PgpMaker.content;
import static io.cloacina.guard.internal.intake.PgpMaker.dated;
import static io.cloacina.guard.internal.intake.PgpMaker.detached;
import static io.cloacina.guard.internal.intake.PgpMaker.join;
import static io.cloacina.guard.internal.intake.PgpMaker.pair;
import static io.cloacina.guard.internal.intake.PgpMaker.signature;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Date;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacket;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.PGPKeyPairGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signature files, and what is in them; {@link PgpCertificateTest} has the keys. */
class PgpCheckTest {

    private static final byte[] CONTENT = "a package".getBytes(StandardCharsets.UTF_8);
    private static PGPKeyPair key;
    private static byte[] certificate;

    @BeforeAll
    static void makeKey() throws Exception {
        key = pair();
        certificate = certificate(key);
    }

    static Evidence check(byte[] keys, byte[] signature, byte[] content) throws IntakeRefusedException {
        PgpCheck check = PgpCheck.begin(PgpKeyFile.read(keys, "key.asc"), signature, "p.jar.asc", NOW);
        byte[] more = Arrays.copyOf(content, content.length + 10);
        check.update(more, content.length);
        return check.finish();
    }

    static void assertRefused(Reason reason, String says, byte[] keys, byte[] signature, byte[] content) {
        IntakeRefusedException refused =
                assertThrows(IntakeRefusedException.class, () -> check(keys, signature, content));
        assertEquals(reason, refused.reason(), refused.getMessage());
        assertTrue(refused.getMessage().contains(says), refused.getMessage());
        assertTrue(refused.getMessage().startsWith("[p.jar.asc] "), refused.getMessage());
    }

    private static void assertRefused(Reason reason, String says, byte[] signature) {
        assertRefused(reason, says, certificate, signature, CONTENT);
    }

    private static byte[] signed(int type, int hash, Consumer<PGPSignatureSubpacketGenerator> hashed) throws Exception {
        return signature(key, type, hash, hashed, content(CONTENT));
    }

    private static byte[] signed(Consumer<PGPSignatureSubpacketGenerator> more) throws Exception {
        return signed(PGPSignature.BINARY_DOCUMENT, SHA256, dated(key, SIGNED, more));
    }

    static Stream<PgpMaker.Kind> kinds() {
        return Stream.of(
                PGPKeyPairGenerator::generateLegacyEd25519KeyPair,
                PGPKeyPairGenerator::generateEd25519KeyPair,
                PGPKeyPairGenerator::generateEd448KeyPair,
                generator -> generator.generateRsaKeyPair(2048),
                PGPKeyPairGenerator::generateNistP256ECDSAKeyPair,
                PGPKeyPairGenerator::generateBrainpoolP384r1ECDSAKeyPair);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void signature_byEveryStrongAlgorithm_counts(PgpMaker.Kind kind) throws Exception {
        PGPKeyPair one = pair(kind);
        PgpCertificate named =
                PgpKeyFile.read(certificate(one), "key").certificates().get(0);
        int hash = HashAlgorithmTags.SHA512;
        byte[] signature =
                signature(one, PGPSignature.BINARY_DOCUMENT, hash, dated(one, SIGNED, none -> {}), content(CONTENT));

        Evidence evidence = check(certificate(one), signature, CONTENT);

        assertEquals("pgp", evidence.kind());
        assertEquals(named.fingerprint(), evidence.identity());
        assertEquals(40, evidence.identity().length());
        assertEquals(OWNER, evidence.detail());
    }

    @Test
    void signature_ofVersion6_counts() throws Exception {
        PGPKeyPair one = pair(6, BORN, PGPKeyPairGenerator::generateEd25519KeyPair);

        Evidence evidence = check(certificate(one), detached(one, CONTENT), CONTENT);

        assertEquals(64, evidence.identity().length());
    }

    @Test
    void files_armouredAndBinary_areTheSame() throws Exception {
        byte[] signature = detached(key, CONTENT);
        byte[] text = join(
                "A KEYS file\r\n".getBytes(StandardCharsets.UTF_8), armoured("PUBLIC KEY BLOCK", certificate(pair())),
                "\nanother\n".getBytes(StandardCharsets.UTF_8), armoured("PUBLIC KEY BLOCK", certificate));

        check(certificate, signature, CONTENT);
        check(certificate, armoured("SIGNATURE", signature), CONTENT);
        check(text, armoured("SIGNATURE", signature), CONTENT);
        check(
                text,
                new String(armoured("SIGNATURE", signature), StandardCharsets.US_ASCII)
                        .replace("\n", "\r\n")
                        .getBytes(StandardCharsets.US_ASCII),
                CONTENT);
    }

    @Test
    void package_thatWasChanged_isRefused() throws Exception {
        byte[] signature = detached(key, CONTENT);
        byte[] changed = CONTENT.clone();
        changed[0] ^= 1;

        assertRefused(Reason.INVALID_EVIDENCE, "is no signature of these bytes", certificate, signature, changed);
        assertRefused(Reason.INVALID_EVIDENCE, "is no signature of these bytes", certificate, signature, new byte[0]);
    }

    @Test
    void signature_byAnotherKey_isRefused() throws Exception {
        PGPKeyPair other = pair();

        assertRefused(Reason.UNKNOWN_SIGNER, "which is not in [key.asc]", detached(other, CONTENT));
    }

    @Test
    void signature_thatOnlyClaimsToBeByTheKey_isRefused() throws Exception {
        // By the attacker's key, with the publisher's in all that says who made it.
        PGPKeyPair attacker = pair();
        byte[] forged = PgpMaker.made(
                        attacker,
                        PGPSignature.BINARY_DOCUMENT,
                        SHA256,
                        dated(key, SIGNED, area -> area.setIssuerKeyID(false, key.getKeyID())),
                        area -> area.setIssuerKeyID(false, key.getKeyID()),
                        content(CONTENT))
                .getEncoded();

        assertRefused(Reason.INVALID_EVIDENCE, "is no signature of these bytes", forged);
    }

    @Test
    void signature_whoseUnhashedAreaNamesTheKey_butWhoseHashedAreaNamesAnother_isRefused() throws Exception {
        byte[] made = PgpMaker.made(
                        key,
                        PGPSignature.BINARY_DOCUMENT,
                        SHA256,
                        dated(pair(), SIGNED, none -> {}),
                        area -> area.setIssuerKeyID(false, key.getKeyID()),
                        content(CONTENT))
                .getEncoded();

        assertRefused(Reason.UNKNOWN_SIGNER, "names another key as its maker", made);
    }

    @ParameterizedTest
    @ValueSource(ints = {HashAlgorithmTags.MD5, HashAlgorithmTags.SHA1, HashAlgorithmTags.RIPEMD160})
    void signature_withAWeakHash_isRefusedByName(int hash) throws Exception {
        byte[] weak = signed(PGPSignature.BINARY_DOCUMENT, hash, dated(key, SIGNED, none -> {}));

        assertRefused(Reason.WEAK_EVIDENCE, "is made with " + PgpStrength.nameOf(hash), weak);
    }

    @Test
    void signature_ofText_isRefused() throws Exception {
        byte[] text = signed(PGPSignature.CANONICAL_TEXT_DOCUMENT, SHA256, dated(key, SIGNED, none -> {}));

        assertRefused(Reason.MALFORMED_EVIDENCE, "is a signature of text", text);
    }

    @ParameterizedTest
    @ValueSource(ints = {PGPSignature.STAND_ALONE, PGPSignature.POSITIVE_CERTIFICATION, PGPSignature.TIMESTAMP, 0x50})
    void signature_ofAnotherType_isRefused(int type) throws Exception {
        byte[] other = signed(type, SHA256, dated(key, SIGNED, none -> {}));

        assertRefused(Reason.MALFORMED_EVIDENCE, "is no signature of a file", other);
    }

    @Test
    void signature_datedWrongly_isRefused() throws Exception {
        assertRefused(
                Reason.EXPIRED_EVIDENCE,
                "in the future",
                signed(PGPSignature.BINARY_DOCUMENT, SHA256, dated(key, NOW.plus(Duration.ofHours(1)), none -> {})));
        assertRefused(
                Reason.EXPIRED_EVIDENCE,
                "before its key was made",
                signed(PGPSignature.BINARY_DOCUMENT, SHA256, dated(key, BORN.minusSeconds(1), none -> {})));
        assertRefused(
                Reason.EXPIRED_EVIDENCE,
                "has expired on 2025-06-01T00:01:00",
                signed(area -> area.setSignatureExpirationTime(true, 60)));
        check(certificate, signed(area -> area.setSignatureExpirationTime(true, 86_400L * 365)), CONTENT);
    }

    @Test
    void signature_whoseDateIsNotSigned_isRefused() throws Exception {
        byte[] made = PgpMaker.made(
                        key,
                        PGPSignature.BINARY_DOCUMENT,
                        SHA256,
                        area -> area.setSignatureCreationTime(Date.from(SIGNED)),
                        area -> {
                            area.setSignatureCreationTime(Date.from(SIGNED));
                            area.setIssuerKeyID(false, key.getKeyID());
                        },
                        content(CONTENT))
                .getEncoded();
        // The first subpacket: behind two bytes of header, the four of what it is, and two of how long.
        assertEquals(2, made[9] & 0x7f);
        made[9] = 100;

        assertRefused(Reason.MALFORMED_EVIDENCE, "does not say when it was made", made);
    }

    @Test
    void signature_withWhatItsMakerCallsCriticalAndIsUnknown_isRefused() throws Exception {
        assertRefused(
                Reason.MALFORMED_EVIDENCE,
                "critical subpacket of type 20",
                signed(area -> area.addNotationData(true, true, "only-on@example.com", "mondays")));
        assertRefused(
                Reason.MALFORMED_EVIDENCE,
                "critical subpacket of type 99",
                signed(area -> area.addCustomSubpacket(new SignatureSubpacket(99, true, false, new byte[] {1}) {})));
        check(certificate, signed(area -> area.addNotationData(false, true, "a@example.com", "b")), CONTENT);
    }

    @Test
    void signatures_oneGoodAmongOthers_isEnough() throws Exception {
        byte[] good = detached(key, CONTENT);
        byte[] bad = detached(key, "other".getBytes(StandardCharsets.UTF_8));
        byte[] foreign = detached(pair(), CONTENT);
        byte[] weak = signed(PGPSignature.BINARY_DOCUMENT, HashAlgorithmTags.SHA1, dated(key, SIGNED, none -> {}));

        check(certificate, join(bad, foreign, weak, good), CONTENT);
        check(certificate, join(good, weak, foreign, bad), CONTENT);
        assertRefused(Reason.WEAK_EVIDENCE, "SHA-1", join(foreign, weak));
        assertRefused(Reason.INVALID_EVIDENCE, "is no signature of these bytes", join(foreign, bad, weak));
    }

    @Test
    void file_ofAnotherForm_isRefused() throws Exception {
        byte[] good = detached(key, CONTENT);
        byte[][] malformed = {
            new byte[0],
            "nothing".getBytes(StandardCharsets.UTF_8),
            armoured("MESSAGE", good),
            armoured("SIGNED MESSAGE", good),
            armoured("PUBLIC KEY BLOCK", certificate),
            "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n".getBytes(StandardCharsets.US_ASCII),
            "-----BEGIN PGP SIGNATURE-----\n\n!!!!\n-----END PGP SIGNATURE-----\n".getBytes(StandardCharsets.US_ASCII),
            certificate,
            Arrays.copyOf(good, good.length - 1),
            Arrays.copyOf(good, good.length + 1),
            // A one-pass signature, compressed and literal data.
            join(new byte[] {(byte) 0xc4, 1, 3}, good),
            new byte[] {(byte) 0xc8, 1, 0},
            join(good, new byte[] {(byte) 0xcb, 1, 0}),
            // In parts, and of no length.
            new byte[] {(byte) 0xc2, (byte) 0xe0, 4, 0},
            new byte[] {(byte) 0x8b, 4, 0},
            // Larger than it is.
            new byte[] {(byte) 0xc2, (byte) 0xff, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 4},
            // Version 6, whose area has a length of four bytes.
            new byte[] {(byte) 0xc2, 8, 6, 0, 27, 8, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff},
            new byte[] {(byte) 0xc2, 6, 4, 0, 27, 8, (byte) 0xff, (byte) 0xff},
            // Versions 3 and 5.
            new byte[] {(byte) 0xc2, 4, 3, 5, 0, 0},
            new byte[] {(byte) 0xc2, 4, 5, 0, 27, 8},
            new byte[PgpCheck.MOST_BYTES + 1]
        };
        for (byte[] one : malformed) {
            assertRefused(Reason.MALFORMED_EVIDENCE, "", one);
        }
        byte[] many = new byte[0];
        for (int i = 0; i < 17; i++) {
            many = join(many, good);
        }
        assertRefused(Reason.MALFORMED_EVIDENCE, "more than 16 signatures", many);
    }

    @Test
    void file_withAnyByteChanged_isRefusedOrStillGood() throws Exception {
        Random random = new Random(18);
        byte[] good = detached(key, CONTENT);
        int refused = 0;
        for (int i = 0; i < 2_000; i++) {
            byte[] changed = good.clone();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            try {
                check(certificate, changed, CONTENT);
            } catch (IntakeRefusedException e) {
                refused++;
            }
        }
        assertTrue(refused > 1_500, "what is signed is most of it: " + refused);
    }
}
