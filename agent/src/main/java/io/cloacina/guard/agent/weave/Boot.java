package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.bootstrap.Gate;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Puts the classes that woven JDK code calls into the boot loader, then has everything else installed. Apart from
 * {@link Installer}, because the JVM cannot link that before those classes are there.
 *
 * <p>They are defined one by one, not by {@code appendToBootstrapClassLoaderSearch}: that would open the whole agent jar
 * a second time, switch class data sharing off for the application, and leave them in an unnamed module, which
 * reflection can see into.
 */
public class Boot implements BiConsumer<Instrumentation, Consumer<Throwable>> {

    private static final String MODULE = "io.cloacina.guard";
    private static final String BRIDGE_PACKAGE = "io.cloacina.guard.agent.bootstrap";
    private static final String API_PACKAGE = "io.cloacina.guard.agent.api";

    private final boolean prove;

    /** Every hook is in place when {@link #accept} returns, and is proved beside {@code main}. */
    public Boot() {
        this(false);
    }

    private Boot(boolean prove) {
        this.prove = prove;
    }

    /** Every hook is also proved when {@link #accept} returns. */
    public static final class Proving extends Boot {
        /** To be called by name. */
        public Proving() {
            super(true);
        }
    }

    /**
     * Returns when the guard is at work. No method to be found by reflection: to link one with these arguments costs a start
     * of Java 25 ten milliseconds.
     *
     * @param stop ends the JVM, for whatever reason the guard cannot work, now or if the proof fails later
     */
    @Override
    public final void accept(Instrumentation instrumentation, Consumer<Throwable> stop) {
        try {
            start(instrumentation, stop);
        } catch (Throwable e) {
            stop.accept(e);
        }
    }

    private void start(Instrumentation instrumentation, Consumer<Throwable> stop) throws Exception {
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
