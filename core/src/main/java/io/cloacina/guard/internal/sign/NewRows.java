// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.trust.KeyName;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.UUID;

/** What new rows need: ids, times and good names. Safe for use by many threads. */
final class NewRows {

    private final Clock clock;
    private final SecureRandom random;

    NewRows(Clock clock, SecureRandom random) {
        this.clock = Objects.requireNonNull(clock);
        this.random = Objects.requireNonNull(random);
    }

    /** A random UUID (RFC 9562, version 4). */
    UUID newId() {
        return new UUID(random.nextLong() & ~0xf000L | 0x4000L, random.nextLong() & ~(3L << 62) | 2L << 62);
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    static void requireName(String name) throws KeyException {
        try {
            KeyName.require(name);
        } catch (IllegalArgumentException e) {
            throw new KeyException(Reason.BAD_NAME, String.valueOf(e.getMessage()), e);
        }
    }

    // Nothing of the guard deletes rows.
    static StoreUnavailableException vanished(String what) {
        return new StoreUnavailableException("the trust store lost " + what + " while it was used", null);
    }
}
