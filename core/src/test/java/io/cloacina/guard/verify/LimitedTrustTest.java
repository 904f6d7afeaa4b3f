// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.LoadEvents;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.internal.trust.TrustStore.StoredSignature;
import io.cloacina.guard.trust.KeyLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Dates of signatures, limits of keys, several signers, floors. */
class LimitedTrustTest extends LimitedTrustFixture {

    private static final UUID OTHER = UUID.fromString("e0b9a4f2-7c11-4f6d-8a55-3d2c1b0a9f8e");

    private void detachedVersion1(Ed25519PrivateKey key) throws IOException {
        Files.write(sig(), new DetachedSignature(HASH, id(key), key.sign(HASH.bytes()), Instant.EPOCH).encode());
    }

    private void storedVersion1(Ed25519PrivateKey key) {
        signatures.add(new StoredSignature(id(key), key.sign(HASH.bytes())));
    }

    @Test
    void reasons_orderOfDeclaration_isTheOrderOfTheContract() {
        assertEquals(
                List.of(
                        "withdrawn_package",
                        "invalid_signature",
                        "untrusted_signer",
                        "expired_signature",
                        "outdated_package",
                        "too_few_signers",
                        "tampered_package",
                        "malformed_signature",
                        "signature_not_found"),
                List.of(Refusal.values()).subList(0, 9).stream()
                        .map(Refusal::code)
                        .toList());
    }

    @Test
    void expiry_countsFromTheMomentAfterIt() throws Exception {
        detached(statement(HASH, "1.2", NOW.toString()), first);
        good();

        detached(statement(HASH, "1.2", NOW.minusNanos(1000).toString()), first);
        assertContains("expired 2026-05-31T23:59:59.999999Z", refused(Refusal.EXPIRED_SIGNATURE));
    }

    @Test
    void expiry_ofAStranger_isNotItsReason() throws Exception {
        detached(statement(HASH, "1.2", "2026-01-01T00:00:00Z"), stranger);

        refused(Refusal.UNTRUSTED_SIGNER);
    }

    @Test
    void floor_lowerVersion_isOutdatedAndTheFloorItselfIsNot() throws Exception {
        floors.put(NAME, "1.10");
        detached(statement(HASH, "1.9", null), first);
        assertContains(
                "is of version [1.9] of [" + NAME + "]; [1.10] is the lowest that counts",
                refused(Refusal.OUTDATED_PACKAGE));

        detached(statement(HASH, "1.10", null), first);
        good();

        floors.put(NAME, "?");
        refused(Refusal.OUTDATED_PACKAGE);
    }

    @Test
    void refusal_tellsWhatATrustedKeyCallsThePackageAndNoOtherKey() throws Exception {
        floors.put(NAME, "2");
        detached(statement(HASH, "1", null), first);
        Verdict.Refused outdated = (Verdict.Refused) verify();
        assertEquals(NAME, outdated.packageName());
        assertEquals("1", outdated.packageVersion());
        LoadEvents.Subject load = new LoadEvents.Subject("/p/a.jar", "jar", "x", null);
        for (AuditEvent event : List.of(
                PackageEvents.verified(ORG, null, outdated),
                LoadEvents.refused(ORG, load, outdated),
                LoadEvents.unacceptable(ORG, load, outdated))) {
            assertEquals(NAME, event.fields().get("package_name"), event::toString);
            assertEquals("1", event.fields().get("package_version"), event::toString);
        }

        detached(statement(HASH, "1", null), stranger);
        Verdict.Refused untrusted = (Verdict.Refused) verify();
        assertNull(untrusted.packageName());
        assertFalse(PackageEvents.verified(ORG, null, untrusted).fields().containsKey("package_name"));
    }

    @Test
    void floor_ofAnotherName_doesNotMatter() throws Exception {
        floors.put("org.example:other", "2");
        detached(statement(HASH, "1.9", null), first);
        good();
    }

    @Test
    void floor_expiredToo_isExpiredFirstAndTellsBoth() throws Exception {
        floors.put(NAME, "2");
        detached(statement(HASH, "1", "2026-01-01T00:00:00Z"), first);

        assertContains("OutdatedPackage: ", refused(Refusal.EXPIRED_SIGNATURE));
    }

