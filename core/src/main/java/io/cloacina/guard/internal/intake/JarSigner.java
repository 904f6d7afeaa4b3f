// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.text.Rfc3339;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Primitive;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a JAR has to be signed under: the signer's own, or that of an authority which has issued it, directly
 * or through the certificates in the JAR.
 *
 * <p>All certificates must be valid now. A time stamp in the JAR does not prolong them, because nothing names the authorities
 * whose time stamps count; and whether an authority has taken a certificate back is not asked, as that takes the network.
 */
public final class JarSigner {

    /** Of a certificate with its chain. */
    public static final int MOST_BYTES = 1 << 16;

    private static final int LONGEST_CHAIN = 8;
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_CERT_SIGN = 5;
    private static final Set<String> CODE_SIGNING = Set.of("1.3.6.1.5.5.7.3.3", "2.5.29.37.0");

    private final X509Certificate named;
    private final PackageHash digest;

    private JarSigner(X509Certificate named, PackageHash digest) {
        this.named = named;
        this.digest = digest;
    }

    /**
     * Reads a certificate, in PEM or DER.
     *
     * @throws IllegalArgumentException if it is none, or several; the message says so
     */
    public static JarSigner read(byte[] content) {
        Collection<X509Certificate> all = new ArrayList<>();
        try {
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(content))
                    .forEach(one -> all.add((X509Certificate) one));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("it is no X.509 certificate in PEM or DER", e);
        }
        if (all.size() != 1) {
            throw new IllegalArgumentException(
                    all.isEmpty()
                            ? "it holds no X.509 certificate in PEM or DER"
                            : "it holds " + all.size() + " certificates; the one that counts is wanted");
        }
        return new JarSigner(all.iterator().next(), PackageHash.ofContent(content));
    }

    /** Of the file that holds the certificate. */
    PackageHash digest() {
        return digest;
    }

    static String name(X509Certificate certificate) {
        return Printable.of(certificate.getSubjectX500Principal().getName());
    }

    static PackageHash fingerprint(X509Certificate certificate) {
        try {
            return PackageHash.ofContent(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read has no encoding", e);
        }
    }

    String name() {
        return name(named);
    }

    /**
     * Whether a signer is one that was named, as far as names and signatures tell.
     *
     * @param others the certificates that come with it
     * @return the certificates from it up to the one that was named, without that; the signer's alone if it is that; null if
     *     they do not lead there
     */
    @Nullable
    List<X509Certificate> chain(X509Certificate signer, List<X509Certificate> others) {
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(signer);
        X509Certificate last = signer;
        while (!last.equals(named) && chain.size() < LONGEST_CHAIN) {
            if (isIssued(last, named)) {
                return chain;
            }
            X509Certificate above = null;
            for (X509Certificate other : others) {
                if (!chain.contains(other) && isIssued(last, other)) {
                    above = other;
                    break;
                }
            }
            if (above == null) {
                return null;
            }
            chain.add(above);
            last = above;
        }
        if (!last.equals(named)) {
            return null;
        }
        if (chain.size() > 1) {
            chain.remove(chain.size() - 1);
        }
        return chain;
    }

    private static boolean isIssued(X509Certificate certificate, X509Certificate by) {
        if (!certificate.getIssuerX500Principal().equals(by.getSubjectX500Principal())) {
            return false;
        }
        try {
            certificate.verify(by.getPublicKey());
            return true;
        } catch (GeneralSecurityException | RuntimeException e) {
            return false;
        }
    }

    /**
     * Requires that a signer may sign code now, and that the certificate which was named stands above it.
     *
     * @param chain as {@link #chain} has found it
     */
    void require(List<X509Certificate> chain, Instant now) throws IntakeRefusedException {
        X509Certificate signer = chain.get(0);
        requireValid(signer, now);
        JarStrength.requireStrongKey(signer, shown(signer));
        requireForCode(signer);
        if (signer.equals(named)) {
            // It was named itself: how it is signed adds nothing.
            return;
        }
        requireValid(named, now);
        JarStrength.requireStrongKey(named, shown(named));
        requireAuthority(chain.size() - 1);
        for (X509Certificate one : chain) {
            requireValid(one, now);
            JarStrength.requireStrongKey(one, shown(one));
            JarStrength.requireStrong(one.getSigAlgOID(), parameters(one), "the signature of " + shown(one));
        }
        requirePath(chain, now);
    }

    private static String shown(X509Certificate certificate) {
        return "certificate [" + name(certificate) + "]";
    }

    private static @Nullable ASN1Encodable parameters(X509Certificate certificate) throws IntakeRefusedException {
        byte[] encoded = certificate.getSigAlgParams();
        try {
            return encoded == null ? null : ASN1Primitive.fromByteArray(encoded);
        } catch (IOException e) {
            throw new IntakeRefusedException(
                    Reason.MALFORMED_EVIDENCE, shown(certificate) + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void requireValid(X509Certificate certificate, Instant now) throws IntakeRefusedException {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            throw new IntakeRefusedException(
                    Reason.EXPIRED_EVIDENCE, shown(certificate) + " is not valid before " + Rfc3339.format(from));
        }
        if (now.isAfter(until)) {
            throw new IntakeRefusedException(
                    Reason.EXPIRED_EVIDENCE,
                    shown(certificate) + " has expired on " + Rfc3339.format(until)
                            + "; a time stamp does not prolong it here");
        }
    }

    private static void requireForCode(X509Certificate signer) throws IntakeRefusedException {
        boolean[] usage = signer.getKeyUsage();
        List<String> extended;
        try {
            extended = signer.getExtendedKeyUsage();
        } catch (CertificateParsingException e) {
            throw new IntakeRefusedException(Reason.MALFORMED_EVIDENCE, shown(signer) + " cannot be read", e);
        }
        boolean forCode = extended == null || extended.stream().anyMatch(CODE_SIGNING::contains);
        if (usage != null && !usage[DIGITAL_SIGNATURE] || !forCode) {
            throw new IntakeRefusedException(
                    Reason.UNUSABLE_KEY, shown(signer) + " is not meant for signing code, as it says itself");
        }
    }

    /** What the validation of a path does not ask of its anchor. */
    private void requireAuthority(int between) throws IntakeRefusedException {
        boolean[] usage = named.getKeyUsage();
        if (named.getBasicConstraints() < between || usage != null && !usage[KEY_CERT_SIGN]) {
            throw new IntakeRefusedException(
                    Reason.UNUSABLE_KEY,
                    shown(named) + " is neither the signer's nor one of an authority that may issue that");
        }
    }

    private void requirePath(List<X509Certificate> chain, Instant now) throws IntakeRefusedException {
        try {
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(named, null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
        } catch (CertPathValidatorException e) {
            throw new IntakeRefusedException(
                    Reason.UNUSABLE_KEY,
                    shown(chain.get(0)) + " is not validly issued under [" + name() + "]: "
                            + Printable.of(String.valueOf(e.getMessage())),
                    e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot validate certificates", e);
        }
    }
}
