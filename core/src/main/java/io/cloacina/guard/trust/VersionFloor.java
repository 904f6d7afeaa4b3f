// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * The lowest version of a package that counts for an organisation.
 *
 * @param packageName as signatures of version 2 name it
 * @param minimumVersion as {@link java.lang.module.ModuleDescriptor.Version} reads it
 */
public record VersionFloor(UUID id, UUID orgId, String packageName, String minimumVersion, Instant setAt) {
    public VersionFloor {
        Objects.requireNonNull(id);
        Objects.requireNonNull(orgId);
        Objects.requireNonNull(packageName);
        Objects.requireNonNull(minimumVersion);
        Objects.requireNonNull(setAt);
    }
}
