// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One signature in a store, of either version.
 *
 * @param keyFingerprint null for a withdrawn package without a stored signature; so is {@code signedAt}
 * @param signerName what the organisation, or one whose trust it shares, calls the key; null if nothing
 * @param withdrawnAt since when the package counts as withdrawn for the organisation; null if it does not
 */
public record StoredSignature(
        PackageHash packageHash,
        @Nullable Fingerprint keyFingerprint,
        @Nullable String signerName,
        Instant signedAt,
        @Nullable Instant withdrawnAt) {

    public StoredSignature {
        Objects.requireNonNull(packageHash);
    }
}
