// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code key_trust_acls}: the parent organisation also trusts the keys that the child trusts directly.
 *
 * @param revokedAt when the grant was taken back, or null
 */
public record TrustGrant(
        UUID id,
        UUID parentOrgId,
        UUID childOrgId,
        Instant grantedAt,
        @Nullable Instant revokedAt) {

    public TrustGrant {
        Objects.requireNonNull(id);
        Objects.requireNonNull(parentOrgId);
        Objects.requireNonNull(childOrgId);
        Objects.requireNonNull(grantedAt);
    }

    public boolean isRevoked() {
        return revokedAt != null;
    }
}
