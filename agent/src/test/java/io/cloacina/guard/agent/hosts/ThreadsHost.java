// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

/** Looks, as the first thing it does, for threads that lead to classes that are not the application's or the JDK's. */
public final class ThreadsHost {

    private ThreadsHost() {}

    public static void main(String[] arguments) {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            report(thread, thread.getClass().getClassLoader());
            report(thread, thread.getContextClassLoader());
        }
        System.out.println("DONE");
    }

    private static void report(Thread thread, ClassLoader loader) {
        if (loader != null
                && loader != ClassLoader.getPlatformClassLoader()
                && loader != ThreadsHost.class.getClassLoader()) {
            System.out.println(thread.getName() + " leads to " + loader);
        }
    }
}
