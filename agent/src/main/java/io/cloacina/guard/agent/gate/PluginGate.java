// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.Guard;
import io.cloacina.guard.Load;
import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.Gate;
import io.cloacina.guard.agent.jdk.Carrier;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.function.Consumer;
import java.util.jar.JarFile;

/**
 * Hands every call of instrumented JDK code on to the hooks that it concerns. Whatever one throws ends in {@link Decisions};
 * a virtual thread keeps its carrier meanwhile.
 */
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
     * @param stop ends the JVM, if the self-test does not end
     */
    public PluginGate(Guard guard, Environment environment, SnapshotStore snapshots, Consumer<Throwable> stop) {
        this.snapshots = snapshots;
        this.environment = environment;
        this.probes = new ProbeLoads(snapshots.folder().resolve("trial"), stop);
        NativeLibraries libraries = new NativeLibraries(
                snapshots, environment.coveringJars(), environment.isOwnProgram());
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
        Carrier.keep();
        try {
            classPaths.loaderMade(loader, ucp);
        } catch (Throwable e) {
            decisions.failed(Hook.URL_CLASS_LOADER, Load.Kind.JAR, null, e, null);
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
            return decisions.failed(Hook.CLASS_PATH_ROOT, Load.Kind.JAR, null, e, ThreadState.NONE);
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
            return decisions.failed(Hook.CLASS_PATH_JAR, Load.Kind.JAR, null, e, ThreadState.NONE);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void jarOpened(Object before, JarFile jar) throws IOException {
        Carrier.keep();
        try {
            classPaths.jarOpened(before, jar);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_PATH_JAR, Load.Kind.JAR, null, e, null);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public File folderOpened(File folder) throws IOException {
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
    public File zipOpening(File file, boolean toDelete) throws IOException {
        Carrier.keep();
        try {
            return classPaths.zipOpening(file, toDelete);
        } catch (Throwable e) {
            return decisions.failed(Hook.ZIP_OPEN, Load.Kind.JAR, file.getPath(), e, file);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void zipOpened(File file, Object source) {
        Carrier.keep();
        try {
            classPaths.zipOpened(file, source);
        } catch (Throwable e) {
            decisions.failed(Hook.ZIP_OPEN, Load.Kind.JAR, file.getPath(), e, null);
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
            decisions.failed(Hook.ZIP_CLOSE, Load.Kind.JAR, null, e, null);
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
            return decisions.failed(Hook.MODULE_JAR, Load.Kind.JAR, path, e, ThreadState.NONE);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void moduleJarOpened(Object before) {
        modules.jarOpened(before);
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

    @Override
    public void classNotFound(Object ucp, Throwable notFound) {
        classPaths.classNotFound(ucp, notFound);
    }

    @Override
    public void resourceDefining(ClassLoader loader, Object resource) {
        Carrier.keep();
        try {
            definitions.resourceDefining(loader, resource);
        } catch (Throwable e) {
            decisions.failed(Hook.DEFINE_RESOURCE, Load.Kind.CLASS, null, e, null);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void resourceRead(byte[] bytes) {
        Carrier.keep();
        try {
            definitions.resourceRead(bytes);
        } catch (Throwable e) {
            decisions.failed(Hook.RESOURCE_BYTES, Load.Kind.CLASS, null, e, null);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void resourceDefined() {
        definitions.resourceDefined();
    }

    @Override
    public byte[] classDefining(
            ClassLoader loader, String name, byte[] bytes, int offset, int length, ProtectionDomain domain) {
        Carrier.keep();
        try {
            byte[] checked = definitions.classDefining(loader, name, bytes, offset, length, domain);
            ThreadState.current().begin();
            return checked;
        } catch (Throwable e) {
            return goOn(decisions.failed(Hook.DEFINE_CLASS, Load.Kind.CLASS, name, e, null));
        } finally {
            Carrier.release();
        }
    }

    @Override
    public ByteBuffer classDefining(ClassLoader loader, String name, ByteBuffer bytes, ProtectionDomain domain) {
        Carrier.keep();
        try {
            ByteBuffer checked = definitions.classDefining(loader, name, bytes, domain);
            ThreadState.current().begin();
            return checked;
        } catch (Throwable e) {
            return goOn(decisions.failed(Hook.DEFINE_CLASS_BUFFER, Load.Kind.CLASS, name, e, null));
        } finally {
            Carrier.release();
        }
    }

    /** Audit mode, after a failure: the definition goes on. */
    private static <T> T goOn(T answer) {
        ThreadState.current().begin();
        return answer;
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
        Carrier.keep();
        try {
            definitions.lookupDefining(hook, lookup, bytes);
            ThreadState.current().begin();
        } catch (Throwable e) {
            goOn(decisions.failed(hook, Load.Kind.CLASS, null, e, null));
        } finally {
            Carrier.release();
        }
    }

    @Override
    public byte[] unsafeDefining(ClassLoader loader, byte[] bytes, int offset, int length, ProtectionDomain domain) {
        Carrier.keep();
        try {
            byte[] checked = definitions.unsafeDefining(loader, bytes, offset, length, domain);
            ThreadState.current().begin();
            return checked;
        } catch (Throwable e) {
            return goOn(decisions.failed(Hook.UNSAFE_DEFINE, Load.Kind.CLASS, null, e, null));
        } finally {
            Carrier.release();
        }
    }

    /**
     * Every class that the JVM loads; see {@link ClassDefinitionHooks#classLoading}.
     *
     * @throws PackageRefusedException if it must not be
     */
    public void classLoading(
            Module module, ClassLoader loader, String nameOrNull, ProtectionDomain domain, byte[] bytes) {
        Carrier.keep();
        try {
            definitions.classLoading(module, loader, nameOrNull, domain, bytes);
        } catch (Throwable e) {
            decisions.failed(Hook.CLASS_LOAD, Load.Kind.CLASS, nameOrNull, e, null);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void retransforming() {
        probes.note(Hook.RETRANSFORM);
    }

    @Override
    public void redefining(Object[] classes) {
        Carrier.keep();
        try {
            definitions.redefining(classes);
        } catch (Throwable e) {
            decisions.failed(Hook.REDEFINE, Load.Kind.CLASS, null, e, null);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public void agentAppending(String path) {
        Carrier.keep();
        try {
            agents.append(path);
        } catch (Throwable e) {
            decisions.failed(Hook.AGENT_JAR, Load.Kind.AGENT, path, e, null);
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
            decisions.failed(Hook.BOOT_APPEND, Load.Kind.AGENT, null, e, null);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public Object[] diagnosticCommand(String name, Object[] parameters) {
        Carrier.keep();
        try {
            return commands.invoking(name, parameters);
        } catch (Throwable e) {
            return decisions.failed(Hook.DIAGNOSTIC_COMMAND, Load.Kind.AGENT, name, e, parameters);
        } finally {
            Carrier.release();
        }
    }

    @Override
    public String libraryLoading(Class<?> caller, String path, boolean builtIn) {
        Carrier.keep();
        try {
            return natives.libraryLoading(caller, path, builtIn);
        } catch (Throwable e) {
            return decisions.failed(Hook.NATIVE_LIBRARY, Load.Kind.NATIVE, path, e, path);
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
            return decisions.failed(Hook.FOREIGN_LIBRARY, Load.Kind.NATIVE, name, e, name);
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
