// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.sealing;

import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.module.ModuleDescriptor;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import jdk.internal.access.SharedSecrets;
import jdk.internal.misc.Unsafe;
import jdk.internal.module.Modules;
import org.jspecify.annotations.Nullable;

/**
 * Makes the two modules of the guard, before any of their classes is there: one of the boot loader for what
 * instrumented JDK code calls, one of the guard's loader for everything else. Neither exports a package to the
 * application or opens one to anybody, so that a class of the guard leads nowhere, not even by reflection.
 *
 * <p>This class is alone in a loader that is forgotten after it, since a class that makes modules needs the JDK's
 * internals opened to the module it is in itself.
 */
public final class Seal implements BiConsumer<Instrumentation, @Nullable Object[]> {

    private static final Module JAVA_BASE = Object.class.getModule();
    private static final Module OWN = Seal.class.getModule();

    private static final String BOOT_MODULE = "io.cloacina.guard";
    private static final String BOOTSTRAP = "io.cloacina.guard.agent.bootstrap";
    private static final String API = "io.cloacina.guard.agent.api";

    /** Defined in this order: each needs those before it. The rest of the package is not for the boot loader. */
    private static final String[] BOOT_CLASSES = {
        API + ".PackageRefusedException",
        API + ".PackageRefusedException$Detail",
        BOOTSTRAP + ".Gate",
        BOOTSTRAP + ".Handover",
        BOOTSTRAP + ".GuardPack",
        BOOTSTRAP + ".GuardClassLoader",
        BOOTSTRAP + ".GuardClassLoader$PackHandler",
        BOOTSTRAP + ".GuardClassLoader$PackHandler$1",
        BOOTSTRAP + ".GuardThread",
        BOOTSTRAP + ".Stop",
        BOOTSTRAP + ".Stop$LastWords",
        BOOTSTRAP + ".Bridge",
    };

    /** The modules of the JDK that have instrumented classes; small run-time images lack some. */
    private static final String[] INSTRUMENTED_MODULES = {
        "java.base",
        "java.instrument",
        "java.security.jgss",
        "java.smartcardio",
        "java.xml",
        "jdk.crypto.cryptoki",
        "jdk.management",
        "jdk.zipfs"
    };

    /** To be called by name. */
    public Seal() {}

    /** @param start the agent jar ({@code File}), the agent's arguments, and the class files by name */
    @Override
    @SuppressWarnings("unchecked")
    public void accept(Instrumentation instrumentation, @Nullable Object[] start) {
        try {
            seal(instrumentation, (File) start[0], (String) start[1], (Map<String, byte[]>) start[2]);
        } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException(e.toString(), e);
        }
    }

    private static void seal(
            Instrumentation instrumentation, File jar, @Nullable String arguments, Map<String, byte[]> classes)
            throws IOException, ReflectiveOperationException {
        // One package in this way, which has the JDK make a lambda for each thing it can do; with it come the others.
        instrumentation.redefineModule(
                JAVA_BASE, Set.of(), Map.of("jdk.internal.module", Set.of(OWN)), Map.of(), Set.of(), Map.of());
        Modules.addExports(JAVA_BASE, "jdk.internal.access", OWN);
        Modules.addExports(JAVA_BASE, "jdk.internal.misc", OWN);
        Modules.addExports(JAVA_BASE, "jdk.internal.loader", OWN);
        defineBootModule(classes);
        GuardModule.start(instrumentation, jar, arguments);
    }

    private static void defineBootModule(Map<String, byte[]> classes) {
        ModuleDescriptor descriptor = SharedSecrets.getJavaLangModuleAccess()
                .newModuleBuilder(BOOT_MODULE, false, Set.of())
                .packages(Set.of(BOOTSTRAP, API))
                .build();
        Module module = Modules.defineModule(null, descriptor, null);
        Modules.addReads(module, JAVA_BASE);
        for (String name : INSTRUMENTED_MODULES) {
            Optional<Module> found = ModuleLayer.boot().findModule(name);
            if (found.isPresent()) {
                Modules.addReads(found.get(), module);
                Modules.addExports(module, BOOTSTRAP, found.get());
            }
        }
        Modules.addExports(module, BOOTSTRAP, OWN);
        Modules.addExports(module, API);
        for (String name : BOOT_CLASSES) {
            byte[] bytes = Objects.requireNonNull(classes.get(name), name);
            Unsafe.getUnsafe().defineClass(name.replace('.', '/'), bytes, 0, bytes.length, null, null);
        }
    }
}
