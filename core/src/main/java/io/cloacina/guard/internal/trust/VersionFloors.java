// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.VersionFloor;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The rows of {@code guard_version_floors}; what {@link KeyStore} promises holds for each method. A store without the
 * table has no rows.
 */
public interface VersionFloors {

    /**
     * Sets a floor, in the place of one that is there.
     *
     * @return false if it is so already
     */
    boolean set(VersionFloor row) throws StoreUnavailableException;

    /** @return false if there is none */
    boolean remove(UUID orgId, String packageName) throws StoreUnavailableException;

    Optional<VersionFloor> find(UUID orgId, String packageName) throws StoreUnavailableException;

    /** The floors of an organisation, by name. */
    List<VersionFloor> of(UUID orgId) throws StoreUnavailableException;
}
