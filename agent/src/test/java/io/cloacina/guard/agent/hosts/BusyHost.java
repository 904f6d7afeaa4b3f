// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.jar.JarFile;

/** Many threads that load the same plugins and different ones, in every way that hosts do. */
public final class BusyHost {

    private static final int PLUGINS = 4;
    private static final ClassLoader PARENT = BusyHost.class.getClassLoader();

    private static Path folder;
    private static URLClassLoader[] shared;
    private static URLClassLoader sharedByAll;

    private BusyHost() {}

    /**
     * {@code FOLDER THREADS ROUNDS}: there are {@code good0.jar} to {@code good3.jar}, signed, and {@code evil.jar}, which
     * is not.
     */
    public static void main(String[] arguments) throws Exception {
        folder = Path.of(arguments[0]);
        int threads = Integer.parseInt(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        shared = new URLClassLoader[PLUGINS];
        URL[] all = new URL[PLUGINS + 1];
        all[0] = evil();
        for (int i = 0; i < PLUGINS; i++) {
            shared[i] = new URLClassLoader(new URL[] {good(i)}, PARENT);
            all[i + 1] = good(i);
        }
        sharedByAll = new URLClassLoader(all, PARENT);

        Queue<String> failures = new ConcurrentLinkedQueue<>();
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> started = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int number = t;
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                    for (int round = 0; round < rounds; round++) {
                        oneRound(number + round);
                    }
                } catch (Throwable e) {
                    failures.add(e + " at " + e.getStackTrace()[0] + " because of " + e.getCause());
                }
            });
            thread.start();
            started.add(thread);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            Outcome.print("good in shutdown hook", () -> load(good(0)));
            Outcome.print("evil in shutdown hook", () -> load(evil()));
        }));
        start.countDown();
        for (Thread thread : started) {
            thread.join();
        }
        failures.stream().distinct().forEach(System.out::println);
        System.out.println("failures " + failures.size());
    }

    private static URL good(int number) throws Exception {
        return folder.resolve("good" + number % PLUGINS + ".jar").toUri().toURL();
    }

    private static URL evil() throws Exception {
        return folder.resolve("evil.jar").toUri().toURL();
    }

    private static Class<?> load(URL url) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {url}, PARENT)) {
            return Class.forName("sample.Plugin", true, loader);
        }
    }

    /** Called by the static initialisers of the plugins. */
    public static void initialise(int number) {
        try {
            try (URLClassLoader loader = new URLClassLoader(new URL[] {good(number + 1)}, PARENT)) {
                Class.forName("sample.Other", true, loader);
            }
            expectRefused();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void expectRefused() {
        String outcome = Outcome.of(() -> load(evil()));
        if (!outcome.startsWith("REFUSED")) {
            throw new IllegalStateException("evil: " + outcome);
        }
    }

    private static void oneRound(int number) throws Exception {
        switch (number % 7) {
            case 0 -> load(good(number));
            case 1 -> Class.forName("sample.Plugin", true, shared[number % PLUGINS]);
            case 2 -> Class.forName("sample.Plugin", true, sharedByAll);
            case 3 -> expectRefused();
            case 4 -> {
                Thread.currentThread().interrupt();
                load(good(number));
                if (!Thread.interrupted()) {
                    throw new IllegalStateException("the interrupt is lost");
                }
            }
            case 5 -> {
                // What is merely read is no load, and works whatever others load and close meanwhile.
                try (JarFile jar = new JarFile(folder.resolve("good" + number % PLUGINS + ".jar")
                                .toFile());
                        InputStream in = jar.getInputStream(jar.getEntry("text.txt"))) {
                    expectText(in);
                }
            }
            default -> {
                try (URLClassLoader loader = new URLClassLoader(new URL[] {good(number)}, PARENT)) {
                    URLConnection connection = loader.getResource("text.txt").openConnection();
                    // The JDK's cache of open archives would have this one closed by others.
                    connection.setUseCaches(false);
                    try (InputStream in = connection.getInputStream()) {
                        expectText(in);
                    }
                }
            }
        }
    }

    private static void expectText(InputStream in) throws Exception {
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        if (!text.equals("good")) {
            throw new IllegalStateException("text " + text);
        }
    }
}
