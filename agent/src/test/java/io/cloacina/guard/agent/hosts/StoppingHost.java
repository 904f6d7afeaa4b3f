// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Stops every thread of the guard that it finds, between one load and the next. The start-up self-test may end first: a
 * self-test that is stopped has not passed, and ends the JVM.
 */
public final class StoppingHost {

    /** Those of the start-up self-test. */
    private static final Set<String> SELF_TEST =
            Set.of("cloacina-guard-self-test", "cloacina-guard-warm-up", "cloacina-guard-store");

    private StoppingHost() {}

    /** {@code GOOD_JAR EVIL_JAR CLASS ROUNDS}. */
    public static void main(String[] arguments) throws Exception {
        Set<String> stopped = new TreeSet<>();
        load(arguments[0], arguments[2]);
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (SELF_TEST.contains(thread.getName())) {
                thread.join();
            }
        }
        for (int round = Integer.parseInt(arguments[3]); round > 0; round--) {
            for (Thread thread : Thread.getAllStackTraces().keySet()) {
                if (thread.getName().startsWith("cloacina")) {
                    stopped.add(thread.getName());
                    stop(thread);
                }
            }
            load(arguments[1], arguments[2]);
            load(arguments[0], arguments[2]);
        }
        System.out.println("stopped " + String.join(" ", stopped));
    }

    /** Found by reflection: some JDK will be without it. */
    private static void stop(Thread thread) throws ReflectiveOperationException {
        try {
            Thread.class.getMethod("stop").invoke(thread);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("this JDK stops no threads", e);
        }
    }

    private static void load(String jar, String className) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {Path.of(jar).toUri().toURL()}, null)) {
            Class.forName(className, true, loader);
            System.out.println("LOADED");
        } catch (ClassNotFoundException e) {
            System.out.println("REFUSED");
        }
    }
}
