// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.StoredStatement;
import io.cloacina.guard.verify.DsseEnvelope;
import io.cloacina.guard.verify.MalformedSignatureException;
import io.cloacina.guard.verify.PackageStatement;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.SignedStatement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Has signatures of version 2 judged: those of one envelope that is about the package. */
final class StatementJudge {

    private final SignedStatement signed;

    private StatementJudge(SignedStatement signed) {
        this.signed = signed;
    }

    /** @return null if it is not about the package, or malformed; that is then in {@code findings} */
    static @Nullable StatementJudge ofFile(byte[] content, @Nullable Path file, Findings findings) {
        SignedStatement signed =
                about(content, "the detached signature [" + file + "]", "its detached signature", null, findings);
        return signed == null ? null : new StatementJudge(signed);
    }

    private static @Nullable SignedStatement about(
            byte[] content, String what, String whose, @Nullable Fingerprint signer, Findings findings) {
        SignedStatement signed;
        try {
            signed = SignedStatement.parse(content);
        } catch (MalformedSignatureException e) {
            findings.add(Refusal.MALFORMED_SIGNATURE, what + ": " + e.getMessage(), signer);
            return null;
        }
        PackageStatement statement = signed.statement();
        if (!statement.isAbout(findings.hash)) {
            int subjects = statement.subjects().size();
            findings.add(
                    Refusal.TAMPERED_PACKAGE,
                    "the package's SHA-256 is " + findings.hash + ", " + whose + " is of "
                            + (subjects == 1 ? statement.subjects().get(0).hash() : subjects + " packages with others"),
                    signer == null ? signed.envelope().signatures().get(0).keyId() : signer);
            return null;
        }
        return signed;
    }

    List<Fingerprint> signers() {
        List<Fingerprint> signers = new ArrayList<>();
        for (DsseEnvelope.Signed one : signed.envelope().signatures()) {
            signers.add(one.keyId());
        }
        return signers;
    }

    String packageName() {
        return signed.statement().name();
    }

    void judge(Answer answer, Findings findings) {
        byte[] message = signed.envelope().pae();
        for (DsseEnvelope.Signed one : signed.envelope().signatures()) {
            findings.judge(
                    candidate(SignatureSource.DETACHED, one, message, signed.statement()),
                    answer.trustIn(one.keyId()),
                    answer.floors());
        }
    }

    /** Of a stored envelope, the one signature that it is stored for. */
    static void judge(StoredStatement stored, Answer answer, Findings findings) {
        Fingerprint signer = stored.keyFingerprint();
        SignedStatement signed = about(
                stored.envelope(), "the stored statement of key " + signer, "a stored signature", signer, findings);
        if (signed == null) {
            return;
        }
        DsseEnvelope.Signed one = signed.envelope().by(signer);
        if (one == null) {
            findings.add(
                    Refusal.MALFORMED_SIGNATURE,
                    "the stored statement of key " + signer + " has no signature with that keyid",
                    signer);
            return;
        }
        String name = signed.statement().name();
        if (stored.packageName() != null && !stored.packageName().equals(name)) {
            // The floor that was looked for is that of another name.
            findings.add(
                    Refusal.MALFORMED_SIGNATURE,
                    "the stored statement of key " + signer + " is about [" + KeyText.shown(name)
                            + "], but stored under the name [" + KeyText.shown(stored.packageName())
                            + "]; signing the package again puts that right",
                    signer);
            return;
        }
        findings.judge(
                candidate(SignatureSource.DATABASE, one, signed.envelope().pae(), signed.statement()),
                answer.trustIn(signer),
                answer.floors());
    }

    private static Findings.Candidate candidate(
            SignatureSource source, DsseEnvelope.Signed one, byte[] message, PackageStatement statement) {
        return new Findings.Candidate(source, one.keyId(), message, one.signature(), statement);
    }
}
