// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.LoadEvents;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.internal.trust.TrustStore.StoredSignature;
import io.cloacina.guard.internal.trust.TrustStore.StoredStatement;
import io.cloacina.guard.internal.verify.PackageVerifier;
import io.cloacina.guard.trust.KeyLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures of version 2, limits of keys, several signers, floors. */
class LimitedTrustTest {

    private static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    private static final UUID OTHER = UUID.fromString("e0b9a4f2-7c11-4f6d-8a55-3d2c1b0a9f8e");
    private static final PackageHash HASH = PackageHash.ofContent(new byte[] {1});
    private static final PackageHash OTHER_HASH = PackageHash.ofContent(new byte[] {2});
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final String NAME = "org.example:shop";

    @TempDir
    Path folder;

    private final Ed25519PrivateKey first = Ed25519PrivateKey.generate(new SecureRandom());
    private final Ed25519PrivateKey second = Ed25519PrivateKey.generate(new SecureRandom());
    private final Ed25519PrivateKey stranger = Ed25519PrivateKey.generate(new SecureRandom());
    private final List<StoredSignature> signatures = new ArrayList<>();
    private final List<StoredStatement> statements = new ArrayList<>();
    private final Map<Fingerprint, SignerTrust> signers = new HashMap<>();
    private final Map<String, String> floors = new HashMap<>();
    private final List<Question> asked = new ArrayList<>();
    private SignatureFormat format = SignatureFormat.ANY;
    private int required = 1;

    LimitedTrustTest() {
        trust(first, KeyLimit.NONE);
        trust(second, KeyLimit.NONE);
    }

    private static Fingerprint id(Ed25519PrivateKey key) {
        return key.publicKey().fingerprint();
    }

    private void trust(Ed25519PrivateKey key, KeyLimit limit) {
        signers.put(id(key), new SignerTrust.Trusted(key.publicKey(), "a key", ORG, limit));
    }

    private Path sig() {
        return folder.resolve("a.jar.sig");
    }

    private static PackageStatement statement(PackageHash hash, String version, String expires) {
        return new PackageStatement(
                List.of(new PackageStatement.Subject("a.jar", hash)),
                NAME,
                version,
                Instant.EPOCH,
                expires == null ? null : Instant.parse(expires));
    }

    private static DsseEnvelope envelope(PackageStatement statement, Ed25519PrivateKey... keys) {
        byte[] payload = statement.encode();
        List<DsseEnvelope.Signed> signed = new ArrayList<>();
        for (Ed25519PrivateKey key : keys) {
            signed.add(new DsseEnvelope.Signed(
                    id(key), key.sign(DsseEnvelope.pae(PackageStatement.PAYLOAD_TYPE, payload))));
        }
        return new DsseEnvelope(PackageStatement.PAYLOAD_TYPE, payload, signed);
    }

    private void detached(PackageStatement statement, Ed25519PrivateKey... keys) throws IOException {
        Files.write(sig(), envelope(statement, keys).encode());
    }

    private void detachedVersion1(Ed25519PrivateKey key) throws IOException {
        Files.write(sig(), new DetachedSignature(HASH, id(key), key.sign(HASH.bytes()), Instant.EPOCH).encode());
    }

    private void stored(PackageStatement statement, Ed25519PrivateKey key) {
        statements.add(new StoredStatement(id(key), envelope(statement, key).encode()));
    }

    private void storedVersion1(Ed25519PrivateKey key) {
        signatures.add(new StoredSignature(id(key), key.sign(HASH.bytes())));
    }

    private Verdict verify() {
        TrustStore store = question -> {
            asked.add(question);
            return new Answer(signatures, statements, signers, Optional.empty(), floors);
        };
        return new PackageVerifier(
                        store,
                        ORG,
                        new SignaturePolicy(SignatureSource.AUTO, format, required),
                        Clock.fixed(NOW, ZoneOffset.UTC))
                .verify(HASH, sig());
    }

    private Verdict.Verified good() {
        return assertInstanceOf(Verdict.Verified.class, verify());
    }

    /** The error, of that reason. */
    private String refused(Refusal reason) {
        Verdict.Refused bad = assertInstanceOf(Verdict.Refused.class, verify());
        assertEquals(reason, bad.reason(), bad.error());
        return bad.error();
    }

