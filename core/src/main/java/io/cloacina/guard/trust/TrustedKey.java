// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import io.cloacina.guard.crypto.Fingerprint;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code trusted_keys}: an organisation trusts a key.
 *
 * @param publicKey the raw bytes as stored; only a check against the fingerprint makes a key of them
 * @param name what the organisation calls the key, or null
 * @param revokedAt when trust was taken back, or null
 */
public record TrustedKey(
        UUID id,
        UUID orgId,
        Fingerprint fingerprint,
        byte[] publicKey,
        @Nullable String name,
        Instant trustedAt,
        @Nullable Instant revokedAt) {

    public TrustedKey {
        Objects.requireNonNull(id);
        Objects.requireNonNull(orgId);
        Objects.requireNonNull(fingerprint);
        Objects.requireNonNull(trustedAt);
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
