// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.shim;

import io.cloacina.guard.agent.bootstrap.GuardThread;
import java.util.concurrent.ForkJoinPool.ManagedBlocker;

/**
 * Replaces {@code java.util.concurrent.ForkJoinPool}, in whose common pool PostgreSQL's driver keeps a task for as long
 * as it has a connection. That pool, of one thread where there are two processors, is the application's.
 */
public final class ThreadPerTask {

    private static final ThreadPerTask POOL = new ThreadPerTask();

    private ThreadPerTask() {}

    public static ThreadPerTask commonPool() {
        return POOL;
    }

    /** In a thread of its own, by which the application finds its way to no class loader of the guard's. */
    public void execute(Runnable task) {
        new GuardThread(task, "cloacina-guard-driver", 0).start();
    }

    /** Returns when {@code blocker} has what it waits for. */
    public static void managedBlock(ManagedBlocker blocker) throws InterruptedException {
        boolean done = false;
        while (!done) {
            done = blocker.isReleasable() || blocker.block();
        }
    }
}
