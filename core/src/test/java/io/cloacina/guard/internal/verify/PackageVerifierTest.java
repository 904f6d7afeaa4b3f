// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.internal.trust.TrustStore.StoredSignature;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageVerifierTest {

    private static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    private static final UUID OTHER_ORG = UUID.fromString("e0b9a4f2-7c11-4f6d-8a55-3d2c1b0a9f8e");
    private static final PackageHash HASH = PackageHash.ofContent(new byte[] {1});
    private static final PackageHash OTHER_HASH = PackageHash.ofContent(new byte[] {2});

    @TempDir
    Path folder;

    private final Ed25519PrivateKey trusted = Ed25519PrivateKey.generate(new SecureRandom());
    private final Ed25519PrivateKey stranger = Ed25519PrivateKey.generate(new SecureRandom());
    private final List<StoredSignature> stored = new ArrayList<>();
    private final Map<Fingerprint, SignerTrust> signers = new HashMap<>(Map.of(
            trusted.publicKey().fingerprint(), new SignerTrust.Trusted(trusted.publicKey(), "release", OTHER_ORG)));
    private final List<Question> asked = new ArrayList<>();

    private Path sig() {
        return folder.resolve("a.jar.sig");
    }

    private Verdict verify(SignatureSource source) {
        TrustStore store = question -> {
            asked.add(question);
            return new Answer(question.stored() ? stored : List.of(), signers);
        };
        return new PackageVerifier(store, ORG, source).verify(HASH, sig());
    }

    private Refusal refusal(SignatureSource source) {
        return assertInstanceOf(Verdict.Refused.class, verify(source)).reason();
    }

    private void detached(Ed25519PrivateKey key, PackageHash hash, boolean valid) throws IOException {
        byte[] signature = key.sign(hash.bytes());
        if (!valid) {
            signature[40] ^= 1;
        }
        Files.write(
                sig(), new DetachedSignature(hash, key.publicKey().fingerprint(), signature, Instant.EPOCH).encode());
    }

    private void stored(Ed25519PrivateKey key, boolean valid) {
        byte[] signature = key.sign((valid ? HASH : OTHER_HASH).bytes());
        stored.add(new StoredSignature(key.publicKey().fingerprint(), signature));
    }

    @Test
    void verify_detached_saysByWhichKeyAndWhoseTrust() throws Exception {
        detached(trusted, HASH, true);

        Verdict.Verified good = assertInstanceOf(Verdict.Verified.class, verify(SignatureSource.AUTO));

        assertEquals(HASH, good.packageHash());
        assertEquals(trusted.publicKey().fingerprint(), good.signer());
        assertEquals("release", good.signerName());
        assertEquals(OTHER_ORG, good.trustedBy());
        assertEquals(SignatureSource.DETACHED, good.source());
        assertEquals(List.of(), good.notes());
        assertEquals(1, asked.size());
        assertEquals(ORG, asked.get(0).orgId());
        assertEquals(List.of(trusted.publicKey().fingerprint()), asked.get(0).detachedSigners());
    }

    @Test
    void verify_storedAmongOthers_isFoundAndTheOthersAreMentioned() throws Exception {
        Files.writeString(sig(), "{");
        stored(stranger, true);
        stored(trusted, true);

        Verdict.Verified good = assertInstanceOf(Verdict.Verified.class, verify(SignatureSource.AUTO));

        assertEquals(SignatureSource.DATABASE, good.source());
        assertEquals(2, good.notes().size(), good.notes().toString());
        assertEquals(1, asked.size());
    }

    @Test
    void verify_sourceDatabase_doesNotReadTheFile() throws Exception {
        detached(trusted, HASH, true);

        assertEquals(Refusal.SIGNATURE_NOT_FOUND, refusal(SignatureSource.DATABASE));
        assertEquals(List.of(), asked.get(0).detachedSigners());
    }

    @Test
    void verify_sourceDetached_doesNotAskForStoredOnes() {
        stored(trusted, true);

        assertEquals(Refusal.SIGNATURE_NOT_FOUND, refusal(SignatureSource.DETACHED));
        assertFalse(asked.get(0).stored());
    }

    @Test
    void verify_noSignatureFilePossible_looksInTheStoreOnly() {
        TrustStore store = question -> new Answer(List.of(), signers);

        Verdict verdict = new PackageVerifier(store, ORG, SignatureSource.AUTO).verify(HASH, null);

        assertEquals(
                Refusal.SIGNATURE_NOT_FOUND,
                assertInstanceOf(Verdict.Refused.class, verdict).reason());
    }

    @Test
    void verify_detachedOfAnotherPackage_isTamperedWhoeverSignedIt() throws Exception {
        detached(trusted, OTHER_HASH, true);
        assertEquals(Refusal.TAMPERED_PACKAGE, refusal(SignatureSource.AUTO));
        detached(stranger, OTHER_HASH, true);
        assertEquals(Refusal.TAMPERED_PACKAGE, refusal(SignatureSource.DETACHED));
    }

    @Test
    void verify_severalReasons_tellsTheFirstInOrderAndAllInTheText() throws Exception {
        Files.writeString(sig(), "{");
        assertEquals(Refusal.MALFORMED_SIGNATURE, refusal(SignatureSource.AUTO));

        detached(stranger, OTHER_HASH, true);
        assertEquals(Refusal.TAMPERED_PACKAGE, refusal(SignatureSource.AUTO));

        stored(stranger, true);
        assertEquals(Refusal.UNTRUSTED_SIGNER, refusal(SignatureSource.AUTO));

        stored(trusted, false);
        Verdict.Refused bad = assertInstanceOf(Verdict.Refused.class, verify(SignatureSource.AUTO));
        assertEquals(Refusal.INVALID_SIGNATURE, bad.reason());
        assertEquals(trusted.publicKey().fingerprint(), bad.signer());
        for (String part : List.of("is not one by key", "is not trusted", "detached signature is of")) {
            assertTrue(bad.error().contains(part), bad.error());
        }
    }

    @Test
    void verify_withdrawnPackage_isRefusedHoweverSigned() throws Exception {
        detached(trusted, HASH, true);
        Withdrawal withdrawal = new Withdrawal(OTHER_ORG, "opens a port", Instant.parse("2026-01-28T12:00:00Z"));
        TrustStore store = question -> new Answer(stored, List.of(), signers, Optional.of(withdrawal), Map.of());

        Verdict verdict = new PackageVerifier(store, ORG, SignatureSource.AUTO).verify(HASH, sig());

        Verdict.Refused refused = assertInstanceOf(Verdict.Refused.class, verdict);
        assertEquals(Refusal.WITHDRAWN_PACKAGE, refused.reason());
        assertEquals(
                "WithdrawnPackage: the package with SHA-256 " + HASH + " was withdrawn 2026-01-28T12:00:00.000000Z"
                        + " by organisation " + OTHER_ORG + ": opens a port",
                refused.error());
    }

    @Test
    void verify_forgedSignatureByUntrustedKey_isUntrustedNotInvalid() throws Exception {
        detached(stranger, HASH, false);

        assertEquals(Refusal.UNTRUSTED_SIGNER, refusal(SignatureSource.AUTO));
    }

    @Test
    void verify_forgedByTrustedKey_isInvalid() throws Exception {
        detached(trusted, HASH, false);

        assertEquals(Refusal.INVALID_SIGNATURE, refusal(SignatureSource.AUTO));
    }

    @Test
    void verify_revokedSigner_saysSoWithDateAndOrganisation() throws Exception {
        detached(trusted, HASH, true);
        signers.put(
                trusted.publicKey().fingerprint(),
                new SignerTrust.Revoked("old", OTHER_ORG, Instant.parse("2026-01-28T12:00:00Z")));

        Verdict.Refused bad = assertInstanceOf(Verdict.Refused.class, verify(SignatureSource.AUTO));

        assertEquals(Refusal.UNTRUSTED_SIGNER, bad.reason());
        for (String part : List.of("revoked", "2026-01-28T12:00:00", OTHER_ORG.toString(), "(old)")) {
            assertTrue(bad.error().contains(part), bad.error());
        }
    }

    @Test
    void verify_unusableRow_isUntrustedWithTheReason() throws Exception {
        detached(trusted, HASH, true);
        signers.put(trusted.publicKey().fingerprint(), new SignerTrust.Unusable("it does not match"));

        Verdict.Refused bad = assertInstanceOf(Verdict.Refused.class, verify(SignatureSource.AUTO));

        assertEquals(Refusal.UNTRUSTED_SIGNER, bad.reason());
        assertTrue(bad.error().contains("it does not match"), bad.error());
    }

    @Test
    void verify_storedSignatureOfOddLength_isInvalid() {
        stored.add(new StoredSignature(trusted.publicKey().fingerprint(), new byte[3]));

        assertEquals(Refusal.INVALID_SIGNATURE, refusal(SignatureSource.AUTO));
    }

    @Test
    void verify_storeThatDoesNotAnswer_isUnavailableEvenWithAGoodFile() throws Exception {
        detached(trusted, HASH, true);
        TrustStore gone = question -> {
            throw new StoreUnavailableException("gone", null);
        };

        Verdict verdict = new PackageVerifier(gone, ORG, SignatureSource.AUTO).verify(HASH, sig());

        assertEquals(
                Refusal.STORE_UNAVAILABLE,
                assertInstanceOf(Verdict.Refused.class, verdict).reason());
    }

    @Test
    void verify_severalFindings_eachBeginsWithItsErrorsName() throws Exception {
        Files.writeString(sig(), "{");
        stored(stranger, true);

        Verdict.Refused bad = assertInstanceOf(Verdict.Refused.class, verify(SignatureSource.AUTO));

        assertEquals(Refusal.UNTRUSTED_SIGNER, bad.reason());
        assertTrue(bad.error().startsWith("MalformedSignature: the detached signature "), bad.error());
        assertTrue(bad.error().contains("; UntrustedSigner: a stored signature is by key "), bad.error());
    }

    @Test
    void refused_withoutAName_getsThatOfItsReasonOnce() {
        Verdict.Refused bad = new Verdict.Refused(null, Refusal.UNREADABLE_PACKAGE, "it is a directory", null);
        assertEquals("UnreadablePackage: it is a directory", bad.error());
        assertEquals(bad.error(), new Verdict.Refused(null, Refusal.UNREADABLE_PACKAGE, bad.error(), null).error());
    }
}
