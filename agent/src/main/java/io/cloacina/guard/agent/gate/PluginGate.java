// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.Guard;
import io.cloacina.guard.Load;
import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.Gate;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.jar.JarFile;

/** Hands every call of instrumented JDK code on to the hooks that it concerns. Whatever one throws ends in {@link Decisions}. */
public final class PluginGate implements Gate, AutoCloseable {

    private final SnapshotStore snapshots;
    private final Environment environment;
    private final Decisions decisions;
    private final ProbeLoads probes;
    private final ClassPathHooks classPaths;
    private final ModuleHooks modules;
    private final ClassDefinitionHooks definitions;
    private final NativeLibraryHooks natives;
    private final AgentHooks agents;
    private final DiagnosticCommands commands;

    /**
     * @param guard decides
     * @param snapshots where copies are made
     */
    public PluginGate(Guard guard, Environment environment, SnapshotStore snapshots) {
        this.snapshots = snapshots;
        this.environment = environment;
        this.probes = new ProbeLoads(snapshots.folder().resolve("trial"));
        NativeLibraries libraries = new NativeLibraries(snapshots, environment.coveringJars());
        this.decisions = new Decisions(guard, snapshots, probes, libraries);
        this.agents = new AgentHooks(environment, decisions);
        this.commands = new DiagnosticCommands(decisions);
        LoaderPackages packages = new LoaderPackages(environment, snapshots, decisions, probes);
        Directories directories = new Directories(snapshots, decisions);
        this.classPaths = new ClassPathHooks(environment, snapshots, decisions, probes, packages, directories);
        this.modules = new ModuleHooks(environment, snapshots, directories, packages);
        this.definitions = new ClassDefinitionHooks(environment, decisions, probes, packages, agents);
        this.natives = new NativeLibraryHooks(environment, snapshots, decisions, probes, libraries);
    }

    /** Whether what does not verify is refused, not just recorded. */
    public boolean isEnforcing() {
        return decisions.isEnforcing();
    }

    /** The loads of the start-up self-test. */
    public ProbeLoads probes() {
        return probes;
    }

    @Override
    public void loaderMade(ClassLoader loader, Object ucp) {
        try {
            classPaths.loaderMade(loader, ucp);
        } catch (Throwable e) {
            decisions.failed(Hook.URL_CLASS_LOADER, Load.Kind.JAR, null, e, null);
        }
    }

    @Override
    public Object rootOpening(Object ucp, URL url) {
        try {
            return classPaths.rootOpening(ucp);
        } catch (Throwable e) {
            return decisions.failed(Hook.CLASS_PATH_ROOT, Load.Kind.JAR, null, e, ThreadState.NONE);
        }
    }

    @Override
    public void rootOpened(Object before) {
        ThreadState.current().leave(before);
    }

    @Override
    public Object jarOpening(Object jarLoader, URL url) {
        try {
            return classPaths.jarOpening(jarLoader, url);
        } catch (Throwable e) {
            return decisions.failed(Hook.CLASS_PATH_JAR, Load.Kind.JAR, null, e, ThreadState.NONE);
        }
    }

