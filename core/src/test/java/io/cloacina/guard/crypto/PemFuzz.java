// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/** PEM of keys: refused, or the key that the JDK reads in it. */
public final class PemFuzz {

    private PemFuzz() {}

    public static void fuzzerTestOneInput(byte[] text) throws Exception {
        byte[] before = text.clone();
        try {
            Ed25519PublicKey key = Pem.readPublicKey(text);
            assertArrayEquals(x509(text), x509(Pem.write(key).getBytes(StandardCharsets.US_ASCII)));
            assertEquals(
                    key.fingerprint(),
                    Pem.readPublicKey(Pem.write(key).getBytes(StandardCharsets.US_ASCII))
                            .fingerprint());
        } catch (MalformedKeyException | RejectedKeyException e) {
            // As it should.
        }
        try (Ed25519PrivateKey key = Pem.readPrivateKey(text)) {
            assertArrayEquals(seed(text), key.exposeSeed());
            byte[] written = Pem.exposePrivateKey(key);
            assertArrayEquals(seed(written), key.exposeSeed());
            try (Ed25519PrivateKey again = Pem.readPrivateKey(written)) {
                assertArrayEquals(key.exposeSeed(), again.exposeSeed());
            }
        } catch (MalformedKeyException e) {
            // As it should.
        }
        // It is the caller's to wipe.
        assertArrayEquals(before, text);
    }

    private static byte[] x509(byte[] text) throws GeneralSecurityException, MalformedKeyException {
        X509EncodedKeySpec der = new X509EncodedKeySpec(PemBlock.only(text).content());
        return KeyFactory.getInstance("Ed25519").generatePublic(der).getEncoded();
    }

    private static byte[] seed(byte[] text) throws GeneralSecurityException, MalformedKeyException {
        // The JDK reads version 1 without attributes: what follows the key is cut off, and both lengths are set to fit.
        byte[] der = PemBlock.only(text).content();
        int begin = der[1] == (byte) 0x81 ? 3 : der[1] == (byte) 0x82 ? 4 : 2;
        byte[] first = Arrays.copyOfRange(der, begin - 2, begin + 46);
        first[0] = 0x30;
        first[1] = 46;
        first[4] = 0;
        PrivateKey key = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(first));
        return ((EdECPrivateKey) key).getBytes().orElseThrow();
    }
}
