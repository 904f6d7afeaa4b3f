// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/** Plugins that several threads load at once, each thread its share of a directory; each plugin is closed again. */
final class BenchmarkThreads {

    private BenchmarkThreads() {}

    /** @return milliseconds for all, of the clock or of the process's processor time */
    static double load(File folder, int threads, boolean processorTime) throws Exception {
        File[] jars = folder.listFiles((directory, name) -> name.endsWith(".jar"));
        Arrays.sort(jars);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread[] all = new Thread[threads];
        int share = jars.length / threads;
        for (int i = 0; i < threads; i++) {
            all[i] = new Thread(new Share(Arrays.copyOfRange(jars, i * share, (i + 1) * share), failure));
        }
        Duration before = processorTime();
        long start = System.nanoTime();
        for (Thread thread : all) {
            thread.start();
        }
        for (Thread thread : all) {
            thread.join();
        }
        long nanos = System.nanoTime() - start;
        if (failure.get() != null) {
            throw new IllegalStateException("a plugin did not load", failure.get());
        }
        return (processorTime ? processorTime().minus(before).toNanos() : nanos) / 1e6;
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private record Share(File[] jars, AtomicReference<Throwable> failure) implements Runnable {
        @Override
        public void run() {
            for (File jar : jars) {
                String name = jar.getName().substring(0, jar.getName().length() - ".jar".length());
                try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {jar.toURI().toURL()}, null)) {
                    loader.loadClass(name);
                } catch (Exception | LinkageError e) {
                    failure.set(e);
                    return;
                }
            }
        }
    }
}
