// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.trust;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The rows of {@code guard_key_limits}; what {@link KeyStore} promises holds for each method. A store without the table
 * has no rows.
 */
public interface KeyLimits {

    /**
     * Puts a limit on a key, in the place of one that is there. {@link KeyLimit#NONE} takes it away.
     *
     * @return false if it is so already
     */
    boolean set(LimitedKey row) throws StoreUnavailableException;

    Optional<LimitedKey> find(UUID orgId, Fingerprint fingerprint) throws StoreUnavailableException;

    /** The limits of an organisation and of those whose trust it shares. */
    List<LimitedKey> countingFor(UUID orgId) throws StoreUnavailableException;
}
