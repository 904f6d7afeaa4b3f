// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustGrant;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The rows of {@code key_trust_acls}; what {@link KeyStore} promises holds for each method. */
public interface TrustGrants {

    /** @return false if there is a row for these two organisations, revoked or not */
    boolean add(TrustGrant row) throws StoreUnavailableException;

    Optional<TrustGrant> find(UUID parentOrgId, UUID childOrgId) throws StoreUnavailableException;

    /** What an organisation was granted, revoked rows too, oldest first. */
    List<TrustGrant> of(UUID parentOrgId) throws StoreUnavailableException;

    /** @return false if there is no such row, or it is revoked already */
    boolean revoke(UUID id, Instant at) throws StoreUnavailableException;

    /** @return false if there is no such row, or it is not revoked */
    boolean reinstate(UUID id, Instant grantedAt) throws StoreUnavailableException;
}
