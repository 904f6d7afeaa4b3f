// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code package_signatures}.
 *
 * @param signature 64 bytes over the 32 raw bytes of the hash
 * @param orgId who stored it, or null; recorded, never a condition
 */
public record PackageSignature(
        UUID id,
        PackageHash packageHash,
        Fingerprint keyFingerprint,
        byte[] signature,
        Instant signedAt,
        @Nullable UUID orgId) {

    public PackageSignature {
        Objects.requireNonNull(id);
        Objects.requireNonNull(packageHash);
        Objects.requireNonNull(keyFingerprint);
        Objects.requireNonNull(signedAt);
        signature = signature.clone();
    }

    @Override
    public byte[] signature() {
        return signature.clone();
    }
}
