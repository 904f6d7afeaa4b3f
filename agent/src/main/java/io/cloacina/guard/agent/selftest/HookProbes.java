// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.selftest;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.GuardClassLoader;
import io.cloacina.guard.agent.format.TinyClasses;
import io.cloacina.guard.agent.gate.Hook;
import io.cloacina.guard.agent.gate.ProbeLoads;
import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.agent.weave.EntryPoint;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.instrument.ClassDefinition;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.lang.invoke.MethodHandles;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.time.LocalDateTime;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Tries a forbidden load through every hook, before {@code main} runs. A hook that is instrumented but does not refuse
 * is as bad as one that is missing.
 */
final class HookProbes {

    private static final String NAME = ProbeClass.class.getName();
    private static final String MARKER = "first";
    private static final String MODULE_INFO = "module-info.class";
    private static final String ENTRY = NAME.replace('.', '/') + ".class";

    private final ProbeLoads probes;
    private final Instrumentation instrumentation;
    private final byte[] probe;
    private final byte[] jar;
    private final Set<String> silent = new TreeSet<>();

    private HookProbes(ProbeLoads probes, Instrumentation instrumentation) throws IOException {
        this.probes = probes;
        this.instrumentation = instrumentation;
        byte[] read = ((GuardClassLoader) HookProbes.class.getClassLoader()).read(ENTRY);
        if (read == null) {
            throw new IllegalStateException("the agent jar lacks [" + ENTRY + "]");
        }
        this.probe = read;
        this.jar = jarOf(read);
    }

    /**
     * Tries all hooks but those of modules.
     *
     * @throws IllegalStateException if any let its hook probe through; the message names it
     */
    static void release(ProbeLoads probes, Instrumentation instrumentation)
            throws IOException, ReflectiveOperationException, UnmodifiableClassException {
        probes.join();
        HookProbes all = new HookProbes(probes, instrumentation);
        all.tryJar();
        all.tryDirectory();
        all.tryBinding();
        all.tryDefinitions();
        all.tryGenerated();
        all.tryAgents();
        all.requireCaught();
    }

    /**
     * Tries the hooks of modules; another thread may try the others meanwhile.
     *
     * @throws IllegalStateException if any let its hook probe through; the message names it
     */
    static void releaseModules(ProbeLoads probes, Instrumentation instrumentation) throws IOException {
        probes.join();
        HookProbes all = new HookProbes(probes, instrumentation);
        all.tryModules();
        all.requireCaught();
    }

    private void requireCaught() {
        if (!silent.isEmpty()) {
            throw new IllegalStateException("the start-up self-test got past the hooks " + silent + " of this JVM ("
                    + Runtime.version() + "); nothing would be safe");
        }
    }

    private void demand(boolean caught, Hook... hooks) {
        if (!caught) {
            for (Hook hook : hooks) {
                silent.add(hook.label());
            }
        }
    }

    /** A JAR on a class path: not found, and the exception says why. */
    private void tryJar() throws IOException {
        File file = writeJar("refused.jar");
        boolean reasonGiven = false;
        try (URLClassLoader loader = new URLClassLoader(new URL[] {file.toURI().toURL()}, null)) {
            loader.loadClass(NAME);
            demand(false, Hook.CLASS_PATH_JAR, Hook.ZIP_OPEN);
        } catch (ClassNotFoundException e) {
            reasonGiven = hasRefusal(e);
        }
        demand(probes.seen().contains(Hook.CLASS_PATH_JAR.label()), Hook.CLASS_PATH_JAR, Hook.ZIP_OPEN);
        // The reason is kept under the class path that opened the root; the hook of the root finds that class path.
        demand(reasonGiven, Hook.CLASS_PATH_ROOT, Hook.FIND_CLASS);
    }

