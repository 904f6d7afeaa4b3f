// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.gate.ThreadState.Context;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import java.nio.file.Path;

/** Archives and directories of named modules. */
final class ModuleHooks {

    private final Environment environment;
    private final SnapshotStore snapshots;
    private final Directories directories;
    private final LoaderPackages packages;

    ModuleHooks(Environment environment, SnapshotStore snapshots, Directories directories, LoaderPackages packages) {
        this.environment = environment;
        this.snapshots = snapshots;
        this.directories = directories;
        this.packages = packages;
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

    Path folderOpened(Path folder) {
        Path absolute = folder.toAbsolutePath();
        if (environment.isApplicationFile(absolute.toString())) {
            Snapshot snapshot = snapshots.standingFor(absolute.toFile());
            if (snapshot != null) {
                return snapshot.copy();
            }
            if (environment.isOutOfScope(absolute.toString())) {
                return folder;
            }
        }
        Path bound = directories.bind(absolute, Hook.MODULE_FOLDER, null, packages);
        return bound == null ? folder : bound;
    }
}
