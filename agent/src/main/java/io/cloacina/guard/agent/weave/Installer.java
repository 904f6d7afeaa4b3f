package io.cloacina.guard.agent.weave;

import io.cloacina.guard.ConfigException;
import io.cloacina.guard.Guard;
import io.cloacina.guard.GuardConfig;
import io.cloacina.guard.agent.bootstrap.Handover;
import io.cloacina.guard.agent.guard.Environment;
import io.cloacina.guard.agent.guard.PluginGate;
import io.cloacina.guard.store.Dialect;
import io.cloacina.guard.store.StoreUrl;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** Sets the guard up, in this order: configuration, guard, gate, bridge, hooks, start-up check. */
final class Installer {

    /** Far behind the JDK's own, the last of which is 2. */
    private static final int SHUTDOWN_SLOT = 7;

    private static final String BYTE_BUDDY_SAFE = "net.bytebuddy.safe";

    private Installer() {}

    /**
     * Returns when every hook is in place and has caught its canary.
     *
     * @throws ConfigException if the configuration cannot be meant
     * @throws Exception if anything else keeps the guard from its work
     */
    @AllowedCall("the banner is for whoever starts the JVM")
    static void install(Instrumentation instrumentation) throws Exception {
        GuardConfig config = GuardConfig.read(systemProperties(), System.getenv());
        Guard guard = Guard.open(config, Clock.systemUTC());
        PluginGate gate = gate(config, guard);
        boolean done = false;
        try {
            Handover.give(gate);
            Set<String> hooks = weave(instrumentation);
            Canaries.release(gate.trial());
            Guard.proveCrypto();
            if (isSqlite(config)) {
                SqliteLibrary.load(gate.folder());
            }
            Map<String, String> states = new LinkedHashMap<>();
            hooks.forEach(hook -> states.put(hook, "proved"));
            guard.started(states, Map.of("java_version", Runtime.version().toString()));
            JdkInternals.registerShutdownHook(SHUTDOWN_SLOT, () -> close(gate, guard));
            done = true;
            System.err.println(guard.banner(hooks.size()));
        } finally {
            if (!done) {
                gate.close();
            }
        }
    }

    /** Marks a method that may use what the list of banned calls forbids. */
    private @interface AllowedCall {
        /** Why. */
        String value();
    }

    private static boolean isSqlite(GuardConfig config) {
        return config.databaseUrl() != null
                && StoreUrl.parse(config.databaseUrl()).dialect() == Dialect.SQLITE;
    }

    private static PluginGate gate(GuardConfig config, Guard guard) throws ConfigException, IOException {
        Environment environment = new Environment();
        try {
            return new PluginGate(guard, environment, config.pinDirectory());
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
    private static Set<String> weave(Instrumentation instrumentation) {
        String before = System.getProperty(BYTE_BUDDY_SAFE);
        System.setProperty(BYTE_BUDDY_SAFE, "true");
        try {
            Weaver weaver = new Weaver();
            weaver.install(instrumentation);
            return weaver.wovenHooks();
        } finally {
            if (before == null) {
                System.clearProperty(BYTE_BUDDY_SAFE);
            } else {
                System.setProperty(BYTE_BUDDY_SAFE, before);
            }
        }
    }

    private static void close(PluginGate gate, Guard guard) {
        try (gate;
                guard) {
            // Closing is all there is to do.
            return;
        } catch (Exception e) {
            // Nobody is left to tell but the JVM, which ignores what its last hooks throw.
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> systemProperties() {
        Properties properties = System.getProperties();
        Map<String, String> copy = new HashMap<>();
        for (String name : properties.stringPropertyNames()) {
            copy.put(name, properties.getProperty(name));
        }
        return copy;
    }
}
