// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.IssuerAndSerialNumber;
import org.bouncycastle.asn1.cms.SignedData;
import org.bouncycastle.asn1.cms.SignerInfo;
import org.jspecify.annotations.Nullable;

/**
 * What a signature block of a JAR ({@code META-INF/*.RSA}, {@code .DSA} or {@code .EC}, CMS as RFC 5652 has it) says of its
 * signers. Whether the signatures are good the JDK says; which algorithms they have it does not tell.
 *
 * @param certificates all that are in the block
 */
record SignatureBlock(List<X509Certificate> certificates, List<Signer> signers) {

    /** More than any signer has with all certificates and a time stamp. */
    static final int MOST_BYTES = 1 << 20;

    /** @param parameters of the signature algorithm; null if it has none */
    record Signer(
            X509Certificate certificate,
            String digestOid,
            String signatureOid,
            @Nullable ASN1Encodable parameters) {}

    /** @throws IllegalArgumentException if it cannot be read */
    static SignatureBlock read(byte[] content) {
        try {
            SignedData data = SignedData.getInstance(ContentInfo.getInstance(ASN1Primitive.fromByteArray(content))
                    .getContent());
            List<X509Certificate> certificates = new ArrayList<>();
            if (data.getCertificates() != null) {
                CertificateFactory factory = CertificateFactory.getInstance("X.509");
                for (ASN1Encodable one : data.getCertificates()) {
                    byte[] encoded = one.toASN1Primitive().getEncoded();
                    certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(encoded)));
                }
            }
            List<Signer> signers = new ArrayList<>();
            for (ASN1Encodable one : data.getSignerInfos()) {
                signers.add(signer(SignerInfo.getInstance(one), certificates));
            }
            return new SignatureBlock(certificates, signers);
        } catch (IOException | CertificateException | RuntimeException e) {
            throw new IllegalArgumentException("it is no signature block that this program can read", e);
        }
    }

    private static Signer signer(SignerInfo info, List<X509Certificate> certificates) throws IOException {
        IssuerAndSerialNumber id =
                IssuerAndSerialNumber.getInstance(info.getSID().getId());
        byte[] issuer = id.getName().getEncoded();
        for (X509Certificate one : certificates) {
            if (one.getSerialNumber().equals(id.getSerialNumber().getValue())
                    && Arrays.equals(one.getIssuerX500Principal().getEncoded(), issuer)) {
                return new Signer(
                        one,
                        info.getDigestAlgorithm().getAlgorithm().getId(),
                        info.getDigestEncryptionAlgorithm().getAlgorithm().getId(),
                        info.getDigestEncryptionAlgorithm().getParameters());
            }
        }
        throw new IllegalArgumentException("the certificate of a signer is missing");
    }
}
