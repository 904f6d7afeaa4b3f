package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.Handover;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The few things of the JDK that have no public API, reached by reflection. Opened to the guard's own unnamed module
 * only: the application gets to see none of it by this. The same methods are there on 17 and 25.
 */
final class JdkInternals {

    private static final Module JAVA_BASE = Object.class.getModule();
    private static final Module OWN = JdkInternals.class.getModule();

    private JdkInternals() {}

    /** Must be called before anything else here. */
    static void open(Instrumentation instrumentation) {
        Set<Module> guard = Set.of(OWN);
        instrumentation.redefineModule(
                JAVA_BASE,
                Set.of(),
                Map.of(
                        "jdk.internal.access", guard,
                        "jdk.internal.misc", guard,
                        "jdk.internal.module", guard),
                Map.of("jdk.internal.loader", guard, "java.lang", guard),
                Set.of(),
                Map.of());
    }

    /** The modules of the JDK that have woven classes; the last is missing from small run-time images. */
    private static List<Module> wovenModules() {
        return Stream.of("java.base", "java.instrument", "jdk.management")
                .flatMap(name -> ModuleLayer.boot().findModule(name).stream())
                .toList();
    }

    /** The JVM's arguments, also those from environment and files, as they were given. */
    static List<String> jvmArguments() throws ReflectiveOperationException {
        return List.of((String[]) Class.forName("jdk.internal.misc.VM")
                .getMethod("getRuntimeArguments")
                .invoke(null));
    }

    /** A new module of the boot loader, which the woven modules read. */
    static Module defineBootModule(String name, Set<String> packages) throws ReflectiveOperationException {
        ModuleDescriptor descriptor =
                ModuleDescriptor.newModule(name).packages(packages).build();
        Module module = (Module) modules("defineModule", ClassLoader.class, ModuleDescriptor.class, URI.class)
                .invoke(null, null, descriptor, null);
        Method addReads = modules("addReads", Module.class, Module.class);
        addReads.invoke(null, module, JAVA_BASE);
        for (Module wovenModule : wovenModules()) {
            addReads.invoke(null, wovenModule, module);
        }
        return module;
    }

    /** Lets the guard and the woven modules use a package of {@code module}. */
    static void exportToGuard(Module module, String packageName) throws ReflectiveOperationException {
        Method addExports = modules("addExports", Module.class, String.class, Module.class);
        for (Module wovenModule : wovenModules()) {
            addExports.invoke(null, module, packageName, wovenModule);
        }
        addExports.invoke(null, module, packageName, OWN);
    }

    /** Lets everyone use a package of {@code module}. */
    static void exportToAll(Module module, String packageName) throws ReflectiveOperationException {
        modules("addExports", Module.class, String.class).invoke(null, module, packageName);
    }

    /** Lets {@code module} use what a module of the JDK exports. */
    static void addReads(Module module, String jdkModule) throws ReflectiveOperationException {
        Module other = ModuleLayer.boot()
                .findModule(jdkModule)
                .orElseThrow(() -> new ClassNotFoundException("there is no module " + jdkModule));
        modules("addReads", Module.class, Module.class).invoke(null, module, other);
    }

    private static Method modules(String name, Class<?>... parameters) throws ReflectiveOperationException {
        return Class.forName("jdk.internal.module.Modules").getMethod(name, parameters);
    }

    /** Defines a class to the boot loader. */
    static void defineBootClass(String name, byte[] bytes) throws ReflectiveOperationException {
        Class<?> unsafe = Class.forName("jdk.internal.misc.Unsafe");
        unsafeDefine(unsafe).invoke(getUnsafe(unsafe), name, bytes, 0, bytes.length, null, null);
    }

    private static Method unsafeDefine(Class<?> unsafe) throws ReflectiveOperationException {
        return unsafe.getMethod(
                "defineClass",
                String.class,
                byte[].class,
                int.class,
                int.class,
                ClassLoader.class,
                ProtectionDomain.class);
    }

    private static Object getUnsafe(Class<?> unsafe) throws ReflectiveOperationException {
        return unsafe.getMethod("getUnsafe").invoke(null);
    }

    /** Defines a class the way JDK code does that calls the internal {@code Unsafe}. */
    static void defineByUnsafe(ClassLoader loader, byte[] bytes) throws ReflectiveOperationException {
        Class<?> unsafe = Class.forName("jdk.internal.misc.Unsafe");
        unsafeDefine(unsafe).invoke(getUnsafe(unsafe), null, bytes, 0, bytes.length, loader, null);
    }

    /** Defines a class the way {@code java.lang.reflect.Proxy} does: past every method that is woven. */
    static void defineUnseen(ClassLoader loader, byte[] bytes) throws ReflectiveOperationException {
        access("defineClass", ClassLoader.class, String.class, byte[].class, ProtectionDomain.class, String.class)
                .invoke(javaLangAccess(), loader, null, bytes, null, null);
    }

    /** Appends to the application's class path the way the JVM does for an agent. */
    static void appendToClassPath(String jar) throws ReflectiveOperationException {
        Method append = Class.forName("jdk.internal.loader.ClassLoaders$AppClassLoader")
                .getDeclaredMethod("appendToClassPathForInstrumentation", String.class);
        append.setAccessible(true);
        append.invoke(Handover.applicationLoader(), jar);
    }

    /** Loads a library the way {@code SymbolLookup.libraryLookup} does; from Java 22 on. */
    static void loadForeignLibrary(String path) throws ReflectiveOperationException {
        Class<?> libraries = Class.forName("jdk.internal.loader.RawNativeLibraries");
        Constructor<?> constructor = libraries.getDeclaredConstructor(MethodHandles.Lookup.class);
        constructor.setAccessible(true);
        Method load = libraries.getDeclaredMethod("load", String.class);
        load.setAccessible(true);
        load.invoke(constructor.newInstance(MethodHandles.lookup()), path);
    }

    /**
     * What {@code System.load(path)} does when {@code caller} calls it, without the warning that Java 24 and later have
     * for all unnamed modules at once.
     *
     * @throws UnsatisfiedLinkError if it cannot be loaded
     */
    static void loadLibrary(Class<?> caller, String path) throws ReflectiveOperationException {
        Method load0 = Runtime.class.getDeclaredMethod("load0", Class.class, String.class);
        load0.setAccessible(true);
        try {
            load0.invoke(Runtime.getRuntime(), caller, path);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof UnsatisfiedLinkError error) {
                throw error;
            }
            throw e;
        }
    }

    /**
     * Runs {@code hook} when the JVM ends, in one of the places that {@code java.lang.Shutdown} keeps for the JDK itself
     * behind all shutdown hooks of the application.
     *
     * @param slot from 3 to 9
     */
    static void registerShutdownHook(int slot, Runnable hook) throws ReflectiveOperationException {
        access("registerShutdownHook", int.class, boolean.class, Runnable.class)
                .invoke(javaLangAccess(), slot, false, hook);
    }

    private static Method access(String name, Class<?>... parameters) throws ReflectiveOperationException {
        return Class.forName("jdk.internal.access.JavaLangAccess").getMethod(name, parameters);
    }

    private static Object javaLangAccess() throws ReflectiveOperationException {
        return Class.forName("jdk.internal.access.SharedSecrets")
                .getMethod("getJavaLangAccess")
                .invoke(null);
    }
}
