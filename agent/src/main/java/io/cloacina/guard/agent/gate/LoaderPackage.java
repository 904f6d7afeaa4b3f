// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.agent.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Path;

/** One package of one loader. Guarded by itself, so that two threads do not verify and record it twice. */
final class LoaderPackage {
    Snapshot snapshot;
    boolean ownSnapshot;
    boolean admitted;
    PackageContents contents;
    ClassesInside inside = new ClassesInside();
    boolean transformed;
    // Of what loads without a copy, because it is exempt: its file, and the state in which that was read.
    Path file;
    String state;

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
