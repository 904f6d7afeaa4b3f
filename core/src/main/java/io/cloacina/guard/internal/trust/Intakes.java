// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.List;

/** The rows of {@code guard_intake}; what {@link KeyStore} promises holds for each method. A store without the table has none. */
public interface Intakes {

    /**
     * Adds all of them, in one transaction, but for those that are there with an earlier date.
     *
     * @return how many were added
     */
    int addAll(List<IntakeRow> rows) throws StoreUnavailableException;

    /** All evidence for a package, of every organisation, oldest first. */
    List<IntakeRow> of(PackageHash packageHash) throws StoreUnavailableException;
}
