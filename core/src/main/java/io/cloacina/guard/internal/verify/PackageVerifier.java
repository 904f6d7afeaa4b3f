// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.StoredSignature;
import io.cloacina.guard.internal.trust.TrustStore.StoredStatement;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.MalformedSignatureException;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.SignatureFile;
import io.cloacina.guard.verify.SignaturePolicy;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Judges packages by their hash: finds signatures, asks whose keys are trusted, checks Ed25519.
 *
 * <p>Every call asks the trust store once and remembers nothing. Safe for use by many threads.
 */
public final class PackageVerifier {

    private final TrustStore store;
    private final UUID orgId;
    private final SignaturePolicy policy;
    private final Clock clock;

    /**
     * Takes any one acceptable signature, by the clock of the system.
     *
     * @param store asked once per verification
     * @param orgId whose trust counts
     * @param source where signatures are looked for
     */
    public PackageVerifier(TrustStore store, UUID orgId, SignatureSource source) {
        this(store, orgId, SignaturePolicy.anyFrom(source), Clock.systemUTC());
    }

    /**
     * @param store asked once per verification
     * @param orgId whose trust counts
     * @param policy which signatures count, and how many are needed
     * @param clock tells whether a signature, or trust in a key, has expired
     */
    public PackageVerifier(TrustStore store, @Nullable UUID orgId, SignaturePolicy policy, Clock clock) {
        this.store = Objects.requireNonNull(store);
        this.orgId = Objects.requireNonNull(orgId);
        this.policy = Objects.requireNonNull(policy);
        this.clock = Objects.requireNonNull(clock);
    }

    /**
     * @param hash the package
     * @param signatureFile where its detached signature would be; null if there can be none
     */
    public Verdict verify(PackageHash hash, @Nullable Path signatureFile) {
        Findings findings = new Findings(hash, policy, clock);
        return verify(read(signatureFile, findings), signatureFile, findings);
    }

    /**
     * @param hash the package
     * @param signature what was read from the detached signature
     * @param signatureFile where it was read, for messages
     */
    public Verdict verify(PackageHash hash, byte[] signature, Path signatureFile) {
        Findings findings = new Findings(hash, policy, clock);
        return verify(policy.source() == SignatureSource.DATABASE ? null : signature, signatureFile, findings);
    }

    private Verdict verify(byte @Nullable [] file, @Nullable Path signatureFile, Findings findings) {
        PackageHash hash = findings.hash;
        StatementJudge detached = null;
        DetachedSignature version1 = null;
        if (file != null && SignatureFile.isVersion2(file)) {
            // In a class of its own: a JVM that meets none of version 2 does not load what reads them.
            detached = StatementJudge.ofFile(file, signatureFile, findings);
        } else {
            version1 = version1(file, signatureFile, findings);
        }
        Answer answer;
        try {
            answer = store.ask(question(hash, version1, detached));
        } catch (StoreUnavailableException e) {
            return new Verdict.Refused(hash, Refusal.STORE_UNAVAILABLE, e.getMessage(), null);
        }
        if (answer.withdrawn().isPresent()) {
            findings.withdrawn(answer.withdrawn().get());
        }
        if (version1 != null) {
            judge(SignatureSource.DETACHED, version1.keyFingerprint(), version1.signature(), answer, findings);
        }
        if (detached != null) {
            detached.judge(answer, findings);
        }
        for (StoredSignature stored : answer.signatures()) {
            if (findings.isVersion1Counted()) {
                judge(SignatureSource.DATABASE, stored.keyFingerprint(), stored.signature(), answer, findings);
            }
        }
        for (StoredStatement stored : answer.statements()) {
            StatementJudge.judge(stored, answer, findings);
        }
        return findings.verdict(signatureFile);
    }

    private Question question(
            PackageHash hash, @Nullable DetachedSignature version1, @Nullable StatementJudge detached) {
        List<Fingerprint> signers = List.of();
        Optional<String> name = Optional.empty();
        if (version1 != null) {
            signers = List.of(version1.keyFingerprint());
        } else if (detached != null) {
            signers = detached.signers();
            name = Optional.of(detached.packageName());
        }
        return new Question(orgId, hash, policy.source() != SignatureSource.DETACHED, signers, name);
    }

    private void judge(SignatureSource where, Fingerprint signer, byte[] signature, Answer answer, Findings findings) {
        byte[] message = findings.hash.bytes();
        findings.judge(
                new Findings.Candidate(where, signer, message, signature, null),
                answer.trustIn(signer),
                answer.floors());
    }

    /** The detached signature's content; null if there is none, or none that can be read, which is then noted. */
    private byte @Nullable [] read(@Nullable Path signatureFile, Findings findings) {
        if (policy.source() == SignatureSource.DATABASE || signatureFile == null) {
            return null;
        }
        try {
            return SignatureFile.read(signatureFile).orElse(null);
        } catch (MalformedSignatureException e) {
            findings.add(Refusal.MALFORMED_SIGNATURE, "the detached signature " + e.getMessage(), null);
            return null;
        }
    }

    /** The detached signature if it is one of this package; else what is wrong with it goes into {@code findings}. */
    private @Nullable DetachedSignature version1(
            byte @Nullable [] content, @Nullable Path signatureFile, Findings findings) {
        if (content == null) {
            return null;
        }
        DetachedSignature signature;
        try {
            signature = DetachedSignature.parse(content);
        } catch (MalformedSignatureException e) {
            findings.add(
                    Refusal.MALFORMED_SIGNATURE,
                    "the detached signature [" + signatureFile + "]: " + e.getMessage(),
                    null);
            return null;
        }
        if (!findings.isVersion1Counted()) {
            return null;
        }
        if (!signature.packageHash().equals(findings.hash)) {
            findings.add(
                    Refusal.TAMPERED_PACKAGE,
                    "the package's SHA-256 is " + findings.hash + ", its detached signature is of "
                            + signature.packageHash(),
                    signature.keyFingerprint());
            return null;
        }
        return signature;
    }
}
