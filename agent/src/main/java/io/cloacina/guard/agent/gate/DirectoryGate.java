// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.jdk.Carrier;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.internal.decision.Load;
import java.io.File;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

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
    public File directoryOpened(File directory) {
        Carrier.keep();
        try {
            return classPaths.directoryOpened(directory);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_PATH_DIRECTORY, Load.Kind.DIRECTORY, directory.getPath(), e);
            return directory;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public boolean directoryReading(Object fileLoader, File directory, String name) {
        Carrier.keep();
        try {
            return classPaths.directoryReading(fileLoader, directory, name);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_PATH_DIRECTORY, Load.Kind.DIRECTORY, name, e);
            return false;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public boolean moduleDirectoryReading(Object reader, Path directory, @Nullable String name) {
        Carrier.keep();
        try {
            return modules.directoryReading(reader, directory, name);
        } catch (Throwable e) {
            decisions.failed(Hook.MODULE_DIRECTORY, Load.Kind.DIRECTORY, name, e);
            return false;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public boolean directoryMissed(File directory, String name) {
        Carrier.keep();
        try {
            return snapshots.restored(directory, name);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_PATH_DIRECTORY, Load.Kind.DIRECTORY, null, e);
            return false;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public boolean moduleDirectoryMissed(Path directory, String name) {
        Carrier.keep();
        try {
            return directories.restored(directory, name);
        } catch (Throwable e) {
            decisions.failed(Hook.MODULE_DIRECTORY, Load.Kind.DIRECTORY, null, e);
            return false;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public Path moduleDirectoryOpened(Path directory) {
        Carrier.keep();
        try {
            return modules.directoryOpened(directory);
        } catch (Throwable e) {
            decisions.failed(Hook.MODULE_DIRECTORY, Load.Kind.DIRECTORY, null, e);
            return directory;
        } finally {
            Carrier.release();
        }
    }
}
