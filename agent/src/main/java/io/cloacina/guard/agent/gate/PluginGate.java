// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.Gate;
import io.cloacina.guard.agent.jdk.Carrier;
import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.internal.decision.Load;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * Dispatches every call of instrumented JDK code to the hooks that it concerns. An exception of a hook ends in
 * {@link Decisions}. A virtual thread keeps its carrier meanwhile.
 */
public final class PluginGate extends DirectoryGate implements AutoCloseable {

    private final SnapshotStore snapshots;
    private final Environment environment;
    private final Decisions decisions;
    private final ProbeLoads probes;
    private final OpenedArchives archives;
    private final ClassPathHooks classPaths;
    private final ModuleHooks modules;
    private final NativeLibraryHooks natives;
    private final AgentHooks agents;
    private final DiagnosticCommands commands;
    private volatile @Nullable Gate privileged;

    /**
     * @param guard decides
     * @param snapshots where copies are made
     * @param stop ends the JVM, if the self-test does not end
     */
    public PluginGate(Guard guard, Environment environment, SnapshotStore snapshots, Consumer<Throwable> stop) {
        this(environment, snapshots, Hooks.of(guard, environment, snapshots, stop));
    }

    private PluginGate(Environment environment, SnapshotStore snapshots, Hooks hooks) {
        super(snapshots, hooks);
        this.snapshots = snapshots;
        this.environment = environment;
        this.decisions = hooks.decisions();
        this.probes = hooks.probes();
        this.archives = hooks.archives();
        this.classPaths = hooks.classPaths();
        this.modules = hooks.modules();
        this.natives = hooks.natives();
        this.agents = hooks.agents();
        this.commands = hooks.commands();
    }

    @Override
    public boolean isCopy(@Nullable String file) {
        return snapshots.isCopy(file);
    }

    @Override
    public Gate privileged() {
        Gate known = privileged;
        if (known == null) {
            known = new PrivilegedGate(this);
            privileged = known;
        }
        return known;
    }

    /** Whether a load that does not verify is refused, not just recorded. */
    public boolean isEnforcing() {
        return decisions.isEnforcing();
    }

    /** The loads of the start-up self-test. */
    public ProbeLoads probes() {
        return probes;
    }

