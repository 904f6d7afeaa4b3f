// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.DSAKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.jspecify.annotations.Nullable;

/**
 * Which algorithms count in signed JARs and in certificates. The JVM's own list ({@code jdk.jar.disabledAlgorithms}) may be
 * longer, and then also holds; it may have been made shorter.
 */
final class JarStrength {

    private static final int FEWEST_EC_BITS = 256;

    private static final String PSS = "1.2.840.113549.1.1.10";

    private static final Map<String, String> DIGESTS = Map.of(
            "2.16.840.1.101.3.4.2.4", "SHA-224",
            "2.16.840.1.101.3.4.2.1", "SHA-256",
            "2.16.840.1.101.3.4.2.2", "SHA-384",
            "2.16.840.1.101.3.4.2.3", "SHA-512",
            "2.16.840.1.101.3.4.2.8", "SHA3-256",
            "2.16.840.1.101.3.4.2.9", "SHA3-384",
            "2.16.840.1.101.3.4.2.10", "SHA3-512",
            "2.16.840.1.101.3.4.2.12", "SHAKE256",
            "2.16.840.1.101.3.4.2.18", "SHAKE256");

    /** RSA, DSA and ECDSA with those, EdDSA. */
    private static final Set<String> SIGNATURES = Set.of(
            "1.2.840.113549.1.1.14",
            "1.2.840.113549.1.1.11",
            "1.2.840.113549.1.1.12",
            "1.2.840.113549.1.1.13",
            "2.16.840.1.101.3.4.3.14",
            "2.16.840.1.101.3.4.3.15",
            "2.16.840.1.101.3.4.3.16",
            "2.16.840.1.101.3.4.3.1",
            "2.16.840.1.101.3.4.3.2",
            "2.16.840.1.101.3.4.3.3",
            "2.16.840.1.101.3.4.3.4",
            "1.2.840.10045.4.3.1",
            "1.2.840.10045.4.3.2",
            "1.2.840.10045.4.3.3",
            "1.2.840.10045.4.3.4",
            "2.16.840.1.101.3.4.3.10",
            "2.16.840.1.101.3.4.3.11",
            "2.16.840.1.101.3.4.3.12",
            "1.3.101.112",
            "1.3.101.113");

    /** RSA, DSA and EC, where the digest is named beside them. */
    private static final Set<String> PLAIN = Set.of("1.2.840.113549.1.1.1", "1.2.840.10040.4.1", "1.2.840.10045.2.1");

    private static final Map<String, String> WEAK = Map.of(
            "1.2.840.113549.1.1.2", "MD2",
            "1.2.840.113549.2.2", "MD2",
            "1.2.840.113549.1.1.4", "MD5",
            "1.2.840.113549.2.5", "MD5",
            "1.2.840.113549.1.1.5", "SHA-1",
            "1.3.14.3.2.26", "SHA-1",
            "1.3.14.3.2.29", "SHA-1",
            "1.2.840.10040.4.3", "SHA-1",
            "1.2.840.10045.4.1", "SHA-1");

    private JarStrength() {}

    private static String nameOf(String oid) {
        String name = WEAK.get(oid);
        return name == null ? "algorithm " + oid : name;
    }

    /** Of the signature of a block: the digest of what is signed, and how that is signed. */
    static void requireStrong(String digestOid, String signatureOid, @Nullable ASN1Encodable parameters, String what)
            throws IntakeRefusedException {
        if (!DIGESTS.containsKey(digestOid)) {
            throw weak(what + " is made with " + nameOf(digestOid) + ", which does not count");
        }
        if (!PLAIN.contains(signatureOid)) {
            requireStrong(signatureOid, parameters, what);
        }
    }

    /** Of a signature algorithm that includes its digest. */
    static void requireStrong(String signatureOid, @Nullable ASN1Encodable parameters, String what)
            throws IntakeRefusedException {
        String digest = signatureOid;
        if (signatureOid.equals(PSS)) {
            // Without parameters it is SHA-1 (RFC 8017, appendix A.2.3).
            digest = RSASSAPSSparams.getInstance(parameters == null ? new RSASSAPSSparams() : parameters)
                    .getHashAlgorithm()
                    .getAlgorithm()
                    .getId();
            if (DIGESTS.containsKey(digest)) {
                return;
            }
        }
        if (!SIGNATURES.contains(digest)) {
            throw weak(what + " is made with " + nameOf(digest) + ", which does not count");
        }
    }

    static void requireStrongKey(X509Certificate certificate, String what) throws IntakeRefusedException {
        PublicKey key = certificate.getPublicKey();
        int bits;
        int fewest = PgpStrength.FEWEST_BITS;
        if (key instanceof RSAKey rsa) {
            bits = rsa.getModulus().bitLength();
        } else if (key instanceof DSAKey dsa) {
            bits = dsa.getParams() == null ? 0 : dsa.getParams().getP().bitLength();
        } else if (key instanceof ECKey ec) {
            bits = ec.getParams().getCurve().getField().getFieldSize();
            fewest = FEWEST_EC_BITS;
        } else if (key instanceof EdECKey) {
            return;
        } else {
            throw weak(what + " has a key of algorithm " + key.getAlgorithm() + ", by which no signature counts");
        }
        if (bits < fewest) {
            throw weak(what + " has a key (" + key.getAlgorithm() + ") of " + bits + " bits; " + fewest
                    + " are the fewest that count");
        }
    }

    private static IntakeRefusedException weak(String message) {
        return new IntakeRefusedException(Reason.WEAK_EVIDENCE, message);
    }
}
