// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import io.cloacina.guard.crypto.Fingerprint;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/** The limit that an organisation has put on a key: it binds its own trust, and what others inherit from it. */
public record LimitedKey(UUID id, UUID orgId, Fingerprint fingerprint, KeyLimit limit, Instant setAt) {
    public LimitedKey {
        Objects.requireNonNull(id);
        Objects.requireNonNull(orgId);
        Objects.requireNonNull(fingerprint);
        Objects.requireNonNull(limit);
        Objects.requireNonNull(setAt);
    }
}
