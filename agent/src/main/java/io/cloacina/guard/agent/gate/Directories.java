// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.Load;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Directories of classes, which class paths and modules read from their copies. */
final class Directories {

    private final SnapshotStore snapshots;
    private final Decisions decisions;
    private final WeakIdentityMap<Snapshot> bound;

    Directories(SnapshotStore snapshots, Decisions decisions) {
        this.snapshots = snapshots;
        this.decisions = decisions;
        this.bound = new WeakIdentityMap<>() {
            @Override
            void whenCollected(Snapshot snapshot) {
                snapshots.drop(snapshot);
            }
        };
    }

    /**
     * Has a directory decided on. The copy goes some time after the path that is returned was collected: no call tells
     * when a directory is no longer read.
     *
     * @param loader null where it is not known
     * @return the directory to read from instead of {@code directory}; null if that may be read itself
     */
    Path bind(Path directory, Hook hook, ClassLoader loader, LoaderPackages packages) {
        if (decisions.isEnforcing() && !Files.exists(directory)) {
            // What may appear there later was not verified: it is as if it stayed away.
            return snapshots.never();
        }
        Load load = Load.ofFile(Load.Kind.DIRECTORY, directory, hook.label(), Loaders.describe(loader));
        Snapshot snapshot = decisions.take(load, directory.toString());
        if (snapshot == null) {
            return null;
        }
        if (loader != null) {
            packages.opened(loader, snapshot);
        }
        // A path of its own, by whose life the copy is kept.
        Path copy = Path.of(snapshot.copy().toString());
        bound.put(copy, snapshot);
        return copy;
    }

    /**
     * Nothing called {@code name} was found in a directory of a module.
     *
     * @param directory as {@link #bind} gave it, or any other
     * @return whether it is there now
     */
    boolean restored(Path directory, String name) {
        Snapshot snapshot = bound.get(directory);
        return snapshot != null && snapshots.restored(snapshot, name);
    }
}
