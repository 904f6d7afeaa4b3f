// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import io.cloacina.guard.crypto.Fingerprint;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code signing_keys} without its secret.
 *
 * @param publicKey the raw bytes as stored; only a check against the fingerprint makes a key of them
 * @param revokedAt since when it signs nothing new, or null
 * @param publicOnly whether only the name and the public half are here: a signer has the private one
 */
public record SigningKey(
        UUID id,
        UUID orgId,
        String name,
        Fingerprint fingerprint,
        byte[] publicKey,
        Instant createdAt,
        @Nullable Instant revokedAt,
        boolean publicOnly) {

    /** With a private half. */
    public SigningKey(
            UUID id,
            UUID orgId,
            String name,
            Fingerprint fingerprint,
            byte[] publicKey,
            Instant createdAt,
            @Nullable Instant revokedAt) {
        this(id, orgId, name, fingerprint, publicKey, createdAt, revokedAt, false);
    }

    public SigningKey {
        Objects.requireNonNull(id);
        Objects.requireNonNull(orgId);
        Objects.requireNonNull(name);
        Objects.requireNonNull(fingerprint);
        Objects.requireNonNull(createdAt);
        publicKey = publicKey.clone();
    }

    @Override
    public byte[] publicKey() {
        return publicKey.clone();
    }

    public boolean isRevoked() {
        return revokedAt != null;
    }
}
