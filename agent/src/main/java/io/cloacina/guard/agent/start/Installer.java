// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.start;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.Handover;
import io.cloacina.guard.agent.gate.Environment;
import io.cloacina.guard.agent.gate.PluginGate;
import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.agent.selftest.SelfTest;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.agent.weave.FallbackTransformer;
import io.cloacina.guard.agent.weave.Weaver;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.internal.process.GuardThreads;
import io.cloacina.guard.internal.store.Dialect;
import io.cloacina.guard.internal.store.StoreOnDemand;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.text.Fields;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Sets the guard up, in this order: configuration, guard, gate, bridge, hooks, start-up self-test. */
final class Installer {

    /** Far behind the JDK's own, the last of which is 2. */
    private static final int SHUTDOWN_SLOT = 7;

    private static final String BYTE_BUDDY_SAFE = "net.bytebuddy.safe";

    private Installer() {}

    /**
     * Returns when every hook is in place. The self-test verifies them beside {@code main}, unless a load has to be
     * decided on first. If classes were instrumented at start, of a JDK that no release was tested with, the hooks are
     * verified before this returns.
     *
     * @param verify whether the self-test must have passed before this returns
     * @param stop ends the JVM if the self-test fails later
     * @throws ConfigException if the configuration is invalid
     * @throws Exception if anything else keeps the guard from its work
     */
    static void install(Instrumentation instrumentation, boolean verify, Consumer<Throwable> stop) throws Exception {
        GuardThreads.makeBy(new AgentThreads());
        GuardConfig config = GuardConfig.read(systemProperties(), System.getenv());
        List<String> jvmArguments = JdkInternals.jvmArguments();
        JvmFlags flags = new JvmFlags(jvmArguments);
        List<String> bypasses = flags.knownBypasses();
        if (config.strict() && !bypasses.isEmpty()) {
            throw new ConfigException("cloacina.strict is true, but " + String.join("; ", bypasses));
        }
        Guard guard = Guard.open(config, Clock.systemUTC());
        Environment environment = new Environment(config, jvmArguments, JdkInternals.classPaths());
        SnapshotStore snapshots = snapshots(config);
        snapshots.reportTo(guard);
        PluginGate gate = new PluginGate(guard, environment, snapshots, stop);
        boolean done = false;
        try {
            boolean sqlite = isSqlite(config);
            if (sqlite && snapshots.forbidsExecution()) {
                throw new ConfigException(
                        "the guard's own SQLite library cannot be loaded from [" + snapshots.directory()
                                + "], which is mounted noexec: set cloacina.pin_directory to a directory that is not");
            }
            Handover.give(gate);
            Weaver weaver = weave(instrumentation);
            weaver.reportTo(guard);
            FallbackTransformer fallback = new FallbackTransformer(gate, guard);
            // Able to retransform only as the weaver is: for transformers of both kinds the JVM would copy each class
            // file twice.
            instrumentation.addTransformer(fallback, true);
            if (environment.hasOtherAgents()) {
                for (Class<?> loaded : instrumentation.getInitiatedClasses(null)) {
                    fallback.noticed(loaded.getName().replace('.', '/'));
                }
            }
            // Runtime.version() says the same, with the help of streams.
            Fields<Object> more = Fields.none()
                    .plus("java_version", System.getProperty("java.runtime.version"))
                    .plus("known_bypasses", bypasses)
                    .plus("instrumented_at_start", weaver.instrumentedAtStart());
            SelfTest selfTest = new SelfTest(guard, gate, snapshots, instrumentation, weaver, more, sqlite, stop);
            boolean first = verify
                    || config.strict()
                    || config.scope() == GuardConfig.Scope.APPLICATION
                    || flags.nameArchives();
            boolean unknown = !weaver.instrumentedAtStart().isEmpty();
            if (!first && unknown) {
                selfTest.verifyHooks();
            } else if (first) {
                selfTest.begin();
                selfTest.await();
                flags.admitArchives(gate);
                if (config.scope() == GuardConfig.Scope.APPLICATION) {
                    admitApplication(gate, environment);
                }
            }
            JdkInternals.registerShutdownHook(SHUTDOWN_SLOT, new Closing(selfTest, gate, guard));
            done = true;
            guard.announce(selfTest.hooks("instrumented").size());
            if (!first && !unknown) {
                selfTest.begin();
            }
            gate.probes().setUp();
        } finally {
            if (!done) {
                gate.close();
            }
        }
    }

