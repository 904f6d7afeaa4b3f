// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import io.cloacina.guard.crypto.PackageHash;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A package that an organisation does not want to be loaded, however it is signed.
 *
 * @param orgId the nil UUID means every organisation
 * @param reason at most 1,000 code points; null if none was given
 * @param reinstatedAt when it was allowed again; null if it is withdrawn
 */
public record WithdrawnPackage(
        UUID id,
        UUID orgId,
        PackageHash packageHash,
        @Nullable String reason,
        Instant withdrawnAt,
        @Nullable Instant reinstatedAt) {

    /** Longest reason, in code points. */
    public static final int MOST_OF_REASON = 1_000;

    public WithdrawnPackage {
        Objects.requireNonNull(id);
        Objects.requireNonNull(orgId);
        Objects.requireNonNull(packageHash);
        Objects.requireNonNull(withdrawnAt);
    }

    public boolean isWithdrawn() {
        return reinstatedAt == null;
    }
}
