// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What has vouched for a package before it was signed.
 *
 * @param kind {@code pgp}, {@code jar-signer} or {@code sha256}
 * @param identity who has: a key, a certificate, or a name in a list
 * @param digest the SHA-256 of the file with the evidence; null if there is none
 */
public record IntakeRow(
        UUID id,
        UUID orgId,
        PackageHash packageHash,
        String kind,
        String identity,
        @Nullable String digest,
        Instant takenAt) {

    public IntakeRow {
        Objects.requireNonNull(id);
        Objects.requireNonNull(orgId);
        Objects.requireNonNull(packageHash);
        Objects.requireNonNull(kind);
        Objects.requireNonNull(identity);
        Objects.requireNonNull(takenAt);
    }
}
