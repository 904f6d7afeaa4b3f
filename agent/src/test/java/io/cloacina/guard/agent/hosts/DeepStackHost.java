// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** Loads at the bottom of the stack, where every call may be the last. */
public final class DeepStackHost {

    private static final int TRIES = 400;

    private static URL good;
    private static URL evil;
    private static int loaded;
    private static int failed;

    private DeepStackHost() {}

    /** {@code GOOD EVIL load|retransform} */
    public static void main(String[] arguments) throws Exception {
        good = Path.of(arguments[0]).toUri().toURL();
        evil = Path.of(arguments[1]).toUri().toURL();
        Thread thread = new Thread(
                null,
                () -> {
                    if (arguments[2].equals("load")) {
                        deeper();
                        System.out.println("at the bottom " + loaded + " loaded, " + failed + " failed");
                    } else {
                        Outcome.print("retransformed", Retransformer::fromEveryDepth);
                    }
                    Outcome.print("good", () -> load(good));
                    Outcome.print("evil", () -> load(evil));
                },
                "deep",
                512 * 1024);
        thread.start();
        thread.join();
    }

    private static int deeper() {
        int tries;
        try {
            tries = deeper();
        } catch (StackOverflowError e) {
            tries = 0;
        }
        if (tries < TRIES) {
            attempt(evil);
            attempt(good);
        }
        return tries + 1;
    }

    // Without a lambda: linking one here could fail for good, and that would be the JDK's doing.
    private static void attempt(URL url) {
        try {
            load(url);
            loaded++;
        } catch (ClassNotFoundException | IOException | LinkageError | StackOverflowError | RuntimeException e) {
            failed++;
        }
    }

    private static Class<?> load(URL url) throws IOException, ClassNotFoundException {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {url}, null)) {
            return Class.forName("sample.Plugin", true, loader);
        }
    }
}
