// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.crypto.PackageHash;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One package of one loader. Guarded by itself, so that two threads do not verify and record it twice. */
final class LoaderPackage {
    @Nullable
    Snapshot snapshot;

    boolean ownSnapshot;
    boolean admitted;

    @Nullable
    PackageContents contents;

    ClassesInside inside = new ClassesInside();
    boolean transformed;
    // Of what loads without a copy, because it is exempt: its file, and the state in which that was read.
    @Nullable
    Path file;

    @Nullable
    String state;

    /** What its classes are compared with: the copy, or the file itself where there is none. */
    Path read() {
        return snapshot == null ? Objects.requireNonNull(file) : snapshot.copy();
    }

    /** The hash that was decided on; null where it loads without a copy. */
    @Nullable
    PackageHash hash() {
        return snapshot == null ? null : snapshot.hash();
    }

    /** Gives up what it has of its own. */
    void release(SnapshotStore snapshots) {
        closeContents();
        if (ownSnapshot && snapshot != null) {
            snapshots.drop(snapshot);
        }
    }

    void closeContents() {
        try {
            if (contents != null) {
                contents.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException("a private copy cannot be closed", e);
        } finally {
            contents = null;
            inside = new ClassesInside();
        }
    }
}