    private static void assertContains(String part, String text) {
        assertTrue(text.contains(part), text);
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
    void version2_detached_tellsNameVersionAndAllSigners() throws Exception {
        detached(statement(HASH, "1.2", null), stranger, second, first);

        Verdict.Verified good = good();

        assertEquals(NAME, good.packageName());
        assertEquals("1.2", good.packageVersion());
        assertEquals(
                List.of(id(second), id(first)),
                good.signers().stream().map(Verdict.Signer::key).toList());
        assertEquals(id(second), good.signer());
        assertEquals(SignatureSource.DETACHED, good.source());
        assertEquals(1, asked.size());
        assertEquals(List.of(id(stranger), id(second), id(first)), asked.get(0).detachedSigners());
        assertEquals(Optional.of(NAME), asked.get(0).packageName());
    }

    @Test
    void version2_stored_countsForTheKeyItIsStoredForOnly() {
        statements.add(new StoredStatement(
                id(stranger),
                envelope(statement(HASH, "1.2", null), first, stranger).encode()));

        refused(Refusal.UNTRUSTED_SIGNER);

        stored(statement(HASH, "1.2", null), first);
        assertEquals(SignatureSource.DATABASE, good().source());
    }

    @Test
    void version2_storedUnderAnotherKey_isMalformed() {
        statements.add(new StoredStatement(
                id(second), envelope(statement(HASH, "1.2", null), first).encode()));
        assertContains("has no signature with that keyid", refused(Refusal.MALFORMED_SIGNATURE));

        statements.add(new StoredStatement(id(second), new byte[] {'{'}));
        assertContains("the stored statement of key " + id(second), refused(Refusal.MALFORMED_SIGNATURE));
    }

    @Test
    void version2_storedUnderAnotherName_isMalformed_asTheFloorOfItsOwnWasNotLookedFor() {
        byte[] envelope = envelope(statement(HASH, "1.2", null), first).encode();
        statements.add(new StoredStatement(id(first), envelope, "org.example:other"));
        assertContains("stored under the name [org.example:other]", refused(Refusal.MALFORMED_SIGNATURE));

        statements.clear();
        statements.add(new StoredStatement(id(first), envelope, NAME));
        assertEquals(SignatureSource.DATABASE, good().source());
    }

    @Test
    void version2_ofOtherPackages_isTamperedWhereverItIs() throws Exception {
        detached(statement(OTHER_HASH, "1.2", null), first);
        assertContains("its detached signature is of " + OTHER_HASH, refused(Refusal.TAMPERED_PACKAGE));

        Files.delete(sig());
        stored(statement(OTHER_HASH, "1.2", null), first);
        assertContains("a stored signature is of " + OTHER_HASH, refused(Refusal.TAMPERED_PACKAGE));
    }

    @Test
    void version2_bentBytes_areInvalid() throws Exception {
        DsseEnvelope right = envelope(statement(HASH, "1.2", null), first);
        DsseEnvelope bent = new DsseEnvelope(
                PackageStatement.PAYLOAD_TYPE, statement(HASH, "1.3", null).encode(), right.signatures());
        Files.write(sig(), bent.encode());

        refused(Refusal.INVALID_SIGNATURE);
    }

    /** The key identifier is a hint: who writes another's there is not taken for that one. */
    @Test
    void version2_keyIdOfATrustedKeyOnASignatureByAnother_isInvalid() throws Exception {
        DsseEnvelope right = envelope(statement(HASH, "1.2", null), stranger);
        Files.write(
                sig(),
                new DsseEnvelope(
                                right.payloadType(),
                                right.payload(),
                                List.of(new DsseEnvelope.Signed(
                                        id(first), right.signatures().get(0).signature())))
                        .encode());

        refused(Refusal.INVALID_SIGNATURE);
    }

    /** A signature of version 1 is over the hash alone: it must not pass as one over an envelope. */
    @Test
    void version2_signatureOverTheHashAlone_isInvalid() throws Exception {
        Files.write(
                sig(),
                new DsseEnvelope(
                                PackageStatement.PAYLOAD_TYPE,
                                statement(HASH, "1.2", null).encode(),
                                List.of(new DsseEnvelope.Signed(id(first), first.sign(HASH.bytes()))))
                        .encode());

        refused(Refusal.INVALID_SIGNATURE);
    }

    @Test
    void version2_malformed_isSaidWithTheFile() throws Exception {
        Files.writeString(sig(), "{\"payloadType\":\"x\",\"payload\":\"\",\"signatures\":[]}");

        assertContains("[" + sig() + "]: [payloadType] is [x]", refused(Refusal.MALFORMED_SIGNATURE));
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
