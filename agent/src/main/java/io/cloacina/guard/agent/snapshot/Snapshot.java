// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.decision.Cover;
import java.io.File;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A private copy that replaces its original.
 *
 * @param original the path as it was opened, absolute
 * @param signer who signed it; null if it was merely allowed by audit mode
 * @param state {@link SnapshotStore#stateOf} the original from before it was copied; null where that does not matter
 * @param cover the package because of which it may load; null where that is its own signature or none
 */
public record Snapshot(
        String original,
        Path copy,
        PackageHash hash,
        @Nullable Fingerprint signer,
        @Nullable String state,
        @Nullable Cover cover) {
    public File file() {
        return copy.toFile();
    }

    // Each copy is its own; and a record's own comparison is made at run time, for which the first load would wait.
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