    /** Verifies the class path and module path, in parallel, and has it read from the copies. */
    private static void admitApplication(PluginGate gate, Environment environment)
            throws ConfigException, ReflectiveOperationException, InterruptedException {
        List<Callable<String>> loads = new ArrayList<>();
        for (Path file : environment.applicationFiles()) {
            loads.add(() -> {
                try {
                    gate.admitApplication(file);
                    return null;
                } catch (PackageRefusedException e) {
                    return e.detail();
                }
            });
        }
        List<String> refused = new ArrayList<>();
        // Not by a parallel stream: the common pool is the application's.
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            for (Future<String> load : threads.invokeAll(loads)) {
                if (load.get() != null) {
                    refused.add(load.get());
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the class path cannot be verified: " + e.getCause(), e.getCause());
        } finally {
            threads.shutdown();
        }
        if (!refused.isEmpty()) {
            throw new ConfigException("cloacina.scope is [application], and of the class path " + refused.size()
                    + " did not verify: " + String.join("; ", refused));
        }
        environment.reopenClassPath();
    }

    private static boolean isSqlite(GuardConfig config) {
        return config.databaseUrl() != null
                && StoreOnDemand.isPossible()
                && StoreUrl.parse(config.databaseUrl()).dialect() == Dialect.SQLITE;
    }

    private static SnapshotStore snapshots(GuardConfig config) throws ConfigException {
        try {
            return new SnapshotStore(config.pinDirectory());
        } catch (IOException e) {
            throw new ConfigException(
                    "private copies cannot be made in ["
                            + (config.pinDirectory() == null
                                    ? System.getProperty("java.io.tmpdir")
                                    : config.pinDirectory())
                            + "] (cloacina.pin_directory): " + e,
                    e);
        }
    }

    /** Byte Buddy reads the property once; the application's own Byte Buddy must find it as it was. */
    private static Weaver weave(Instrumentation instrumentation) {
        String before = System.getProperty(BYTE_BUDDY_SAFE);
        System.setProperty(BYTE_BUDDY_SAFE, "true");
        try {
            Weaver weaver = new Weaver(true);
            weaver.install(instrumentation);
            return weaver;
        } finally {
            if (before == null) {
                System.clearProperty(BYTE_BUDDY_SAFE);
            } else {
                System.setProperty(BYTE_BUDDY_SAFE, before);
            }
        }
    }

    /** What is done when the JVM ends. */
    private static final class Closing implements Runnable {
        private final SelfTest selfTest;
        private final PluginGate gate;
        private final Guard guard;

        Closing(SelfTest selfTest, PluginGate gate, Guard guard) {
            this.selfTest = selfTest;
            this.gate = gate;
            this.guard = guard;
        }

        @Override
        public void run() {
            try (gate;
                    guard) {
                selfTest.end();
            } catch (Exception e) {
                // The only caller is the JVM, which ignores what its last hooks throw.
                throw new IllegalStateException(e);
            }
        }
    }

    /** Those that are the guard's, or would be. */
    private static Map<String, String> systemProperties() {
        Map<String, String> own = new HashMap<>();
        for (Map.Entry<Object, Object> property : System.getProperties().entrySet()) {
            if (property.getKey() instanceof String name
                    && GuardConfig.isMeant(name)
                    && property.getValue() instanceof String value) {
                own.put(name, value);
            }
        }
        return own;
    }
}
