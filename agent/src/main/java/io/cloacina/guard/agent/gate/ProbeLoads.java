// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.api.PackageRefusedException;
import io.cloacina.guard.agent.bootstrap.GuardThread;
import io.cloacina.guard.agent.format.ClassFile;
import io.cloacina.guard.internal.process.GuardThreads;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loads of the start-up self-test. A load of its threads from the self-test's directory is refused or admitted
 * without signature and without event, and the hook that asked is noted. Every other load is decided on after the
 * self-test. Once over, the self-test never starts again.
 */
public final class ProbeLoads {

    /** Files whose name begins with this are let pass, everything else is refused. */
    public static final String ALLOWED_PREFIX = "allowed";

    /** The classes that the self-test defines without any file are in this package. */
    public static final String CLASS_PREFIX = "cloacina.probe.";

    /** Many times what it takes on a slow machine: only a JVM in which it hangs gets there. */
    private static final long LIMIT_MILLIS = 20_000;

    private final String directory;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private volatile boolean over;
    private boolean needed;
    // Compared by identity; the second is null while there is one.
    private volatile @Nullable Thread first;
    private volatile @Nullable Thread second;
    // Sets the guard up, until that is done: hooks are in place before.
    private volatile @Nullable Thread starter = Thread.currentThread();
    private final Consumer<Throwable> stop;

    ProbeLoads(Path directory, Consumer<Throwable> stop) {
        this.directory = directory + File.separator;
        this.stop = stop;
    }

    /** Where the files of the self-test are put. */
    public Path directory() {
        return Path.of(directory);
    }

    /** Waits until a load has to be decided on, or for {@code limitMillis}: many JVMs end before either. */
    public synchronized void awaitNeed(long limitMillis) throws InterruptedException {
        long end = System.nanoTime() + limitMillis * 1_000_000;
        for (long left = limitMillis; !needed && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }

    /** Whether a load has to be decided on already. */
    public synchronized boolean isNeeded() {
        return needed;
    }

    /** Ends that wait. */
    public synchronized void need() {
        needed = true;
        notifyAll();
    }

    /** Makes the directory. */
    public void begin() throws IOException {
        Files.createDirectory(Path.of(directory));
    }

    /** From now on the current thread is one of those that try; there are two at most, and both are the guard's. */
    public synchronized void join() {
        if (!GuardThread.isCurrent() || second != null) {
            throw new IllegalStateException("a thread that does not belong to the self-test");
        }
        if (first == null) {
            first = Thread.currentThread();
        } else {
            second = Thread.currentThread();
        }
    }

    /** The guard is set up; the thread that has done so is the application's from now on. */
    public void setUp() {
        starter = null;
    }

    private boolean isOn() {
        Thread current = Thread.currentThread();
        return !over && (current == first || current == second);
    }

    boolean concerns(String path) {
        return isOn() && path != null && path.startsWith(directory);
    }

    boolean allows(String path) {
        return path.startsWith(directory + ALLOWED_PREFIX);
    }

    /** Refuses a class without a file that belongs to the self-test: it is in the package that is made up for it. */
    void requireNotConcerned(@Nullable String nameOrNull, byte[] bytes, Hook hook) {
        if (isOn()
                && (nameOrNull == null ? ClassFile.nameOf(bytes) : nameOrNull.replace('/', '.'))
                        .startsWith(CLASS_PREFIX)) {
            throw refuse(hook.label(), CLASS_PREFIX);
        }
    }

    /** The refusal of a load that belongs to the self-test, through {@code hook}. */
    PackageRefusedException refuse(String hook, String path) {
        if (isOn()) {
            seen.add(hook);
        }
        return new PackageRefusedException(path, hook, null, "refused by the start-up self-test");
    }

    /** Notes that a hook was passed on the way of a load that belongs to the self-test. */
    void note(Hook hook) {
        if (isOn()) {
            seen.add(hook.label());
        }
    }

    /** The hooks that were passed. */
    public Set<String> seen() {
        return Set.copyOf(seen);
    }

    /**
     * Ends the self-test; from now on nothing is treated differently because of where it lies, and loads are decided
     * on.
     */
    public synchronized void end() {
        over = true;
        first = null;
        second = null;
        notifyAll();
    }

    /**
     * Waits until the self-test is over: before that it is not known whether a decision would hold. The waiting thread
     * may hold locks of its application, which the self-test never needs. The guard's own threads do not wait, nor does
     * the one that sets the guard up: the code of another agent may run on them, and the self-test would wait for
     * itself.
     *
     * <p>If the self-test does not end, the JVM does.
     */
    void awaitEnd() {
        if (over || Thread.currentThread() == starter || GuardThread.isCurrent()) {
            return;
        }
        boolean interrupted = false;
        need();
        synchronized (this) {
            long end = System.nanoTime() + LIMIT_MILLIS * 1_000_000;
            for (long left = LIMIT_MILLIS; !over && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                try {
                    wait(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (!over) {
            stop.accept(new IllegalStateException(
                    "the start-up self-test did not end within " + LIMIT_MILLIS / 1000 + " s"));
        }
        if (interrupted) {
            GuardThreads.restoreInterrupt();
        }
    }
}
