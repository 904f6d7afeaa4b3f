// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.verify.PackageStatement;
import io.cloacina.guard.verify.PackageVersion;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a signature of version 2 is to say: something new, or once more what another key has signed already.
 *
 * @param adds whether it is a further signature over a statement that is there; the other components say nothing then
 * @param name of the package
 * @param version of the package
 * @param expiresAt after which the signature does not count, in whole microseconds; null for never
 */
public record StatementRequest(
        boolean adds, String name, String version, @Nullable Instant expiresAt) {

    /** A further signature over the statement that is there. */
    public static final StatementRequest ADD = new StatementRequest(true, "", "", null);

    /** @throws IllegalArgumentException if {@code name} or {@code version} is none; the message says why */
    public StatementRequest {
        if (!adds) {
            PackageStatement.requireName(name);
            PackageVersion.require(version);
            expiresAt = expiresAt == null ? null : expiresAt.truncatedTo(ChronoUnit.MICROS);
        }
    }

    /** @param expiresAt null for never */
    public static StatementRequest of(String name, String version, @Nullable Instant expiresAt) {
        return new StatementRequest(false, name, version, expiresAt);
    }
}
