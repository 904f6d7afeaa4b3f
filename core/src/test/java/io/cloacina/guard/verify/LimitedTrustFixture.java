// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.api.io.TempDir;

/** A package with signatures of whatever kind, and what its verifier knows of their keys. */
abstract class LimitedTrustFixture {

    static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    static final PackageHash HASH = PackageHash.ofContent(new byte[] {1});
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    static final String NAME = "org.example:shop";

    @TempDir
    Path folder;

    final Ed25519PrivateKey first = Ed25519PrivateKey.generate(new SecureRandom());
    final Ed25519PrivateKey second = Ed25519PrivateKey.generate(new SecureRandom());
    final Ed25519PrivateKey stranger = Ed25519PrivateKey.generate(new SecureRandom());
    final List<StoredSignature> signatures = new ArrayList<>();
    final List<StoredStatement> statements = new ArrayList<>();
    final Map<Fingerprint, SignerTrust> signers = new HashMap<>();
    final Map<String, String> floors = new HashMap<>();
    final List<Question> asked = new ArrayList<>();
    SignatureFormat format = SignatureFormat.ANY;
    int required = 1;

    LimitedTrustFixture() {
        trust(first, KeyLimit.NONE);
        trust(second, KeyLimit.NONE);
    }

    static Fingerprint id(Ed25519PrivateKey key) {
        return key.publicKey().fingerprint();
    }

    void trust(Ed25519PrivateKey key, KeyLimit limit) {
        signers.put(id(key), new SignerTrust.Trusted(key.publicKey(), "a key", ORG, limit));
    }

    Path sig() {
        return folder.resolve("a.jar.sig");
    }

    static PackageStatement statement(PackageHash hash, String version, String expires) {
        return new PackageStatement(
                List.of(new PackageStatement.Subject("a.jar", hash)),
                NAME,
                version,
                Instant.EPOCH,
                expires == null ? null : Instant.parse(expires));
    }

    static DsseEnvelope envelope(PackageStatement statement, Ed25519PrivateKey... keys) {
        byte[] payload = statement.encode();
        List<DsseEnvelope.Signed> signed = new ArrayList<>();
        for (Ed25519PrivateKey key : keys) {
            signed.add(new DsseEnvelope.Signed(
                    id(key), key.sign(DsseEnvelope.pae(PackageStatement.PAYLOAD_TYPE, payload))));
        }
        return new DsseEnvelope(PackageStatement.PAYLOAD_TYPE, payload, signed);
    }

    void detached(PackageStatement statement, Ed25519PrivateKey... keys) throws IOException {
        Files.write(sig(), envelope(statement, keys).encode());
    }

    void stored(PackageStatement statement, Ed25519PrivateKey key) {
        statements.add(new StoredStatement(id(key), envelope(statement, key).encode()));
    }

    Verdict verify() {
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

    Verdict.Verified good() {
        return assertInstanceOf(Verdict.Verified.class, verify());
    }

    /** The error, of that reason. */
    String refused(Refusal reason) {
        Verdict.Refused bad = assertInstanceOf(Verdict.Refused.class, verify());
        assertEquals(reason, bad.reason(), bad.error());
        return bad.error();
    }

    static void assertContains(String part, String text) {
        assertTrue(text.contains(part), text);
    }
}
