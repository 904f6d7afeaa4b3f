// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.internal.decision.Load;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Directories of classes, which class paths and modules read from their copies. */
final class Directories {

    private static final String CLASS = ".class";

    private final Environment environment;
    private final SnapshotStore snapshots;
    private final Decisions decisions;
    private final LoaderPackages packages;
    // By the path that keeps the copy alive: no call shows when a directory is no longer read.
    private final WeakIdentityMap<Snapshot> bound;
    private final WeakIdentityMap<Path> places;

    Directories(Environment environment, SnapshotStore snapshots, Decisions decisions, LoaderPackages packages) {
        this.environment = environment;
        this.snapshots = snapshots;
        this.decisions = decisions;
        this.packages = packages;
        this.bound = new WeakIdentityMap<>() {
            @Override
            void whenCollected(Snapshot snapshot) {
                snapshots.drop(snapshot);
            }
        };
        this.places = new WeakIdentityMap<>() {
            @Override
            void whenCollected(Path place) {
                snapshots.delete(place);
            }
        };
    }

    /** @param ucp the class path that opens it; null for a module, and where it is not known */
    OpenedDirectory open(File directory, Hook hook, @Nullable Object ucp) {
        return new OpenedDirectory(directory, hook, ucp, snapshots.newPlace());
    }

    /** Has a directory called {@code name} found that is in {@code opened}: there is nothing to read in it. */
    void showDirectory(OpenedDirectory opened, String name) {
        places.getOrPut(opened, opened.place);
        snapshots.makeDirectory(opened.place, name);
    }

    /**
     * Decides on a directory, the first time.
     *
     * @param loader null where it is not known
     * @return the path to read from. The copy there, if it is one, goes some time after that very object was collected
     * @throws PackageRefusedException if nothing may be read from it
     */
    Path decide(OpenedDirectory opened, @Nullable ClassLoader loader) {
        try {
            Path path = opened.original.toPath();
            Load load = Load.ofFile(Load.Kind.DIRECTORY, path, opened.hook.label(), Loaders.describe(loader));
            if (environment.isNamedByCommandLine(path.toString())) {
                decisions.demandNamedByCommandLine(load);
                opened.decided();
                return path;
            }
            if (environment.isResourceDirectory(path)) {
                opened.decidedAsResources();
                return path;
            }
            Snapshot snapshot = decisions.take(load, path.toString());
            opened.decided();
            return snapshot == null ? path : bind(snapshot, loader);
        } catch (PackageRefusedException refused) {
            opened.refused(refused);
            throw refused;
        } finally {
            if (places.get(opened) != null) {
                snapshots.delete(opened.place);
            }
        }
    }

    /** Whether there is a class anywhere in {@code directory}, or its content is unknown. */
    static boolean holdClasses(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.anyMatch(file -> file.toString().endsWith(CLASS));
        } catch (IOException | UncheckedIOException e) {
            return true;
        }
    }

    private Path bind(Snapshot snapshot, @Nullable ClassLoader loader) {
        if (loader != null) {
            packages.opened(loader, snapshot);
        }
        // A path of its own, by whose life the copy is kept.
        Path copy = Path.of(snapshot.copy().toString());
        bound.put(copy, snapshot);
        return copy;
    }

    /** The snapshot whose copy is at {@code path}, as {@link #decide} gave it; null if it is none. */
    @Nullable
    Snapshot snapshot(Path path) {
        return bound.get(path);
    }

    /**
     * Has something decided on that is read from a directory of resources, the first of its kind.
     *
     * @throws PackageRefusedException if it is a class
     */
    void readResource(OpenedDirectory opened, String name, @Nullable ClassLoader loader) {
        Path path = opened.original.toPath();
        if (!name.endsWith(CLASS)) {
            if (!opened.isResourceRecorded()) {
                decisions.demandResourceDirectory(
                        Load.ofFile(Load.Kind.DIRECTORY, path, opened.hook.label(), Loaders.describe(loader)));
                opened.resourceRecorded();
            }
            return;
        }
        opened.requireNotRefused();
        if (opened.isFirstClass()) {
            try {
                String className =
                        name.substring(0, name.length() - CLASS.length()).replace('/', '.');
                decisions.refuseClassOfResources(path, className, opened.hook, Loaders.describe(loader));
            } catch (PackageRefusedException refused) {
                opened.refused(refused);
                throw refused;
            }
        }
    }

    /**
     * Nothing called {@code name} was found in a directory of a module.
     *
     * @param directory as {@link #decide} gave it, or any other
     * @return whether it is there now
     */
    boolean restored(Path directory, String name) {
        Snapshot snapshot = bound.get(directory);
        return snapshot != null && snapshots.restored(snapshot, name);
    }
}