    @Override
    public void jarOpened(Object before, JarFile jar) throws IOException {
        try {
            classPaths.jarOpened(before, jar);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_PATH_JAR, Load.Kind.JAR, null, e, null);
        }
    }

    @Override
    public File folderOpened(File folder) throws IOException {
        try {
            return classPaths.folderOpened(folder);
        } catch (Throwable e) {
            return decisions.failed(Hook.CLASS_PATH_FOLDER, Load.Kind.DIRECTORY, folder.getPath(), e, folder);
        }
    }

    @Override
    public File zipOpening(File file, boolean toDelete) throws IOException {
        try {
            return classPaths.zipOpening(file, toDelete);
        } catch (Throwable e) {
            return decisions.failed(Hook.ZIP_OPEN, Load.Kind.JAR, file.getPath(), e, file);
        }
    }

    @Override
    public void zipOpened(File file, Object source) {
        try {
            classPaths.zipOpened(file, source);
        } catch (Throwable e) {
            decisions.failed(Hook.ZIP_OPEN, Load.Kind.JAR, file.getPath(), e, null);
        }
    }

    @Override
    public void zipClosed(Object source) {
        try {
            classPaths.zipClosed(source);
        } catch (Throwable e) {
            decisions.failed(Hook.ZIP_CLOSE, Load.Kind.JAR, null, e, null);
        }
    }

    @Override
    public Object moduleJarOpening(String path) {
        try {
            return modules.jarOpening(path);
        } catch (Throwable e) {
            return decisions.failed(Hook.MODULE_JAR, Load.Kind.JAR, path, e, ThreadState.NONE);
        }
    }

    @Override
    public void moduleJarOpened(Object before) {
        modules.jarOpened(before);
    }

    @Override
    public Path moduleFolderOpened(Path folder) {
        try {
            return modules.folderOpened(folder);
        } catch (Throwable e) {
            return decisions.failed(Hook.MODULE_FOLDER, Load.Kind.DIRECTORY, null, e, folder);
        }
    }

    @Override
    public void classNotFound(Object ucp, Throwable notFound) {
        classPaths.classNotFound(ucp, notFound);
    }

    @Override
    public void resourceDefining(ClassLoader loader, Object resource) {
        try {
            definitions.resourceDefining(loader, resource);
        } catch (Throwable e) {
            decisions.failed(Hook.DEFINE_RESOURCE, Load.Kind.CLASS, null, e, null);
        }
    }

    @Override
    public void resourceRead(byte[] bytes) {
        try {
            definitions.resourceRead(bytes);
        } catch (Throwable e) {
            decisions.failed(Hook.RESOURCE_BYTES, Load.Kind.CLASS, null, e, null);
        }
    }

    @Override
    public void resourceDefined() {
        definitions.resourceDefined();
    }

    @Override
    public byte[] classDefining(
            ClassLoader loader, String name, byte[] bytes, int offset, int length, ProtectionDomain domain) {
        try {
            return definitions.classDefining(loader, name, bytes, offset, length, domain);
        } catch (Throwable e) {
            return decisions.failed(Hook.DEFINE_CLASS, Load.Kind.CLASS, name, e, null);
        }
    }

    @Override
    public ByteBuffer classDefining(ClassLoader loader, String name, ByteBuffer bytes, ProtectionDomain domain) {
        try {
            return definitions.classDefining(loader, name, bytes, domain);
        } catch (Throwable e) {
            return decisions.failed(Hook.DEFINE_CLASS_BUFFER, Load.Kind.CLASS, name, e, null);
        }
    }

    @Override
    public void classDefined() {
        definitions.classDefined();
    }

    @Override
    public void lookupDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        lookupDefining(Hook.LOOKUP_DEFINE, lookup, bytes);
    }

    @Override
    public void hiddenDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        lookupDefining(Hook.HIDDEN_CLASS, lookup, bytes);
    }

    @Override
    public void hiddenWithDataDefining(MethodHandles.Lookup lookup, byte[] bytes) {
        lookupDefining(Hook.HIDDEN_CLASS_DATA, lookup, bytes);
    }

    private void lookupDefining(Hook hook, MethodHandles.Lookup lookup, byte[] bytes) {
        try {
            definitions.lookupDefining(hook, lookup, bytes);
        } catch (Throwable e) {
            decisions.failed(hook, Load.Kind.CLASS, null, e, null);
        }
    }

    @Override
    public byte[] unsafeDefining(ClassLoader loader, byte[] bytes, int offset, int length, ProtectionDomain domain) {
        try {
            return definitions.unsafeDefining(loader, bytes, offset, length, domain);
        } catch (Throwable e) {
            return decisions.failed(Hook.UNSAFE_DEFINE, Load.Kind.CLASS, null, e, null);
        }
    }

    /**
     * Every class that the JVM loads; see {@link ClassDefinitionHooks#classLoading}.
     *
     * @throws PackageRefusedException if it must not be
     */
    public void classLoading(
            Module module, ClassLoader loader, String nameOrNull, ProtectionDomain domain, byte[] bytes) {
        try {
            definitions.classLoading(module, loader, nameOrNull, domain, bytes);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_LOAD, Load.Kind.CLASS, nameOrNull, e, null);
        }
    }

    @Override
    public void retransforming() {
        probes.note(Hook.RETRANSFORM);
    }

    @Override
    public Object[] redefining(Object[] classes) {
        try {
            return definitions.redefining(classes);
        } catch (Throwable e) {
            return decisions.failed(Hook.REDEFINE, Load.Kind.CLASS, null, e, classes);
        }
    }

    @Override
    public void agentAppending(String path) {
        try {
            agents.append(path);
        } catch (Throwable e) {
            decisions.failed(Hook.AGENT_JAR, Load.Kind.AGENT, path, e, null);
        }
    }

    @Override
    public void bootAppending(JarFile jar) {
        try {
            agents.appendToBoot(jar);
        } catch (Throwable e) {
            decisions.failed(Hook.BOOT_APPEND, Load.Kind.AGENT, null, e, null);
        }
    }

    @Override
    public Object[] diagnosticCommand(String name, Object[] parameters) {
        try {
            return commands.invoking(name, parameters);
        } catch (Throwable e) {
            return decisions.failed(Hook.DIAGNOSTIC_COMMAND, Load.Kind.AGENT, name, e, parameters);
        }
    }

    @Override
    public String libraryLoading(Class<?> caller, String path, boolean builtIn) {
        try {
            return natives.libraryLoading(caller, path, builtIn);
        } catch (Throwable e) {
            return decisions.failed(Hook.NATIVE_LIBRARY, Load.Kind.NATIVE, path, e, path);
        }
    }

    @Override
    public String foreignLibraryLoading(String name) {
        try {
            return natives.libraryOpening(Hook.FOREIGN_LIBRARY, name);
        } catch (Throwable e) {
            return decisions.failed(Hook.FOREIGN_LIBRARY, Load.Kind.NATIVE, name, e, name);
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
        try {
            return jdkLibraryOpening(Hook.GSS_LIBRARY, name);
        } catch (PackageRefusedException refused) {
            // The refusal is on record. An exception would end the search for a library that may be opened.
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
            return decisions.failed(hook, Load.Kind.NATIVE, name, e, name);
        }
    }

    /**
     * Has a file or directory of the application's own class path decided on; from then on it is read from its copy.
     *
     * @throws PackageRefusedException if it must not load
     */
    public void admitApplication(Path file) {
        if (Archives.isNone(file.toFile())) {
            return;
        }
        Load.Kind kind = Files.isDirectory(file) ? Load.Kind.DIRECTORY : Load.Kind.JAR;
        decisions.take(Load.ofFile(kind, file, Hook.APPLICATION.label(), "app"), file.toString());
    }

    /**
     * Has an archive of classes that the JVM has mapped already decided on.
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
