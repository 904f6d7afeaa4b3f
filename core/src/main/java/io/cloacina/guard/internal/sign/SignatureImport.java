// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.internal.trust.StatementRow;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.StatementSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.DsseEnvelope;
import io.cloacina.guard.verify.MalformedSignatureException;
import io.cloacina.guard.verify.SignatureFile;
import io.cloacina.guard.verify.SignedStatement;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * Takes signatures that lie beside packages into a store, of either version. Whether they may be is decided before: every
 * load verifies what is stored anew.
 */
public final class SignatureImport {

    private final KeyStore store;
    private final UUID orgId;

    /** @param orgId who takes them in; recorded with them */
    public SignatureImport(KeyStore store, UUID orgId) {
        this.store = Objects.requireNonNull(store);
        this.orgId = Objects.requireNonNull(orgId);
    }

    /**
     * The signatures in a file that count.
     *
     * @param content of the file, as it was verified: the file itself may have changed since
     * @param verdict about the package, by that content alone
     * @return one for each key
     * @throws MalformedSignatureException if the verdict is not about the content
     */
    public static List<SignedPackage> acceptable(Path packagePath, byte[] content, Path file, Verdict.Verified verdict)
            throws MalformedSignatureException {
        List<SignedPackage> signatures = new ArrayList<>();
        if (!SignatureFile.isVersion2(content)) {
            DetachedSignature signature = DetachedSignature.parse(content);
            if (signature.packageHash().equals(verdict.packageHash())
                    && signature.keyFingerprint().equals(verdict.signer())) {
                signatures.add(new SignedPackage(packagePath, signature, file, false, true));
            }
            return signatures;
        }
        SignedStatement statement = SignedStatement.parse(content);
        DsseEnvelope envelope = statement.envelope();
        for (Verdict.Signer signer : verdict.signers()) {
            DsseEnvelope.Signed own = envelope.by(signer.key());
            if (own != null && statement.statement().isAbout(verdict.packageHash())) {
                DsseEnvelope alone = new DsseEnvelope(envelope.payloadType(), envelope.payload(), List.of(own));
                signatures.add(new SignedPackage(
                        packagePath,
                        null,
                        new StatementSignature(
                                verdict.packageHash(),
                                signer.key(),
                                alone,
                                statement.statement().issuedAt()),
                        file,
                        false,
                        true));
            }
        }
        return signatures;
    }

    /**
     * Whether the store has a later statement about the package by the same key: a key has one, and the later holds.
     *
     * @param signature of version 2
     */
    public boolean isOutdated(SignedPackage signature) throws StoreUnavailableException {
        PackageHash hash = signature.packageHash();
        for (StatementRow row : store.statements().of(hash)) {
            if (row.keyFingerprint().equals(signature.keyFingerprint()) && isLater(row, signature)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLater(StatementRow row, SignedPackage signature) {
        try {
            return SignedStatement.parse(row.envelope())
                    .statement()
                    .issuedAt()
                    .isAfter(Objects.requireNonNull(signature.statement()).signedAt());
        } catch (MalformedSignatureException e) {
            // One that nothing reads is replaced.
            return false;
        }
    }

    /**
     * Stores them, in one transaction for each version.
     *
     * @return the same, in the same order, unchanged if they were there
     */
    public List<SignedPackage> store(List<SignedPackage> signatures) throws StoreUnavailableException {
        return new SignatureRows(store, orgId).store(signatures);
    }
}