    /** Without signature_format=2 a floor is no complete protection: version 1 names no version. */
    @Test
    void floor_version1Too_countsUnlessVersion2IsRequired() throws Exception {
        floors.put(NAME, "2");
        stored(statement(HASH, "1", null), first);
        storedVersion1(first);
        assertNull(good().packageName());

        format = SignatureFormat.VERSION_2;
        refused(Refusal.OUTDATED_PACKAGE);
    }

    @Test
    void format2_version1_isAsIfItWereNotThere() throws Exception {
        format = SignatureFormat.VERSION_2;
        detachedVersion1(first);
        assertContains("cloacina.signature_format is 2", refused(Refusal.SIGNATURE_NOT_FOUND));

        Files.delete(sig());
        assertContains("no signature of version 2", refused(Refusal.SIGNATURE_NOT_FOUND));
        storedVersion1(first);
        refused(Refusal.SIGNATURE_NOT_FOUND);

        stored(statement(HASH, "1", null), first);
        assertEquals(List.of(), good().notes());
    }

    @Test
    void limit_names_countForTheSignedName() throws Exception {
        trust(first, new KeyLimit(List.of("org.example:*", "x"), null));
        detached(statement(HASH, "1.2", null), first);
        good();

        trust(first, new KeyLimit(List.of("org.example", "com.*"), null));
        String error = refused(Refusal.UNTRUSTED_SIGNER);
        assertContains(
                "which is trusted for packages called [org.example, com.*] only; this one is called [" + NAME + "]",
                error);
        assertTrue(Refusal.isOfLimitedKey(error));
    }

    @Test
    void limit_namesAndVersion1_doesNotCountAndSaysWhy() throws Exception {
        trust(first, new KeyLimit(List.of("*"), null));
        detachedVersion1(first);

        assertContains("a signature of version 1 names none", refused(Refusal.UNTRUSTED_SIGNER));
    }

    @Test
    void limit_time_countsFromTheMomentAfterIt() throws Exception {
        detachedVersion1(first);
        trust(first, new KeyLimit(List.of(), NOW));
        good();

        trust(first, new KeyLimit(List.of(), NOW.minusSeconds(1)));
        String error = refused(Refusal.UNTRUSTED_SIGNER);
        assertContains("which is trusted until 2026-05-31T23:59:59.000000Z only", error);
        assertTrue(Refusal.isOfLimitedKey(error));
    }

    @Test
    void limit_ofOneOfTwoOrganisations_leavesTheOthersTrust() throws Exception {
        SignerTrust.Trusted other = new SignerTrust.Trusted(first.publicKey(), "theirs", OTHER);
        signers.put(
                id(first),
                new SignerTrust.Trusted(
                        first.publicKey(), "ours", ORG, new KeyLimit(List.of("x"), null), List.of(other)));
        detachedVersion1(first);

        assertEquals(OTHER, good().trustedBy());
        assertEquals("theirs", good().signerName());
    }

    @Test
    void required_twoKeysInWhateverFormsAndPlaces_isEnough() throws Exception {
        required = 2;
        detachedVersion1(first);
        stored(statement(HASH, "1.2", null), second);

        Verdict.Verified good = good();

        assertEquals(
                List.of(id(first), id(second)),
                good.signers().stream().map(Verdict.Signer::key).toList());
        assertEquals("1.2", good.packageVersion());
        assertEquals(1, asked.size());
    }

    @Test
    void required_oneKeyTwice_isOne() throws Exception {
        required = 2;
        detached(statement(HASH, "1.2", null), first);
        stored(statement(HASH, "1.3", null), first);
        storedVersion1(first);

        assertContains(
                "TooFewSigners: signed by 1 trusted key (" + id(first) + " (a key)); 2 are required",
                refused(Refusal.TOO_FEW_SIGNERS));
    }

    @Test
    void required_threeOfTwo_countsThem() throws Exception {
        required = 3;
        detached(statement(HASH, "1.2", null), first, second);

        assertContains("signed by 2 different trusted keys", refused(Refusal.TOO_FEW_SIGNERS));
    }

    @Test
    void required_theOtherIsNotTrusted_isUntrustedAndStillCounts() throws Exception {
        required = 2;
        detached(statement(HASH, "1.2", null), first, stranger);

        assertContains("TooFewSigners: signed by 1 trusted key", refused(Refusal.UNTRUSTED_SIGNER));
    }

    @Test
    void required_noSignature_isNotFound() {
        required = 2;

        refused(Refusal.SIGNATURE_NOT_FOUND);
    }
}
