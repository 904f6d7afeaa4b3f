// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.Load;
import io.cloacina.guard.agent.jdk.Carrier;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import java.io.File;
import java.nio.file.Path;

/** The part of the gate for directories of class paths and modules. */
abstract class DirectoryGate extends ClassGate {

    private final SnapshotStore snapshots;
    private final Decisions decisions;
    private final ClassPathHooks classPaths;
    private final ModuleHooks modules;
    private final Directories directories;

    DirectoryGate(SnapshotStore snapshots, Hooks hooks) {
        super(hooks.decisions(), hooks.probes(), hooks.definitions());
        this.snapshots = snapshots;
        this.decisions = hooks.decisions();
        this.classPaths = hooks.classPaths();
        this.modules = hooks.modules();
        this.directories = hooks.directories();
    }

    @Override
    public File folderOpened(File folder) {
        Carrier.keep();
        try {
            return classPaths.folderOpened(folder);
        } catch (Throwable e) {
            return decisions.failed(Hook.CLASS_PATH_FOLDER, Load.Kind.DIRECTORY, folder.getPath(), e, folder);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public boolean folderReading(Object fileLoader, File folder, String name) {
        Carrier.keep();
        try {
            return classPaths.folderReading(fileLoader, folder, name);
        } catch (Throwable e) {
            return decisions.failed(Hook.CLASS_PATH_FOLDER, Load.Kind.DIRECTORY, name, e, false);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public boolean moduleFolderReading(Object reader, Path folder, String name) {
        Carrier.keep();
        try {
            return modules.folderReading(reader, folder, name);
        } catch (Throwable e) {
            return decisions.failed(Hook.MODULE_FOLDER, Load.Kind.DIRECTORY, name, e, false);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public boolean folderMissed(File folder, String name) {
        Carrier.keep();
        try {
            return snapshots.restored(folder, name);
        } catch (Throwable e) {
            return decisions.failed(Hook.CLASS_PATH_FOLDER, Load.Kind.DIRECTORY, null, e, false);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public boolean moduleFolderMissed(Path folder, String name) {
        Carrier.keep();
        try {
            return directories.restored(folder, name);
        } catch (Throwable e) {
            return decisions.failed(Hook.MODULE_FOLDER, Load.Kind.DIRECTORY, null, e, false);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public Path moduleFolderOpened(Path folder) {
        Carrier.keep();
        try {
            return modules.folderOpened(folder);
        } catch (Throwable e) {
            return decisions.failed(Hook.MODULE_FOLDER, Load.Kind.DIRECTORY, null, e, folder);
        } finally {
            Carrier.release();
        }
    }
}
