// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

/**
 * A thread of the guard. Known by its class, which the application can neither instantiate nor extend; that lies in the boot
 * loader, so that a list of the JVM's threads does not lead to the guard. Takes over nothing of the thread that makes
 * it: neither thread-locals nor context loader, group or priority.
 */
public final class GuardThread extends Thread {

    private static final ThreadGroup SYSTEM = systemGroup();
    private static final ClassLoader PLATFORM = ClassLoader.getPlatformClassLoader();

    /** @param stackSizeBytes 0 for the JVM's default */
    @SuppressWarnings("ThreadPriorityCheck") // a new thread has that of the one that made it, which may be any
    public GuardThread(Runnable task, String name, long stackSizeBytes) {
        super(SYSTEM, task, name, stackSizeBytes, false);
        setDaemon(true);
        setPriority(NORM_PRIORITY);
    }

    private static ThreadGroup systemGroup() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    @Override
    public ClassLoader getContextClassLoader() {
        return PLATFORM;
    }

    /** Does nothing: libraries of the guard would look classes up in what an application has put here. */
    @Override
    public void setContextClassLoader(ClassLoader loader) {
        // It has the one that it needs.
    }

    /** Whether the current thread is one of the guard's. */
    public static boolean isCurrent() {
        return Thread.currentThread().getClass() == GuardThread.class;
    }
}
