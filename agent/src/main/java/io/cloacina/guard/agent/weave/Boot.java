package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.Gate;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Puts the classes that woven JDK code calls into the boot loader, then has everything else installed. Apart from
 * {@link Installer}, because the JVM cannot link that before those classes are there.
 *
 * <p>They are defined one by one, not by {@code appendToBootstrapClassLoaderSearch}: that would open the whole agent jar
 * a second time, switch class data sharing off for the application, and leave them in an unnamed module, which
 * reflection can see into.
 */
public final class Boot {

    private static final String MODULE = "io.cloacina.guard";
    private static final String BRIDGE_PACKAGE = "io.cloacina.guard.agent.bootstrap";
    private static final String API_PACKAGE = "io.cloacina.guard.agent.api";

    private Boot() {}

    /**
     * Returns when the guard is at work.
     *
     * @param prove whether every hook must be proved by then; otherwise that is done beside {@code main}
     * @param stop ends the JVM if the proof fails beside {@code main}
     * @throws Exception whatever keeps it from that
     */
    public static void start(Instrumentation instrumentation, boolean prove, Consumer<Throwable> stop)
            throws Exception {
        JdkInternals.open(instrumentation);
        Module module = JdkInternals.defineBootModule(MODULE, Set.of(BRIDGE_PACKAGE, API_PACKAGE));
        JdkInternals.exportToGuard(module, BRIDGE_PACKAGE);
        JdkInternals.exportToAll(module, API_PACKAGE);
        define(API_PACKAGE + ".PackageRefusedException");
        define(BRIDGE_PACKAGE + ".Gate");
        define(BRIDGE_PACKAGE + ".Handover");
        define(BRIDGE_PACKAGE + ".Bridge");
        Installer.install(instrumentation, prove, stop);
    }

    /**
     * Writes what this JDK's classes are woven into to {@code folder}; the JVM stays as it was and must end.
     *
     * @throws Exception if the hooks do not fit this JDK
     */
    public static void prepare(Instrumentation instrumentation, String folder) throws Exception {
        JdkInternals.open(instrumentation);
        Module module = JdkInternals.defineBootModule(MODULE, Set.of(BRIDGE_PACKAGE, API_PACKAGE));
        JdkInternals.exportToGuard(module, BRIDGE_PACKAGE);
        define(BRIDGE_PACKAGE + ".Gate");
        define(BRIDGE_PACKAGE + ".Handover");
        define(BRIDGE_PACKAGE + ".Bridge");
        Prepare.record(instrumentation, Path.of(folder));
    }

    /**
     * Defines the management bean to the boot loader, from where nothing leads to the guard.
     *
     * @throws ReflectiveOperationException if this JDK has no {@code java.management}
     */
    static void defineBean() throws IOException, ReflectiveOperationException {
        JdkInternals.addReads(Gate.class.getModule(), "java.management");
        define(BRIDGE_PACKAGE + ".GuardBean");
    }

    private static void define(String name) throws IOException, ReflectiveOperationException {
        String entry = name.replace('.', '/') + ".class";
        try (InputStream in = Boot.class.getClassLoader().getResourceAsStream(entry)) {
            if (in == null) {
                throw new IOException("the agent jar lacks [" + entry + "]");
            }
            JdkInternals.defineBootClass(name.replace('.', '/'), in.readAllBytes());
        }
    }
}
