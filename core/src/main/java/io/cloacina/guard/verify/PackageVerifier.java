// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustStore;
import io.cloacina.guard.trust.TrustStore.Answer;
import io.cloacina.guard.trust.TrustStore.Question;
import io.cloacina.guard.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.TrustStore.StoredSignature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Judges packages by their hash: finds signatures, asks whose keys are trusted, checks Ed25519.
 *
 * <p>Every call asks the trust store once and remembers nothing. Safe for use by many threads.
 */
public final class PackageVerifier {

    private final TrustStore store;
    private final UUID orgId;
    private final SignatureSource source;

    /**
     * @param store asked once per verification
     * @param orgId whose trust counts
     * @param source where signatures are looked for
     */
    public PackageVerifier(TrustStore store, UUID orgId, SignatureSource source) {
        this.store = Objects.requireNonNull(store);
        this.orgId = Objects.requireNonNull(orgId);
        this.source = Objects.requireNonNull(source);
    }

    /**
     * @param hash the package
     * @param signatureFile where its detached signature would be; null if there can be none
     */
    public Verdict verify(PackageHash hash, Path signatureFile) {
        Findings findings = new Findings(hash);
        DetachedSignature detached = detached(signatureFile, findings);
        Answer answer;
        try {
            answer = store.ask(new Question(
                    orgId,
                    hash,
                    source != SignatureSource.DETACHED,
                    detached == null ? List.of() : List.of(detached.keyFingerprint())));
        } catch (StoreUnavailableException e) {
            return new Verdict.Refused(hash, Refusal.STORE_UNAVAILABLE, e.getMessage(), null);
        }
        if (answer.withdrawn().isPresent()) {
            findings.withdrawn(answer.withdrawn().get());
        }
        if (detached != null) {
            findings.judge(
                    SignatureSource.DETACHED,
                    detached.keyFingerprint(),
                    detached.signature(),
                    answer.trustIn(detached.keyFingerprint()));
        }
        for (StoredSignature stored : answer.signatures()) {
            if (findings.isGood(stored)) {
                // The detached one once more, as signing leaves both: no need to do the curve's arithmetic again.
                continue;
            }
            findings.judge(
                    SignatureSource.DATABASE,
                    stored.keyFingerprint(),
                    stored.signature(),
                    answer.trustIn(stored.keyFingerprint()));
        }
        return findings.verdict(source, signatureFile);
    }

    /** The detached signature if it is one of this package; else what is wrong with it goes into {@code findings}. */
    private DetachedSignature detached(Path signatureFile, Findings findings) {
        if (source == SignatureSource.DATABASE || signatureFile == null) {
            return null;
        }
        try {
            Optional<DetachedSignature> read = DetachedSignature.read(signatureFile);
            if (read.isPresent() && !read.get().packageHash().equals(findings.hash)) {
                findings.add(
                        Refusal.TAMPERED_PACKAGE,
                        "the package's SHA-256 is " + findings.hash + ", its detached signature is of "
                                + read.get().packageHash(),
                        read.get().keyFingerprint());
                return null;
            }
            return read.orElse(null);
        } catch (MalformedSignatureException e) {
            findings.add(Refusal.MALFORMED_SIGNATURE, "the detached signature " + e.getMessage(), null);
            return null;
        }
    }

    private record Finding(Refusal reason, String error, Fingerprint signer) {}

    /** What was found of one package: at most one acceptable signature, and everything that was not acceptable. */
    private static final class Findings {
        private final PackageHash hash;
        private final List<Finding> wrong = new ArrayList<>();
        private SignatureSource goodSource;
        private Fingerprint goodSigner;
        private byte[] goodSignature;
        private SignerTrust.Trusted goodTrust;
        private boolean withdrawn;

        Findings(PackageHash hash) {
            this.hash = hash;
        }

        /** Whether {@code stored} is the very signature that was found acceptable. */
        boolean isGood(StoredSignature stored) {
            return goodTrust != null
                    && goodSigner.equals(stored.keyFingerprint())
                    && Arrays.equals(goodSignature, stored.signature());
        }

        void withdrawn(TrustStore.Withdrawal withdrawal) {
            withdrawn = true;
            add(Refusal.WITHDRAWN_PACKAGE, "the package with SHA-256 " + hash + " " + withdrawal.text(), null);
        }

        void add(Refusal reason, String error, Fingerprint signer) {
            wrong.add(new Finding(reason, reason.named(error), signer));
        }

        void judge(SignatureSource where, Fingerprint signer, byte[] signature, SignerTrust trust) {
            String what = where == SignatureSource.DETACHED ? "the detached signature" : "a stored signature";
            if (trust instanceof SignerTrust.Trusted trusted) {
                if (!trusted.key().verifies(hash.bytes(), signature)) {
                    add(Refusal.INVALID_SIGNATURE, what + " is not one by key " + signer, signer);
                } else if (goodTrust == null) {
                    goodSource = where;
                    goodSigner = signer;
                    goodSignature = signature;
                    goodTrust = trusted;
                }
            } else if (trust instanceof SignerTrust.Revoked revoked) {
                add(
                        Refusal.UNTRUSTED_SIGNER,
                        what + " is by key " + signer + named(revoked.name()) + ", revoked "
                                + Rfc3339.format(revoked.revokedAt()) + " by organisation " + revoked.revokedBy(),
                        signer);
            } else if (trust instanceof SignerTrust.Unusable unusable) {
                add(
                        Refusal.UNTRUSTED_SIGNER,
                        what + " is by key " + signer + ", whose trusted row does not count: " + unusable.why(),
                        signer);
            } else {
                add(Refusal.UNTRUSTED_SIGNER, what + " is by key " + signer + ", which is not trusted", signer);
            }
        }

        private static String named(String name) {
            return name == null ? "" : " (" + name + ")";
        }

        Verdict verdict(SignatureSource source, Path signatureFile) {
            List<String> errors = new ArrayList<>();
            Finding first = null;
            for (Finding one : wrong) {
                if (!errors.contains(one.error())) {
                    errors.add(one.error());
                }
                if (first == null || one.reason().compareTo(first.reason()) < 0) {
                    first = one;
                }
            }
            if (goodTrust != null && !withdrawn) {
                return new Verdict.Verified(
                        hash, goodSigner, goodTrust.name(), goodTrust.trustedBy(), goodSource, errors);
            }
            if (first == null) {
                return new Verdict.Refused(
                        hash, Refusal.SIGNATURE_NOT_FOUND, nothingFound(source, signatureFile), null);
            }
            return new Verdict.Refused(hash, first.reason(), String.join("; ", errors), first.signer());
        }

        private static String nothingFound(SignatureSource source, Path signatureFile) {
            String file = signatureFile == null ? "no detached one" : "no file [" + signatureFile + "]";
            return switch (source) {
                case AUTO -> "no signature: " + file + " and none in the trust store";
                case DETACHED -> "no signature: " + file;
                case DATABASE -> "no signature in the trust store";
            };
        }
    }
}
