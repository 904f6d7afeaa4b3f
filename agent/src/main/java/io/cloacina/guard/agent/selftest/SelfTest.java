// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.selftest;

import io.cloacina.guard.agent.bootstrap.GuardThread;
import io.cloacina.guard.agent.gate.Hook;
import io.cloacina.guard.agent.gate.PluginGate;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.agent.weave.EntryPoint;
import io.cloacina.guard.agent.weave.Weaver;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.internal.decision.WarmUp;
import io.cloacina.guard.internal.text.Fields;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The start-up self-test. It runs on threads of its own beside {@code main}; the gate decides on no load before it has
 * passed. Two threads try a forbidden load through every hook. Before that, one of them verifies signatures with
 * {@link WarmUp}. A third thread loads the guard's SQLite library. The self-test also initialises the classes that a
 * load needs, on a fresh stack: the JVM never retries a class whose initialiser failed with a stack overflow.
 *
 * <p>On a JDK that is not prepared the hooks are verified first, before {@code main}; the rest is as on any other.
 *
 * <p>The JVM may end before the self-test does. Then nothing was loaded through any hook, and the event
 * {@code guard.started} has the hooks as {@code instrumented}, not as {@code verified}.
 */
public final class SelfTest {

    private static final String SELF_TEST = "cloacina-guard-self-test";
    private static final String WARM_UP = "cloacina-guard-warm-up";
    private static final String MODULES = "cloacina-guard-modules";
    private static final String STORE = "cloacina-guard-store";

    /** The usual size: the application may run with far smaller stacks. */
    private static final long STACK_SIZE_BYTES = 1 << 20;

    /** How long the application has the machine for itself first, unless it loads something. */
    private static final long PAUSE_MILLIS = 100;

    private final Guard guard;
    private final PluginGate gate;
    private final SnapshotStore snapshots;
    private final Instrumentation instrumentation;
    private final Weaver weaver;
    private final Fields<Object> more;
    private final boolean sqlite;
    private final Consumer<Throwable> stop;
    private final Thread tries;
    private volatile @Nullable Throwable failure;
    private volatile boolean waitedFor;
    private volatile boolean ended;
    private volatile boolean passed;
    private boolean hooksFirst;
    private boolean hooksVerified;
    private boolean recorded;

    /**
     * @param more is recorded with the start
     * @param sqlite whether the guard needs its SQLite library
     * @param stop ends the JVM
     */
    public SelfTest(
            Guard guard,
            PluginGate gate,
            SnapshotStore snapshots,
            Instrumentation instrumentation,
            Weaver weaver,
            Fields<Object> more,
            boolean sqlite,
            Consumer<Throwable> stop) {
        this.guard = guard;
        this.gate = gate;
        this.snapshots = snapshots;
        this.instrumentation = instrumentation;
        this.weaver = weaver;
        this.more = more;
        this.sqlite = sqlite;
        this.stop = stop;
        this.tries = thread(SELF_TEST);
    }

    private Thread thread(String name) {
        return new GuardThread(new Side(name), name, STACK_SIZE_BYTES);
    }

    /**
     * The work of a thread of the guard, by its name: one class, because loading one for each would delay every start.
     */
    private final class Side implements Runnable {
        private final String name;

        Side(String name) {
            this.name = name;
        }

        @Override
        public void run() {
            try {
                switch (name) {
                    case SELF_TEST -> tryHooks();
                    case WARM_UP -> warmUp();
                    case MODULES -> HookProbes.releaseModules(gate.probes(), instrumentation);
                    case STORE -> openStore();
                    default -> throw new IllegalArgumentException(name);
                }
            } catch (Throwable e) {
                // An application can stop the thread (until Java 19) when all is done but what later loads gain from.
                if (!passed) {
                    fail(e);
                }
            }
        }
    }

    public void begin() {
        tries.start();
    }

    private void fail(Throwable reason) {
        synchronized (this) {
            failure = reason;
            notifyAll();
            if (ended || waitedFor) {
                return;
            }
        }
        stop.accept(reason);
    }

    /** Verifies the hooks at once, and leaves the rest of the self-test for later: no load is decided on before that. */
    private void tryHooksFirst() throws Exception {
        gate.probes().begin();
        Thread modules = thread(MODULES);
        modules.start();
        snapshots.claim();
        HookProbes.release(gate.probes(), instrumentation);
        modules.join();
        synchronized (this) {
            hooksVerified = failure == null;
            notifyAll();
        }
    }