    @Override
    public void loaderMade(ClassLoader loader, Object ucp) {
        Carrier.keep();
        try {
            classPaths.loaderMade(loader, ucp);
        } catch (Throwable e) {
            decisions.failed(Hook.URL_CLASS_LOADER, Load.Kind.JAR, null, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public Object rootOpening(Object ucp, URL url) {
        Carrier.keep();
        try {
            return classPaths.rootOpening(ucp);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_PATH_ROOT, Load.Kind.JAR, null, e);
            return ThreadState.NONE;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void rootOpened(Object before) {
        ThreadState.current().leave(before);
    }

    @Override
    public Object jarOpening(Object jarLoader, URL url) {
        Carrier.keep();
        try {
            return classPaths.jarOpening(jarLoader, url);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_PATH_JAR, Load.Kind.JAR, null, e);
            return ThreadState.NONE;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void jarOpened(Object before, @Nullable JarFile jar) throws IOException {
        Carrier.keep();
        try {
            classPaths.jarOpened(before, jar);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_PATH_JAR, Load.Kind.JAR, null, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public File zipOpening(File named, boolean toDelete) throws IOException {
        Carrier.keep();
        File file = named;
        try {
            file = JdkInternals.plain(named);
            archives.opened(file);
            return classPaths.zipOpening(file, toDelete);
        } catch (Throwable e) {
            decisions.failed(Hook.ZIP_OPEN, Load.Kind.JAR, null, e);
            return file;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void zipOpened(File file, @Nullable Object source) {
        Carrier.keep();
        try {
            classPaths.zipOpened(file, source);
            archives.opened(file, source);
        } catch (Throwable e) {
            decisions.failed(Hook.ZIP_OPEN, Load.Kind.JAR, file.getPath(), e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void zipClosed(Object source) {
        Carrier.keep();
        try {
            classPaths.zipClosed(source);
        } catch (Throwable e) {
            decisions.failed(Hook.ZIP_CLOSE, Load.Kind.JAR, null, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void zipFileSystemMade(Path archive) {
        Carrier.keep();
        try {
            if (ModuleHooks.isOfDefaultFileSystem(archive)) {
                archives.read(archive.toAbsolutePath().toString(), archive);
            }
        } catch (Throwable e) {
            decisions.failed(Hook.ZIP_FILE_SYSTEM, Load.Kind.JAR, null, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void zipStreamMade(InputStream stream) {
        Carrier.keep();
        try {
            archives.streamed(stream);
        } catch (Throwable e) {
            decisions.failed(Hook.ZIP_STREAM, Load.Kind.JAR, null, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public Object moduleJarOpening(String path) {
        Carrier.keep();
        try {
            return modules.jarOpening(path);
        } catch (Throwable e) {
            decisions.failed(Hook.MODULE_JAR, Load.Kind.JAR, path, e);
            return ThreadState.NONE;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void moduleJarOpened(Object before) {
        modules.jarOpened(before);
    }

    @Override
    public void classNotFound(Object ucp, Throwable notFound) {
        classPaths.classNotFound(ucp, notFound);
    }

    @Override
    public void agentAppending(String path) {
        Carrier.keep();
        try {
            agents.append(path);
        } catch (Throwable e) {
            decisions.failed(Hook.AGENT_JAR, Load.Kind.AGENT, path, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void bootAppending(JarFile jar) {
        Carrier.keep();
        try {
            agents.appendToBoot(jar);
        } catch (Throwable e) {
            decisions.failed(Hook.BOOT_APPEND, Load.Kind.AGENT, null, e);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public Object @Nullable [] diagnosticCommand(@Nullable String name, Object @Nullable [] parameters) {
        Carrier.keep();
        try {
            return commands.invoking(name, parameters);
        } catch (Throwable e) {
            decisions.failed(Hook.DIAGNOSTIC_COMMAND, Load.Kind.AGENT, name, e);
            return parameters;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public String libraryLoading(@Nullable Class<?> caller, String path, boolean builtIn) {
        Carrier.keep();
        try {
            return natives.libraryLoading(caller, path, builtIn);
        } catch (Throwable e) {
            decisions.failed(Hook.NATIVE_LIBRARY, Load.Kind.NATIVE, path, e);
            return path;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public String foreignLibraryLoading(String name) {
        Carrier.keep();
        try {
            return natives.libraryOpening(Hook.FOREIGN_LIBRARY, name);
        } catch (Throwable e) {
            decisions.failed(Hook.FOREIGN_LIBRARY, Load.Kind.NATIVE, name, e);
            return name;
        } finally {
            Carrier.release();
        }
    }

    @Override
    public String pkcs11Opening(String name) {
        return jdkLibraryOpening(Hook.PKCS11_LIBRARY, name);
    }

    @Override
    public String nssOpening(String name) {
        return jdkLibraryOpening(Hook.NSS_LIBRARY, name);
    }

    @Override
    public String gssOpening(String name) {
        if (natives.isNowhere(name)) {
            // The JDK tries several names, of which a system has one or none.
            return NativeLibraryHooks.NO_LIBRARY;
        }
        try {
            return jdkLibraryOpening(Hook.GSS_LIBRARY, name);
        } catch (PackageRefusedException refused) {
            // The refusal is in the audit log. An exception would end the search for a library that may be opened.
            return NativeLibraryHooks.NO_LIBRARY;
        }
    }

    @Override
    public String smartCardOpening(String name) {
        return jdkLibraryOpening(Hook.SMART_CARD_LIBRARY, name);
    }

    private String jdkLibraryOpening(Hook hook, String name) {
        try {
            return natives.libraryOpening(hook, name);
        } catch (Throwable e) {
            decisions.failed(hook, Load.Kind.NATIVE, name, e);
            return name;
        }
    }

    /**
     * Decides on a file or directory of the application's own class path; from then on it is read from its copy. A
     * directory without classes is left until something is read from it.
     *
     * @throws PackageRefusedException if it must not load
     */
    public void admitApplication(Path file) {
        boolean directory = Files.isDirectory(file);
        if (directory ? !Directories.holdClasses(file) : Archives.isNone(file.toFile())) {
            return;
        }
        Load.Kind kind = directory ? Load.Kind.DIRECTORY : Load.Kind.JAR;
        decisions.take(Load.ofFile(kind, file, Hook.APPLICATION.label(), "app"), file.toString());
    }

    /**
     * Decides on an archive of classes that the JVM has mapped already.
     *
     * @throws PackageRefusedException if it must not be used
     */
    public void admitArchive(Path file) {
        if (!environment.isJdkFile(file.toString())) {
            decisions.admitWithoutCopy(Load.ofFile(Load.Kind.JAR, file, Hook.CLASS_ARCHIVE.label(), "app"));
        }
    }

    /** Removes all copies. */
    @Override
    public void close() throws IOException {
        snapshots.close();
    }
}
