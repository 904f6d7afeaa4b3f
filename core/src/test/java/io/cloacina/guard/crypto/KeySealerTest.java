// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeySealerTest {

    private final SecureRandom random = new SecureRandom();
    private final byte[] rawKek = bytes(32);
    private final KeySealer sealer = new KeySealer(Kek.of(rawKek));
    private final Ed25519PrivateKey key = Ed25519PrivateKey.generate(random);
    private final KeySealer.Row row = new KeySealer.Row(UUID.randomUUID(), UUID.randomUUID(), key.publicKey());

    @ParameterizedTest
    @EnumSource
    void seal_either_form_opensAgain(KeySealer.Form form) throws Exception {
        byte[] sealed = sealer.seal(key, row, form, random);

        assertEquals(form == KeySealer.Form.BOUND ? 61 : 60, sealed.length);
        assertEquals(form, KeySealer.formOf(sealed));
        try (Ed25519PrivateKey opened = sealer.open(sealed, row)) {
            assertArrayEquals(key.exposeSeed(), opened.exposeSeed());
        }
        assertFalse(Arrays.equals(sealed, sealer.seal(key, row, form, random)), "the nonce is fresh");
    }

    @ParameterizedTest
    @EnumSource
    void open_withAnyBitBent_fails(KeySealer.Form form) {
        byte[] sealed = sealer.seal(key, row, form, random);
        for (int bit = 0; bit < 8 * sealed.length; bit++) {
            byte[] bent = sealed.clone();
            bent[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(SealedKeyException.class, () -> sealer.open(bent, row), "bit " + bit);
        }
    }

    // As the reference writes it, by the JDK's own words: nonce | ciphertext | tag, nothing associated.
    @Test
    void open_whatTheReferenceSealed_givesTheKey() throws Exception {
        byte[] nonce = bytes(12);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(rawKek, "AES"), new GCMParameterSpec(128, nonce));
        byte[] body = cipher.doFinal(key.exposeSeed());

        try (Ed25519PrivateKey opened =
                sealer.open(ByteBuffer.allocate(60).put(nonce).put(body).array(), row)) {
            assertEquals(key.publicKey(), opened.publicKey());
        }
    }

    @Test
    void seal_bound_hasTheDocumentedLayout() throws Exception {
        byte[] sealed = sealer.seal(key, row, KeySealer.Form.BOUND, random);
        ByteBuffer associated = ByteBuffer.allocate(28 + 1 + 16 + 16 + 32)
                .put("cloacina-guard/signing-key/1".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 0)
                .put(HexFormat.of().parseHex(row.keyId().toString().replace("-", "")))
                .put(HexFormat.of().parseHex(row.orgId().toString().replace("-", "")))
                .put(HexFormat.of().parseHex(row.publicKey().fingerprint().hex()));
        assertFalse(associated.hasRemaining());
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(rawKek, "AES"),
                new GCMParameterSpec(128, Arrays.copyOfRange(sealed, 1, 13)));
        cipher.updateAAD(associated.array());

        assertEquals(1, sealed[0]);
        assertArrayEquals(key.exposeSeed(), cipher.doFinal(sealed, 13, 48));
    }

    @Test
    void open_inAnotherRow_fails() {
        byte[] sealed = sealer.seal(key, row, KeySealer.Form.BOUND, random);
        KeySealer.Row[] others = {
            new KeySealer.Row(UUID.randomUUID(), row.orgId(), row.publicKey()),
            new KeySealer.Row(row.keyId(), UUID.randomUUID(), row.publicKey()),
            new KeySealer.Row(
                    row.keyId(), row.orgId(), Ed25519PrivateKey.generate(random).publicKey()),
        };
        for (KeySealer.Row other : others) {
            assertThrows(SealedKeyException.class, () -> sealer.open(sealed, other));
        }
    }

    @Test
    void open_referenceFormInTheRowOfAnotherKey_fails() {
        byte[] sealed = sealer.seal(key, row, KeySealer.Form.REFERENCE, random);
        KeySealer.Row other = new KeySealer.Row(
                row.keyId(), row.orgId(), Ed25519PrivateKey.generate(random).publicKey());

        assertThrows(SealedKeyException.class, () -> sealer.open(sealed, other));
    }

    @Test
    void open_withAnotherKek_failsAndTellsNoSecret() {
        byte[] sealed = sealer.seal(key, row, KeySealer.Form.BOUND, random);

        SealedKeyException e =
                assertThrows(SealedKeyException.class, () -> new KeySealer(Kek.of(bytes(32))).open(sealed, row));

        assertTrue(e.getMessage().contains("[" + row.keyId() + "]"), e.getMessage());
    }

    @Test
    void vectors_ofWycheproof_decryptAsTheySay() throws Exception {
        int count = 0;
        for (Map<String, Object> group : Vectors.groups("aes_gcm_test.json")) {
            if (!group.get("keySize").equals(256)
                    || !group.get("ivSize").equals(96)
                    || !group.get("tagSize").equals(128)) {
                continue;
            }
            for (Map<String, Object> test : Vectors.tests(group)) {
                count++;
                byte[] body = hex(test, "ct", "tag");
                boolean valid = test.get("result").equals("valid");
                try {
                    byte[] opened = KeySealer.crypt(
                            Cipher.DECRYPT_MODE,
                            hex(test, "key"),
                            hex(test, "iv"),
                            body,
                            0,
                            body.length,
                            hex(test, "aad"));
                    assertTrue(valid, () -> "test [" + test.get("tcId") + "]");
                    assertArrayEquals(hex(test, "msg"), opened);
                } catch (AEADBadTagException e) {
                    assertFalse(valid, () -> "test [" + test.get("tcId") + "]");
                }
            }
        }
        assertTrue(count > 30);
    }

    @Test
    void kek_base64HexOrRaw_isTheSame() throws Exception {
        Kek kek = Kek.of(rawKek);
        String base64 = Base64.getEncoder().encodeToString(rawKek);
        String hex = HexFormat.of().formatHex(rawKek);

        assertTrue(kek.isSameAs(Kek.ofText(base64)));
        assertTrue(kek.isSameAs(Kek.ofText(" " + hex + "\r\n")));
        assertTrue(kek.isSameAs(Kek.ofText(hex.toUpperCase(Locale.ROOT))));
        assertTrue(kek.isSameAs(Kek.ofFileContent((base64 + "\n").getBytes(StandardCharsets.US_ASCII))));
        assertTrue(kek.isSameAs(Kek.ofFileContent(rawKek)));
        assertEquals("Kek", kek.toString());
    }

    @Test
    void kek_malformed_isRefusedWithoutShowingIt() {
        String hex = HexFormat.of().formatHex(rawKek);
        String[] malformed = {"", "short", hex.substring(1), hex + "0", "z" + hex.substring(1), "AAAA", hex + hex};
        for (String text : malformed) {
            MalformedKekException e = assertThrows(MalformedKekException.class, () -> Kek.ofText(text));
            assertFalse(!text.isEmpty() && e.getMessage().contains(text), e.getMessage());
        }
        assertThrows(MalformedKekException.class, () -> Kek.ofFileContent(Arrays.copyOf(rawKek, 31)));
    }

    private byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] hex(Map<String, Object> test, String... fields) {
        StringBuilder digits = new StringBuilder();
        for (String field : fields) {
            digits.append(test.get(field));
        }
        return HexFormat.of().parseHex(digits);
    }
}