    private void tryHooks() throws Exception {
        if (hooksFirst) {
            tryHooksFirst();
            if (failure != null) {
                return;
            }
        }
        gate.probes().awaitNeed(PAUSE_MILLIS);
        boolean needed = gate.probes().isNeeded();
        if (!hooksFirst) {
            gate.probes().begin();
        }
        Thread warmsUp = thread(WARM_UP);
        Thread opensStore = thread(STORE);
        warmsUp.start();
        if (needed) {
            // All at once; otherwise no more of the machine than must be is taken from the application.
            opensStore.start();
        }
        if (!hooksFirst) {
            snapshots.claim();
            HookProbes.release(gate.probes(), instrumentation);
        }
        warmsUp.join();
        if (!needed) {
            opensStore.start();
        }
        opensStore.join();
        if (failure == null) {
            if (!gate.probes().isNeeded()) {
                weaver.checkFound();
            }
            record("verified");
            gate.probes().end();
            snapshots.settled(gate.probes().directory());
            // Of what was not checked yet, because a load was waiting.
            weaver.checkFound();
            passed = true;
            if (needed && !waitedFor) {
                // Where one package was loaded at once, others follow. A program that loads none is to cost no more.
                Sha256.warmUp();
            }
        }
    }

    private void openStore() throws Exception {
        if (sqlite) {
            loadSqlite();
        }
        if (gate.probes().isNeeded()) {
            guard.prepare();
        }
    }

    private void loadSqlite() throws ConfigException, IOException {
        try {
            SqliteLibrary.load(snapshots.directory());
        } catch (UnsatisfiedLinkError e) {
            throw new ConfigException(
                    "the guard's own SQLite library cannot be loaded from [" + snapshots.directory() + "]: "
                            + e.getMessage(),
                    e);
        }
    }

    private void warmUp() throws IOException {
        try {
            WarmUp.run(snapshots.directory());
        } catch (IOException | RuntimeException | LinkageError e) {
            throw new IllegalStateException("signatures cannot be checked in this JVM: " + e, e);
        }
        if (!hooksFirst) {
            HookProbes.releaseModules(gate.probes(), instrumentation);
        }
    }

    /**
     * Begins, and waits until every hook is verified; the rest goes on beside {@code main}.
     *
     * @throws Exception what failed; the caller ends the JVM
     */
    public void verifyHooks() throws Exception {
        hooksFirst = true;
        waitedFor = true;
        tries.start();
        Throwable reason;
        synchronized (this) {
            while (!hooksVerified && failure == null) {
                wait();
            }
            waitedFor = false;
            reason = failure;
        }
        throwIfThere(reason);
    }

    /**
     * Waits for the end of the self-test.
     *
     * @throws Exception what failed; the caller ends the JVM
     */
    public void await() throws Exception {
        waitedFor = true;
        gate.probes().need();
        tries.join();
        throwIfThere(failure);
    }

    private static void throwIfThere(@Nullable Throwable reason) throws Exception {
        if (reason instanceof Exception exception) {
            throw exception;
        }
        if (reason != null) {
            throw new IllegalStateException(reason.toString(), reason);
        }
    }

    /** Before the guard is closed: records the start of a JVM that ends before the self-test. */
    public void end() throws AuditFailedException {
        boolean verified;
        synchronized (this) {
            ended = true;
            verified = hooksVerified;
        }
        record(verified ? "verified" : "instrumented");
    }

    private synchronized void record(String state) throws AuditFailedException {
        if (!recorded) {
            recorded = true;
            guard.started(hooks(state), more);
        }
    }

    /** All hooks, in the state that they are in. */
    public Fields<String> hooks(String state) {
        Fields<String> hooks = Fields.none();
        for (String hook : weaver.instrumentedHooks()) {
            hooks = hooks.plus(hook, state);
        }
        hooks = hooks.plus(Hook.CLASS_LOAD.label(), state);
        for (EntryPoint entry : EntryPoint.values()) {
            if (entry.isWhenLoaded() && !hooks.containsKey(entry.hook().label())) {
                hooks = hooks.plus(entry.hook().label(), "instrumented when loaded");
            }
        }
        return hooks;
    }
}
