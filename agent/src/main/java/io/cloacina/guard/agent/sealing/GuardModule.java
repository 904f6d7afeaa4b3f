// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.sealing;

import io.cloacina.guard.agent.bootstrap.GuardClassLoader;
import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.module.ModuleDescriptor;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import jdk.internal.access.JavaLangAccess;
import jdk.internal.access.JavaLangModuleAccess;
import jdk.internal.access.SharedSecrets;
import jdk.internal.module.Modules;
import jdk.internal.module.ServicesCatalog;
import org.jspecify.annotations.Nullable;

/** The module of the guard's loader. Apart from {@link Seal}, because the JVM cannot link it before that loader's class is there. */
final class GuardModule {

    private static final Module JAVA_BASE = Object.class.getModule();

    private static final String NAME = "io.cloacina.guard.agent";
    private static final String START = "io.cloacina.guard.agent.start";
    private static final String BOOTSTRAP = "io.cloacina.guard.agent.bootstrap";

    /** What the guard and its libraries may use of the JDK, where it is there. */
    private static final String[] READ_MODULES = {
        "java.instrument",
        "java.logging",
        "java.management",
        "java.naming",
        "java.security.jgss",
        "java.security.sasl",
        "java.sql",
        "java.transaction.xa",
        "java.xml",
        "java.desktop",
        "jdk.jfr",
        "jdk.management",
        "jdk.net",
        "jdk.unsupported"
    };

    private GuardModule() {}

    @SuppressWarnings("unchecked")
    static void start(Instrumentation instrumentation, File jar, @Nullable String arguments)
            throws IOException, ReflectiveOperationException {
        GuardClassLoader loader = new GuardClassLoader(jar);
        Module guard = define(loader);
        // For this one call.
        Modules.addExports(guard, START, GuardModule.class.getModule());
        ((BiConsumer<Instrumentation, String>) loader.loadClass(START + ".Boot")
                        .getDeclaredConstructor()
                        .newInstance())
                .accept(instrumentation, arguments);
    }

    private static Module define(GuardClassLoader loader) throws IOException, ReflectiveOperationException {
        Set<String> packages = new HashSet<>();
        Set<String> uses = new HashSet<>();
        Set<ModuleDescriptor.Provides> provides = new HashSet<>();
        // Not by a builder, which goes through names by lambdas that a start would have to link.
        JavaLangModuleAccess descriptors = SharedSecrets.getJavaLangModuleAccess();
        for (String line : loader.moduleLines()) {
            String[] words = line.split(" ");
            if (words[0].equals("package")) {
                packages.add(words[1]);
            } else {
                uses.add(words[1]);
                provides.add(descriptors.newProvides(words[1], List.of(words).subList(2, words.length)));
            }
        }
        ModuleDescriptor descriptor = descriptors.newModuleDescriptor(
                NAME, null, Set.of(), Set.of(), Set.of(), Set.of(), uses, provides, packages, null, 0);
        Module module = Modules.defineModule(loader, descriptor, null);
        Modules.addReads(module, JAVA_BASE);
        for (String name : READ_MODULES) {
            Optional<Module> found = ModuleLayer.boot().findModule(name);
            if (found.isPresent()) {
                Modules.addReads(module, found.get());
            }
        }
        for (String name : new String[] {"jdk.internal.access", "jdk.internal.misc", "jdk.internal.module"}) {
            Modules.addExports(JAVA_BASE, name, module);
        }
        Modules.addOpens(JAVA_BASE, "jdk.internal.loader", module);
        Modules.addOpens(JAVA_BASE, "java.lang", module);
        if (Runtime.version().feature() >= 21) {
            Modules.addExports(JAVA_BASE, "jdk.internal.vm", module);
        }
        Module boot = GuardClassLoader.class.getModule();
        Modules.addReads(module, boot);
        Modules.addExports(boot, BOOTSTRAP, module);
        enableNativeAccess(module);
        ServicesCatalog.getServicesCatalog(loader).register(module);
        return module;
    }

    private static void enableNativeAccess(Module module) throws ReflectiveOperationException {
        try {
            SharedSecrets.getJavaLangAccess().addEnableNativeAccess(module);
        } catch (NoSuchMethodError e) {
            // From Java 26 on it returns nothing.
            JavaLangAccess.class
                    .getMethod("addEnableNativeAccess", Module.class)
                    .invoke(SharedSecrets.getJavaLangAccess(), module);
        }
    }
}
