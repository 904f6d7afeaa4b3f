// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/** Rows to put into stores. */
final class Samples {

    static final Instant NOON = Instant.parse("2026-01-28T12:00:00.123456Z");

    private static final SecureRandom RANDOM = new SecureRandom();

    private Samples() {}

    static Ed25519PrivateKey privateKey() {
        return Ed25519PrivateKey.generate(RANDOM);
    }

    static Ed25519PublicKey publicKey() {
        return privateKey().publicKey();
    }

    static PackageHash hash(String content) {
        return PackageHash.ofContent(content.getBytes(StandardCharsets.UTF_8));
    }

    static SealedKey signingKey(UUID org, String name) {
        Ed25519PublicKey key = publicKey();
        return new SealedKey(
                new SigningKey(UUID.randomUUID(), org, name, key.fingerprint(), key.raw(), NOON, null), new byte[60]);
    }

    static TrustedKey trust(UUID org, Ed25519PublicKey key) {
        return new TrustedKey(UUID.randomUUID(), org, key.fingerprint(), key.raw(), "a key", NOON, null);
    }

    static TrustGrant grant(UUID parent, UUID child) {
        return new TrustGrant(UUID.randomUUID(), parent, child, NOON, null);
    }

    static PackageSignature signature(PackageHash hash, Ed25519PrivateKey key) {
        return new PackageSignature(
                UUID.randomUUID(), hash, key.publicKey().fingerprint(), key.sign(hash.bytes()), NOON, null);
    }

    /** Any key encryption key fits. */
    public static final KeyStore.KekCheck<RuntimeException> ANY_KEK = new KeyStore.KekCheck<>() {
        @Override
        public String value() {
            return "any";
        }

        @Override
        public boolean opens(KeyStore.SealedKey key) {
            return true;
        }

        @Override
        public RuntimeException refusal(int keys) {
            return new IllegalStateException("every one fits");
        }
    };
}