    private void tryDirectory() throws IOException {
        File directory = new File(probes.directory().toString(), "refused-directory");
        if (!new File(directory, ENTRY).getParentFile().mkdirs()) {
            throw new IOException("[" + directory + "] cannot be made");
        }
        write("refused-directory/" + ENTRY, probe);
        URL url = directory.toURI().toURL();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {url}, null)) {
            loader.loadClass(NAME);
            demand(false, Hook.CLASS_PATH_DIRECTORY);
        } catch (ClassNotFoundException e) {
            demand(hasRefusal(e), Hook.CLASS_PATH_DIRECTORY);
        }
    }

    /** A JAR that may load is read from its copy: what becomes of the original does not matter. */
    private void tryBinding() throws IOException {
        File file = writeJar(ProbeLoads.ALLOWED_PREFIX + ".jar");
        try (URLClassLoader loader = new URLClassLoader(new URL[] {file.toURI().toURL()}, null)) {
            demand(loader.findResource(MARKER) != null, Hook.ZIP_OPEN);
            write(file.getName(), new byte[0]);
            Class<?> loaded = loader.loadClass(NAME);
            demand(probes.seen().contains(Hook.DEFINE_RESOURCE.label()), Hook.DEFINE_RESOURCE);
            demand(probes.seen().contains(Hook.RESOURCE_BYTES.label()), Hook.RESOURCE_BYTES);
            demand(probes.seen().contains(Hook.URL_CLASS_LOADER.label()), Hook.URL_CLASS_LOADER);
            tryNative(loaded);
            tryRedefinition(loaded);
        } catch (ClassNotFoundException e) {
            demand(false, Hook.ZIP_OPEN);
        }
        demand(probes.seen().contains(Hook.ZIP_CLOSE.label()), Hook.ZIP_CLOSE);
    }

    private void tryNative(Class<?> loaded) throws IOException {
        File library = write("refused" + System.mapLibraryName(""), new byte[] {0});
        try {
            JdkInternals.loadLibrary(loaded, library.toString());
            demand(false, Hook.NATIVE_LIBRARY);
        } catch (UnsatisfiedLinkError e) {
            demand(e.getCause() instanceof PackageRefusedException, Hook.NATIVE_LIBRARY);
        }
    }

    /** A custom loader that claims a refused JAR as the origin of its classes. */
    private void tryDefinitions() throws IOException {
        URL origin = writeJar("refused-origin.jar").toURI().toURL();
        ProtectionDomain domain = new ProtectionDomain(new CodeSource(origin, (Certificate[]) null), null);
        ByteBuffer direct = ByteBuffer.allocateDirect(probe.length);
        direct.put(probe).flip();
        ProbeLoader loader = new ProbeLoader();
        try {
            loader.define(probe, domain);
            demand(false, Hook.DEFINE_CLASS);
        } catch (PackageRefusedException e) {
            demand(e.reason().equals(Hook.DEFINE_CLASS.label()), Hook.DEFINE_CLASS);
        }
        try {
            loader.define(direct, domain);
            demand(false, Hook.DEFINE_CLASS_BUFFER);
        } catch (PackageRefusedException e) {
            demand(e.reason().equals(Hook.DEFINE_CLASS_BUFFER.label()), Hook.DEFINE_CLASS_BUFFER);
        }
    }

    private interface Attempt {
        void run() throws Throwable;
    }

    /** Whether {@code attempt} is refused by {@code hook}, whatever the reflection that it takes wraps around that. */
    private boolean isRefused(Hook hook, Attempt attempt) {
        try {
            attempt.run();
            return false;
        } catch (Throwable thrown) {
            for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                if (cause instanceof PackageRefusedException refused) {
                    return refused.reason().equals(hook.label());
                }
            }
            // Another error than a refusal does not verify the hook.
            silent.add(hook + " (" + thrown + ")");
            return false;
        }
    }

    private void demandRefused(Hook hook, Attempt attempt) {
        demand(isRefused(hook, attempt), hook);
    }

    private void tryRedefinition(Class<?> loaded) {
        demandRefused(Hook.REDEFINE, new Attempt() {
            @Override
            public void run() throws Throwable {
                instrumentation.redefineClasses(new ClassDefinition(loaded, probe));
            }
        });
    }

    /** Classes without a file. */
    private void tryGenerated() throws IOException {
        byte[] generated = TinyClasses.named(ProbeLoads.CLASS_PREFIX + "Generated");
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        demandRefused(Hook.LOOKUP_DEFINE, new Attempt() {
            @Override
            public void run() throws Throwable {
                lookup.defineClass(generated);
            }
        });
        demandRefused(Hook.HIDDEN_CLASS, new Attempt() {
            @Override
            public void run() throws Throwable {
                lookup.defineHiddenClass(generated, false);
            }
        });
        demandRefused(Hook.HIDDEN_CLASS_DATA, new Attempt() {
            @Override
            public void run() throws Throwable {
                lookup.defineHiddenClassWithClassData(generated, "", false);
            }
        });
        ClassLoader loader = new ProbeLoader();
        demandRefused(Hook.UNSAFE_DEFINE, new Attempt() {
            @Override
            public void run() throws Throwable {
                JdkInternals.defineByUnsafe(loader, generated);
            }
        });
        try {
            JdkInternals.defineUnseen(loader, generated);
            silent.add(Hook.CLASS_LOAD.label());
        } catch (ClassFormatError e) {
            // The JVM ignores exceptions from transformers, so the class is replaced by invalid bytes.
            if (!probes.seen().contains(Hook.CLASS_LOAD.label())) {
                silent.add(Hook.CLASS_LOAD.label());
            }
        }
    }

    private void tryAgents() throws IOException, UnmodifiableClassException {
        instrumentation.retransformClasses();
        demand(probes.seen().contains(Hook.RETRANSFORM.label()), Hook.RETRANSFORM);
        File file = writeJar("refused-agent.jar");
        demandRefused(Hook.AGENT_JAR, new Attempt() {
            @Override
            public void run() throws Throwable {
                JdkInternals.appendToClassPath(file.toString());
            }
        });
        try (JarFile boot = new JarFile(file)) {
            demandRefused(Hook.BOOT_APPEND, new Attempt() {
                @Override
                public void run() throws Throwable {
                    instrumentation.appendToBootstrapClassLoaderSearch(boot);
                }
            });
        }
        if (EntryPoint.FOREIGN.isExpectedAtStart()) {
            File library = write("refused-foreign", new byte[] {0});
            demandRefused(Hook.FOREIGN_LIBRARY, new Attempt() {
                @Override
                public void run() throws Throwable {
                    JdkInternals.loadForeignLibrary(library.toString());
                }
            });
        }
    }

    private void tryModules() throws IOException {
        tryModule(writeJar("refused-module.jar").toPath(), ENTRY, Hook.MODULE_JAR);
        File directory = new File(probes.directory().toString(), "refused-exploded");
        if (!directory.mkdir()) {
            throw new IOException("[" + directory + "] cannot be made");
        }
        write("refused-exploded/" + MODULE_INFO, TinyClasses.moduleInfo("io.cloacina.guard.probe"));
        tryModule(directory.toPath(), MODULE_INFO, Hook.MODULE_DIRECTORY);
    }

    private void tryModule(Path path, String entry, Hook hook) throws IOException {
        try (ModuleReader reader =
                ModuleFinder.of(path).findAll().iterator().next().open()) {
            reader.find(entry);
            demand(false, hook);
        } catch (PackageRefusedException e) {
            demand(e.reason().equals(hook.label()), hook);
        }
    }

    private File writeJar(String name) throws IOException {
        return write(name, jar);
    }

    /** By the plainest means: the self-test is about loads, not about writing. */
    private File write(String name, byte[] content) throws IOException {
        File file = new File(probes.directory().toString(), name);
        try (FileOutputStream out = new FileOutputStream(file)) {
            out.write(content);
        }
        return file;
    }

    /**
     * An archive of the probe class and an entry {@link #MARKER}, both of a fixed time: asking for the zone takes
     * longer than all of this.
     */
    private static byte[] jarOf(byte[] probe) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : new String[] {ENTRY, MARKER}) {
                ZipEntry entry = new ZipEntry(name);
                entry.setTimeLocal(LocalDateTime.of(1981, 1, 1, 0, 0));
                zip.putNextEntry(entry);
                zip.write(probe);
            }
        }
        return bytes.toByteArray();
    }

    private static boolean hasRefusal(Throwable thrown) {
        for (Throwable suppressed : thrown.getSuppressed()) {
            if (suppressed instanceof PackageRefusedException) {
                return true;
            }
        }
        return false;
    }

    private static final class ProbeLoader extends ClassLoader {
        ProbeLoader() {
            super(null);
        }

        void define(byte[] bytes, ProtectionDomain domain) {
            defineClass(NAME, bytes, 0, bytes.length, domain);
        }

        void define(ByteBuffer bytes, ProtectionDomain domain) {
            defineClass(NAME, bytes, domain);
        }
    }
}
