// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ed25519Test {

    private static final HexFormat HEX = HexFormat.of();
    private static final BigInteger ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    private final byte[] message = PackageHash.ofContent(new byte[] {1, 2, 3}).bytes();

    // RFC 8032, section 7.1, tests 1 to 3 and "SHA(abc)".
    @ParameterizedTest
    @CsvSource({
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
                + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,'',"
                + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25"
                + "bf5f0595bbe24655141438e7a100b",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
                + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,72,"
                + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2"
                + "eaeb4302aeeb00d291612bb0c00",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
                + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,af82,"
                + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c1"
                + "5e9716ed28dc027beceea1ec40a",
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42,"
                + "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf,"
                + "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4"
                + "423643ce80e2a9ac94fa54ca49f,"
                + "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca1"
                + "79c138ac17ad9bef1177331a704",
    })
    void vector_ofTheRfc_signsAndVerifies(String seed, String publicKey, String text, String signature) {
        byte[] said = HEX.parseHex(text);
        try (Ed25519PrivateKey key = Ed25519PrivateKey.ofSeed(HEX.parseHex(seed))) {
            assertEquals(publicKey, HEX.formatHex(key.publicKey().raw()));
            assertEquals(signature, HEX.formatHex(key.sign(said)));
            assertTrue(key.publicKey().verifies(said, HEX.parseHex(signature)));
        }
    }

    @Test
    void vectors_ofWycheproof_verifyAsTheySay() throws Exception {
        int count = 0;
        for (Map<String, Object> group : Vectors.groups("ed25519_test.json")) {
            @SuppressWarnings("unchecked")
            Map<String, Object> described = (Map<String, Object>) group.get("publicKey");
            Ed25519PublicKey key = Ed25519PublicKey.of(HEX.parseHex((String) described.get("pk")));
            for (Map<String, Object> test : Vectors.tests(group)) {
                count++;
                assertEquals(
                        test.get("result").equals("valid"),
                        key.verifies(HEX.parseHex((String) test.get("msg")), HEX.parseHex((String) test.get("sig"))),
                        () -> "test [" + test.get("tcId") + "]: " + test.get("comment"));
            }
        }
        assertTrue(count > 100);
    }

    @Test
    void key_checkedBefore_isTheSameAndNoneThatDiffersInABitIs() throws Exception {
        for (int i = 0; i < 40; i++) {
            try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
                byte[] raw = key.publicKey().raw();
                byte[] signature = key.sign(message);
                Ed25519PublicKey again = Ed25519PublicKey.of(raw);
                raw[31] ^= (byte) 0x80;
                assertEquals(key.publicKey(), again);
                assertTrue(again.verifies(message, signature));
                assertFalse(Ed25519PublicKey.of(raw).verifies(message, signature));
            }
        }
    }

    @Test
    void signature_withAnyBitBent_doesNotVerify() {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            byte[] signature = key.sign(message);
            assertTrue(key.publicKey().verifies(message, signature));
            for (int bit = 0; bit < 8 * signature.length; bit++) {
                byte[] bent = bend(signature, bit);
                assertFalse(key.publicKey().verifies(message, bent), "bit " + bit);
            }
            for (int bit = 0; bit < 8 * message.length; bit++) {
                assertFalse(key.publicKey().verifies(bend(message, bit), signature), "bit " + bit);
            }
        }
    }

    @Test
    void signature_withOrderAddedToS_doesNotVerify() {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            byte[] signature = key.sign(message);
            byte[] reversed = new byte[33];
            for (int i = 0; i < 32; i++) {
                reversed[32 - i] = signature[32 + i];
            }
            byte[] larger = new BigInteger(reversed).add(ORDER).toByteArray();
            byte[] malleated = signature.clone();
            for (int i = 0; i < 32; i++) {
                malleated[32 + i] = larger[larger.length - 1 - i];
            }
            assertFalse(key.publicKey().verifies(message, malleated));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 65, 128})
    void signature_ofAnotherLength_doesNotVerify(int length) {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            assertFalse(key.publicKey().verifies(message, Arrays.copyOf(key.sign(message), length)));
        }
    }

    // The eight points of small order and their encodings that are not canonical; then a y above p, and no point at
    // all.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000080",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "0200000000000000000000000000000000000000000000000000000000000000",
            })
    void publicKey_weakOrNoPoint_isRejected(String raw) {
        assertThrows(RejectedKeyException.class, () -> Ed25519PublicKey.of(HEX.parseHex(raw)));
    }

    @Test
    void privateKey_closed_signsNoMore() {
        Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());
        key.close();

        assertThrows(IllegalStateException.class, () -> key.sign(message));
        assertThrows(IllegalStateException.class, key::exposeSeed);
    }

    @Test
    void privateKey_shown_tellsNothing() {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            assertEquals("Ed25519PrivateKey[of " + key.publicKey().fingerprint() + "]", key.toString());
        }
    }

    @Test
    void secret_closed_isWipedAndUnreadable() {
        byte[] inner = {1, 2, 3};
        SecretBytes secret = SecretBytes.adopt(inner);
        assertArrayEquals(new byte[] {1, 2, 3}, secret.exposeCopy());
        assertTrue(secret.holdsSameAs(SecretBytes.copyOf(new byte[] {1, 2, 3})));
        assertFalse(secret.holdsSameAs(SecretBytes.copyOf(new byte[] {1, 2, 4})));

        secret.close();
        secret.close();

        assertArrayEquals(new byte[3], inner);
        assertThrows(IllegalStateException.class, secret::exposeCopy);
        assertEquals("SecretBytes[3 bytes]", secret.toString());
    }

    @Test
    void fingerprint_ofKey_isSha256OfItsBytes() throws Exception {
        // sha256sum of the public key of the RFC's first test
        byte[] raw = HEX.parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assertEquals(
                "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9",
                Ed25519PublicKey.of(raw).fingerprint().hex());
    }

    private static byte[] bend(byte[] bytes, int bit) {
        byte[] bent = bytes.clone();
        bent[bit / 8] ^= (byte) (1 << bit % 8);
        return bent;
    }
}
