// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import java.util.Map;
import java.util.Set;
import org.bouncycastle.bcpg.BCPGKey;
import org.bouncycastle.bcpg.DSAPublicBCPGKey;
import org.bouncycastle.bcpg.ECPublicBCPGKey;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.RSAPublicBCPGKey;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.jspecify.annotations.Nullable;

/** Which OpenPGP algorithms count: those of 112 bits of security and more. */
final class PgpStrength {

    static final int FEWEST_BITS = 2048;

    private static final int FEWEST_BITS_OF_Q = 224;

    private static final Map<Integer, String> HASHES = Map.of(
            HashAlgorithmTags.SHA224, "SHA-224",
            HashAlgorithmTags.SHA256, "SHA-256",
            HashAlgorithmTags.SHA384, "SHA-384",
            HashAlgorithmTags.SHA512, "SHA-512",
            HashAlgorithmTags.SHA3_256, "SHA3-256",
            HashAlgorithmTags.SHA3_512, "SHA3-512");

    private static final Map<Integer, String> WEAK_HASHES = Map.of(
            HashAlgorithmTags.MD5, "MD5",
            HashAlgorithmTags.SHA1, "SHA-1",
            HashAlgorithmTags.RIPEMD160, "RIPEMD-160");

    /** NIST P-256, P-384 and P-521, and Brainpool P256r1, P384r1 and P512r1. */
    private static final Set<String> CURVES = Set.of(
            "1.2.840.10045.3.1.7",
            "1.3.132.0.34",
            "1.3.132.0.35",
            "1.3.36.3.3.2.8.1.1.7",
            "1.3.36.3.3.2.8.1.1.11",
            "1.3.36.3.3.2.8.1.1.13");

    private static final String ED25519 = "1.3.6.1.4.1.11591.15.1";

    private PgpStrength() {}

    static boolean isStrong(int hash) {
        return HASHES.containsKey(hash);
    }

    static String nameOf(int hash) {
        String name = HASHES.getOrDefault(hash, WEAK_HASHES.get(hash));
        return name == null ? "hash algorithm " + hash : name;
    }

    /** Why signatures by the key do not count, whatever they say; null if they may. */
    @SuppressWarnings("deprecation") // RFC 9580 retires the number of keys that only sign; they are in use
    static @Nullable String problem(PGPPublicKey key) {
        BCPGKey material = key.getPublicKeyPacket().getKey();
        switch (key.getAlgorithm()) {
            case PublicKeyAlgorithmTags.RSA_GENERAL, PublicKeyAlgorithmTags.RSA_SIGN -> {
                if (!(material instanceof RSAPublicBCPGKey rsa)) {
                    return "is no RSA key";
                }
                int bits = rsa.getModulus().bitLength();
                if (bits < FEWEST_BITS) {
                    return "has an RSA key of " + bits + " bits; " + FEWEST_BITS + " are the fewest that count";
                }
                return rsa.getPublicExponent().bitLength() < 2
                                || !rsa.getPublicExponent().testBit(0)
                        ? "has an RSA key whose exponent gives no protection"
                        : null;
            }
            case PublicKeyAlgorithmTags.DSA -> {
                if (!(material instanceof DSAPublicBCPGKey dsa)) {
                    return "is no DSA key";
                }
                int bits = dsa.getP().bitLength();
                return bits < FEWEST_BITS || dsa.getQ().bitLength() < FEWEST_BITS_OF_Q
                        ? "has a DSA key of " + bits + " bits; " + FEWEST_BITS + " are the fewest that count"
                        : null;
            }
            case PublicKeyAlgorithmTags.ECDSA -> {
                return material instanceof ECPublicBCPGKey ec
                                && CURVES.contains(ec.getCurveOID().getId())
                        ? null
                        : "has an ECDSA key on a curve that does not count";
            }
            case PublicKeyAlgorithmTags.EDDSA_LEGACY -> {
                return material instanceof ECPublicBCPGKey ec
                                && ED25519.equals(ec.getCurveOID().getId())
                        ? null
                        : "has an EdDSA key on a curve that does not count";
            }
            case PublicKeyAlgorithmTags.Ed25519, PublicKeyAlgorithmTags.Ed448 -> {
                return null;
            }
            default -> {
                return "has a key of algorithm " + key.getAlgorithm() + ", by which no signature counts";
            }
        }
    }
}
