// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.trust.StoreUnavailableException;
import java.time.Duration;

/** Tells when trust in a store may have changed. Used by one thread; only {@link #close} may be called by another. */
public interface TrustWatch extends AutoCloseable {

    /**
     * Waits until trust may have changed, or for {@code limit}.
     *
     * @param limit above zero
     * @return false only if it is sure that nothing was changed since the last call, or since the watch was opened
     * @throws StoreUnavailableException if the store cannot be watched any more; this watch is of no more use
     */
    boolean await(Duration limit) throws StoreUnavailableException;

    /** Ends a wait soon. Does not itself wait. */
    @Override
    void close();
}
