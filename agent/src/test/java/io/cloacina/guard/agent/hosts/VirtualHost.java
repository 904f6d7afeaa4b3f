// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Virtual threads that meet at one class of a plugin, by {@code loadClass} and by {@code Class.forName}, again and again. */
public final class VirtualHost {

    private VirtualHost() {}

    /** Arguments: a JAR and its class, how many rounds, and how many threads in each; the first begins with {@code main}. */
    public static void main(String[] arguments) throws Exception {
        // From Java 21 on; this is compiled for 17.
        Method start = Thread.class.getMethod("startVirtualThread", Runnable.class);
        URL jar = Path.of(arguments[0]).toUri().toURL();
        int rounds = Integer.parseInt(arguments[2]);
        int threads = Integer.parseInt(arguments[3]);
        for (int round = 0; round < rounds; round++) {
            URLClassLoader loader = new URLClassLoader(new URL[] {jar}, null);
            CountDownLatch back = new CountDownLatch(threads);
            for (int i = 0; i < threads; i++) {
                boolean byLoader = i == 0;
                start.invoke(null, (Runnable) () -> {
                    try {
                        if (byLoader) {
                            loader.loadClass(arguments[1]);
                        } else {
                            Class.forName(arguments[1], false, loader);
                        }
                    } catch (ClassNotFoundException e) {
                        System.out.println("not found");
                    } finally {
                        back.countDown();
                    }
                });
            }
            if (!back.await(60, TimeUnit.SECONDS)) {
                System.out.println("hangs in round " + round);
                Runtime.getRuntime().halt(1);
            }
        }
        System.out.println("all back");
    }
}
