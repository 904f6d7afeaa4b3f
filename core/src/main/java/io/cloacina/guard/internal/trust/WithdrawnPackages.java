// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.WithdrawnPackage;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The rows of {@code guard_withdrawn_packages}; what {@link KeyStore} promises holds for each method. A store without the
 * table has no rows.
 */
public interface WithdrawnPackages {

    /**
     * Withdraws a package, also one that was reinstated.
     *
     * @return false if the organisation has withdrawn it already; the row stays as it is
     */
    boolean withdraw(WithdrawnPackage row) throws StoreUnavailableException;

    /** @return false if the organisation has not withdrawn the package, or has reinstated it already */
    boolean reinstate(UUID orgId, PackageHash packageHash, Instant at) throws StoreUnavailableException;

    Optional<WithdrawnPackage> find(UUID orgId, PackageHash packageHash) throws StoreUnavailableException;

    /** Those of {@code packages} that are withdrawn for an organisation, as {@link #countingFor(UUID)} has them. */
    List<WithdrawnPackage> countingFor(UUID orgId, Collection<PackageHash> packages) throws StoreUnavailableException;

    /**
     * What is withdrawn for an organisation: by itself, for every organisation, or by one whose trust it shares. Oldest
     * first.
     */
    List<WithdrawnPackage> countingFor(UUID orgId) throws StoreUnavailableException;
}
