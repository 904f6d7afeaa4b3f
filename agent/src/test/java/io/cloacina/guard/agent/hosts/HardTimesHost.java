// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;

/** Loads two plugins when a JVM has other worries. */
public final class HardTimesHost {

    private static Path good;
    private static Path evil;

    private HardTimesHost() {}

    /** Is initialised under a lock, by its first use. */
    private static final class Initialised {
        static {
            synchronized (HardTimesHost.class) {
                load();
            }
        }

        private Initialised() {}

        static void use() {}
    }

    /** {@code GOOD EVIL shutdown|exit|initialiser|interrupted|pool|files}. */
    public static void main(String[] arguments) throws Exception {
        good = Path.of(arguments[0]);
        evil = Path.of(arguments[1]);
        switch (arguments[2]) {
            case "shutdown" -> Runtime.getRuntime().addShutdownHook(new Thread(HardTimesHost::load));
            case "exit" -> {
                Runtime.getRuntime().addShutdownHook(new Thread(HardTimesHost::load));
                System.exit(0);
            }
            case "initialiser" -> Initialised.use();
            case "interrupted" -> {
                Thread.currentThread().interrupt();
                load();
                System.out.println("INTERRUPTED " + Thread.interrupted());
            }
            case "pool" -> {
                CountDownLatch end = new CountDownLatch(1);
                for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
                    ForkJoinPool.commonPool().execute(() -> await(end));
                }
                load();
                end.countDown();
            }
            case "files" -> {
                load();
                exhausted();
                load();
            }
            default -> throw new IllegalArgumentException(arguments[2]);
        }
    }

    private static void exhausted() throws IOException {
        List<Closeable> open = new ArrayList<>();
        try {
            while (true) {
                open.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException full) {
            load();
        } finally {
            for (Closeable one : open) {
                one.close();
            }
        }
    }

    private static void await(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void load() {
        for (Path jar : new Path[] {good, evil}) {
            Outcome.print(jar.getFileName().toString(), () -> {
                try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
                    return Class.forName("sample.Plugin", true, loader);
                }
            });
        }
    }
}
