// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.gate.ThreadState.Context;
import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.verify.Refusal;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Archives and directories of named modules. */
final class ModuleHooks {

    private static final Class<?> DEFAULT_PATH = Path.of("").getClass();

    private final Environment environment;
    private final SnapshotStore snapshots;
    private final Decisions decisions;
    private final Directories directories;
    // By the path that a reader has; the reader keeps it.
    private final WeakIdentityMap<OpenedDirectory> asked = new WeakIdentityMap<>();

    ModuleHooks(Environment environment, SnapshotStore snapshots, Decisions decisions, Directories directories) {
        this.decisions = decisions;
        this.environment = environment;
        this.snapshots = snapshots;
        this.directories = directories;
    }

    /** The archive itself passes the hook of {@code java.util.zip} next. */
    Object jarOpening(String path) {
        Path absolute = Path.of(path).toAbsolutePath();
        boolean application = environment.isApplicationFile(absolute.toString());
        return ThreadState.current().enter(new Context(null, application, path, true, null));
    }

    void jarOpened(Object before) {
        ThreadState.current().leave(before);
    }

    /**
     * A directory in a zip file system is left as it is: its classes are compared, one by one, with the archive that it
     * is in, which is decided on for the layer's first class. Directories of other file systems are refused. They
     * cannot be copied without calling code of an application.
     *
     * @return what to read from
     */
    Path directoryOpened(Path directory) {
        if (!isOfDefaultFileSystem(directory)) {
            if (!isOfZipFileSystem(directory.getClass())) {
                Load load = new Load(
                        Load.Kind.DIRECTORY,
                        null,
                        null,
                        directory.getClass().getName(),
                        Hook.MODULE_DIRECTORY.label(),
                        null);
                decisions.refuse(
                        load,
                        Refusal.UNREADABLE_PACKAGE,
                        null,
                        "a directory of a file system that is not the default one");
            }
            return directory;
        }
        Path absolute = directory.toAbsolutePath();
        if (environment.isApplicationFile(absolute.toString())) {
            Snapshot snapshot = snapshots.standingFor(absolute.toFile());
            if (snapshot != null) {
                return snapshot.copy();
            }
            if (environment.isOutOfScope(absolute.toString())) {
                return directory;
            }
        }
        OpenedDirectory opened = directories.open(absolute.toFile(), Hook.MODULE_DIRECTORY, null);
        asked.put(opened.place, opened);
        return opened.place;
    }

    /**
     * @param directory as {@link #directoryOpened} gave it, or what it was decided to read from
     * @param name null if all names are asked for
     * @return whether the resource must not be found, because it does not exist
     */
    boolean directoryReading(Object reader, Path directory, @Nullable String name) {
        OpenedDirectory opened = asked.get(directory);
        if (opened == null) {
            return false;
        }
        if (!opened.holds(name == null ? "" : name)) {
            return true;
        }
        synchronized (opened) {
            opened.requireNotRefused();
            if (!opened.isDecided()) {
                Path path = directories.decide(opened, null);
                if (opened.isResourcesOnly()) {
                    // A path of its own, which identifies it.
                    path = Path.of(path.toString());
                    asked.put(path, opened);
                }
                JdkInternals.setDirectory(reader, path);
                ThreadState.current().module = directories.snapshot(path);
            }
            if (opened.isResourcesOnly() && name != null) {
                directories.readResource(opened, name, null);
            }
        }
        return false;
    }

    /** Whether {@code path} is one of the JDK's own, whose methods no application class overrides. */
    static boolean isOfDefaultFileSystem(Path path) {
        return path.getClass() == DEFAULT_PATH;
    }

    private static boolean isOfZipFileSystem(Class<?> path) {
        return path.getName().equals("jdk.nio.zipfs.ZipPath")
                && "jdk.zipfs".equals(path.getModule().getName())
                && path.getModule().getLayer() == ModuleLayer.boot();
    }
}
