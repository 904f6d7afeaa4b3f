package io.cloacina.guard.agent.weave;

import java.lang.instrument.Instrumentation;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.security.ProtectionDomain;
import java.util.Map;
import java.util.Set;

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

    /** A new module of the boot loader, which {@code java.base} reads. */
    static Module defineBootModule(String name, Set<String> packages) throws ReflectiveOperationException {
        ModuleDescriptor descriptor =
                ModuleDescriptor.newModule(name).packages(packages).build();
        Module module = (Module) modules("defineModule", ClassLoader.class, ModuleDescriptor.class, URI.class)
                .invoke(null, null, descriptor, null);
        Method addReads = modules("addReads", Module.class, Module.class);
        addReads.invoke(null, JAVA_BASE, module);
        addReads.invoke(null, module, JAVA_BASE);
        return module;
    }

    /** Lets the guard and {@code java.base} use a package of {@code module}. */
    static void exportToGuard(Module module, String packageName) throws ReflectiveOperationException {
        Method addExports = modules("addExports", Module.class, String.class, Module.class);
        addExports.invoke(null, module, packageName, JAVA_BASE);
        addExports.invoke(null, module, packageName, OWN);
    }

    /** Lets everyone use a package of {@code module}. */
    static void exportToAll(Module module, String packageName) throws ReflectiveOperationException {
        modules("addExports", Module.class, String.class).invoke(null, module, packageName);
    }

    private static Method modules(String name, Class<?>... parameters) throws ReflectiveOperationException {
        return Class.forName("jdk.internal.module.Modules").getMethod(name, parameters);
    }

    /** Defines a class to the boot loader. */
    static void defineBootClass(String name, byte[] bytes) throws ReflectiveOperationException {
        Class<?> unsafe = Class.forName("jdk.internal.misc.Unsafe");
        unsafe.getMethod(
                        "defineClass",
                        String.class,
                        byte[].class,
                        int.class,
                        int.class,
                        ClassLoader.class,
                        ProtectionDomain.class)
                .invoke(unsafe.getMethod("getUnsafe").invoke(null), name, bytes, 0, bytes.length, null, null);
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
