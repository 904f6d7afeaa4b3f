package io.cloacina.guard.trust;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * A row of {@code signing_keys} without its secret.
 *
 * @param revokedAt since when it signs nothing new, or null
 */
public record SigningKey(
        UUID id, UUID orgId, String name, Ed25519PublicKey publicKey, Instant createdAt, Instant revokedAt) {

    public SigningKey {
        Objects.requireNonNull(id);
        Objects.requireNonNull(orgId);
        Objects.requireNonNull(name);
        Objects.requireNonNull(publicKey);
        Objects.requireNonNull(createdAt);
    }

    public Fingerprint fingerprint() {
        return publicKey.fingerprint();
    }

    public boolean isRevoked() {
        return revokedAt != null;
    }
}
