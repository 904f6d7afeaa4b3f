// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.verify.Refusal;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Native libraries: of JNI, of foreign functions, and those that native code of the JDK opens by itself. */
final class NativeLibraryHooks {

    /** Names no file, and never can. */
    static final String NO_LIBRARY = File.separatorChar == '/' ? "/dev/null/refused" : "NUL\\refused";

    private final Environment environment;
    private final SnapshotStore snapshots;
    private final Decisions decisions;
    private final ProbeLoads probes;
    private final NativeLibraries libraries;

    NativeLibraryHooks(
            Environment environment,
            SnapshotStore snapshots,
            Decisions decisions,
            ProbeLoads probes,
            NativeLibraries libraries) {
        this.environment = environment;
        this.snapshots = snapshots;
        this.decisions = decisions;
        this.probes = probes;
        this.libraries = libraries;
    }

    /**
     * A library that is opened for foreign functions, or by native code of the JDK itself.
     *
     * @param name a path, or a bare name that the system's linker would resolve
     * @return the path to open instead
     */
    String libraryOpening(Hook hook, String name) {
        boolean bare = name.indexOf(File.separatorChar) < 0;
        String path = bare ? environment.systemLibrary(name) : name;
        if (path == null) {
            decisions.refuse(
                    new Load(Load.Kind.NATIVE, null, null, name, hook.label(), null),
                    Refusal.UNREADABLE_PACKAGE,
                    null,
                    "the bare name of a library is resolved by the system's linker, and none of that name is in"
                            + " cloacina.system_libraries");
            return name;
        }
        String canonical;
        try {
            // Only a path without links and dots tells in which directory a file lies.
            canonical = new File(path).getCanonicalPath();
        } catch (IOException e) {
            decisions.refuse(
                    new Load(Load.Kind.NATIVE, null, null, name, hook.label(), null),
                    Refusal.UNREADABLE_PACKAGE,
                    null,
                    "its path cannot be resolved: " + e);
            return name;
        }
        if (environment.isJdkFile(canonical)) {
            return canonical;
        }
        // Any other library keeps the name that it was given, because its signature lies beside that name.
        boolean system = environment.isSystemLibrary(Path.of(canonical));
        return load(system ? canonical : path, system, hook, null);
    }

    /**
     * Whether the system's linker would look for a bare name, and not find it: in none of the directories where linkers
     * look by default, nor in those of {@code LD_LIBRARY_PATH}.
     */
    boolean isNowhere(String name) {
        if (name.indexOf(File.separatorChar) >= 0 || environment.systemLibrary(name) != null) {
            return false;
        }
        String path = System.getenv("LD_LIBRARY_PATH");
        for (String directory : path == null ? new String[0] : path.split("[:;]")) {
            // An empty one is the working directory.
            if (new File(directory.isEmpty() ? "." : directory, name).exists()) {
                return false;
            }
        }
        return environment.isInNoLinkerDirectory(name);
    }

    String libraryLoading(@Nullable Class<?> caller, String path, boolean builtIn) {
        ClassLoader loader = caller == null ? null : caller.getClassLoader();
        if (builtIn || OwnClasses.isOwn(loader) || environment.isJdkFile(path)) {
            return path;
        }
        try {
            return load(path, environment.isSystemLibrary(Path.of(path)), Hook.NATIVE_LIBRARY, loader);
        } catch (PackageRefusedException refused) {
            UnsatisfiedLinkError error = new UnsatisfiedLinkError(refused.getMessage());
            error.initCause(refused);
            throw error;
        }
    }

    private String load(String path, boolean system, Hook hook, @Nullable ClassLoader loader) {
        Load load = Load.ofFile(Load.Kind.NATIVE, Path.of(path), hook.label(), Loaders.describe(loader));
        if (system) {
            decisions.demandSystemLibrary(load);
            return path;
        }
        if (snapshots.forbidsExecution() && !probes.concerns(path)) {
            decisions.refuse(
                    load,
                    Refusal.UNREADABLE_PACKAGE,
                    null,
                    "its private copy could not be executed: [" + snapshots.directory()
                            + "] is mounted noexec; set cloacina.pin_directory to a directory that is not");
            return path;
        }
        try {
            return libraries.admit(load, loader, decisions);
        } catch (UncheckedIOException e) {
            decisions.refuse(load, Refusal.UNREADABLE_PACKAGE, null, String.valueOf(e.getMessage()));
            return path;
        }
    }
}
