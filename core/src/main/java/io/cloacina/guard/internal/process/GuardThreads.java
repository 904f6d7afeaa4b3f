// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.process;

import org.jspecify.annotations.Nullable;

/**
 * Where every thread comes from that this program starts, and how it interrupts a thread again after a wait. Internal:
 * no part of the API. It stands below all packages and uses none of them.
 *
 * <p>The agent works on threads of the application, whose class may override methods of {@link Thread}. It brings a
 * factory that knows its own threads by their class and calls no such method; other programs need none.
 *
 * <p>Safe for use by many threads.
 */
public final class GuardThreads {

    /** What makes the threads. Called on threads of the application too. */
    public interface Factory {

        /**
         * A thread that was not started: a daemon of normal priority in the root group, with the platform class loader as
         * its context class loader, and without inherited thread-locals.
         *
         * @param stackSizeBytes 0 for the JVM's default
         */
        Thread create(Runnable task, String name, long stackSizeBytes);

        /** Interrupts the current thread, which was interrupted while it waited. */
        void restoreInterrupt();
    }

    private static volatile @Nullable Factory factory;

    private GuardThreads() {}

    /**
     * Replaces the default factory. To be called at most once, before the first thread is made.
     *
     * @throws IllegalStateException if it was called before
     */
    public static synchronized void makeBy(Factory own) {
        if (own == null) {
            throw new NullPointerException("factory");
        }
        if (factory != null) {
            throw new IllegalStateException("the factory of threads was set before");
        }
        factory = own;
    }

    /**
     * A thread that was not started, as {@link Factory#create} describes it.
     *
     * @param stackSizeBytes 0 for the JVM's default
     */
    public static Thread create(Runnable task, String name, long stackSizeBytes) {
        Factory own = factory;
        return own == null ? plain(task, name, stackSizeBytes) : own.create(task, name, stackSizeBytes);
    }

    /** Interrupts the current thread, which was interrupted while it waited. */
    public static void restoreInterrupt() {
        Factory own = factory;
        if (own == null) {
            Thread.currentThread().interrupt();
        } else {
            own.restoreInterrupt();
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // a new thread has that of the one that made it, which may be any
    private static Thread plain(Runnable task, String name, long stackSizeBytes) {
        Thread thread = new Thread(rootGroup(), task, name, stackSizeBytes, false);
        thread.setDaemon(true);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        return thread;
    }

    // An application may have bounded or destroyed the group of the current thread.
    private static ThreadGroup rootGroup() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }
}
