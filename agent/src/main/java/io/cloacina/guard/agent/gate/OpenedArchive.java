// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.format.ContentKeys;
import io.cloacina.guard.agent.snapshot.InnerContents;
import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.crypto.PackageHash;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An archive that this JVM has opened. What is not final is guarded by itself, and by {@link OpenedArchives} the copy. */
final class OpenedArchive {

    /** A private copy of the archive, to compare with. */
    static final class Copy {
        final String path;
        /** {@code SnapshotStore.stateOf} the archive from before it was copied. */
        final String state;

        final Path file;
        final PackageHash hash;
        final PackageContents contents;
        int holds;
        boolean replaced;

        Copy(String path, String state, Path file, PackageHash hash, PackageContents contents) {
            this.path = path;
            this.state = state;
            this.file = file;
            this.hash = hash;
            this.contents = contents;
        }
    }

    final String path;
    final Openings openings = new Openings();
    /** Whether it was opened since it was indexed: it may be another one by now. */
    volatile boolean reopened = true;

    @Nullable
    String indexedState;

    @Nullable
    SoftReference<ContentKeys> keys;

    @Nullable
    SoftReference<InnerContents> inner;

    @Nullable
    Copy copy;

    OpenedArchive(String path) {
        this.path = path;
    }
}
