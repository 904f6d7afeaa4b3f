// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.TrustedKey;
import java.util.Objects;

/**
 * One line of what an organisation trusts.
 *
 * @param key the row; its organisation says where the trust comes from
 * @param limit that this organisation has put on the key
 */
public record TrustEntry(TrustedKey key, Standing standing, KeyLimit limit) {

    /** What a row means for the organisation that asks. */
    public enum Standing {
        /** It trusts the key itself. */
        DIRECT,
        /** An organisation that it was granted to trust trusts the key. */
        INHERITED,
        /** The organisation of the row took its trust back. */
        REVOKED,
        /** Another organisation trusts the key, but the asking one revoked it, and that wins. */
        OVERRULED,
        /** The public key does not match the fingerprint, or is weak: the row does not count. */
        UNUSABLE
    }

    public TrustEntry {
        Objects.requireNonNull(key);
        Objects.requireNonNull(standing);
        Objects.requireNonNull(limit);
    }

    /** Whether a signature by this key is accepted because of this row. */
    public boolean isActive() {
        return standing == Standing.DIRECT || standing == Standing.INHERITED;
    }
}
