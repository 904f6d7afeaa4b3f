// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What the benchmarks measure inside a JVM of their own; prints one number. Uses neither lambdas nor formatting, which
 * would be measured with it.
 */
public final class BenchmarkHost {

    private BenchmarkHost() {}

    public static void main(String[] arguments) throws Exception {
        File file = new File(arguments[1]);
        if (arguments.length > 2) {
            // A first plugin, which is measured by itself: what comes now is without the constant.
            loadMany(new File(arguments[2]));
        }
        double result = switch (arguments[0]) {
            case "load-all" -> loadAll(file);
            case "load-many" -> loadMany(file);
            case "one-thread" -> BenchmarkThreads.load(file, 1, false);
            case "four-threads" -> BenchmarkThreads.load(file, 4, false);
            case "one-thread-cpu" -> BenchmarkThreads.load(file, 1, true);
            case "four-threads-cpu" -> BenchmarkThreads.load(file, 4, true);
            case "class-path" -> classPath(file);
            case "define" -> define(file, null);
            case "define-with-origin" ->
                define(file, new CodeSource(file.toURI().toURL(), (Certificate[]) null));
            case "inflate" -> inflate(file);
            case "copy-and-hash" -> copyAndHash(file);
            case "run" -> run(file);
            case "contained" -> BenchmarkArchives.contained(file);
            case "contained-nowhere" -> BenchmarkArchives.containedNowhere(file);
            case "contained-heap" -> BenchmarkArchives.heap(file);
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        System.out.println(result);
    }

    private static List<String> classNames(File jar) throws IOException {
        List<String> names = new ArrayList<>();
        try (ZipFile zip = new ZipFile(jar)) {
            for (ZipEntry entry : java.util.Collections.list(zip.entries())) {
                String name = entry.getName();
                if (name.endsWith(".class")) {
                    names.add(
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'));
                }
            }
        }
        return names;
    }

    private static URLClassLoader loader(File jar) throws IOException {
        return new URLClassLoader(new URL[] {jar.toURI().toURL()}, null);
    }

    /**
     * Milliseconds from making the class loader to the last of all classes of the JAR; of one class, that is a first
     * load.
     */
    private static double loadAll(File jar) throws Exception {
        List<String> names = classNames(new File(jar.getPath() + ".index"));
        long start = System.nanoTime();
        try (URLClassLoader loader = loader(jar)) {
            for (String name : names) {
                loader.loadClass(name);
            }
            return (System.nanoTime() - start) / 1e6;
        }
    }

    /** Milliseconds for a JAR of a directory of JARs with one class each: the median of all. */
    private static double loadMany(File folder) throws Exception {
        File[] jars = folder.listFiles();
        Arrays.sort(jars);
        List<Double> times = new ArrayList<>();
        List<URLClassLoader> loaders = new ArrayList<>();
        for (File jar : jars) {
            if (!jar.getName().endsWith(".jar")) {
                continue;
            }
            String name = jar.getName().substring(0, jar.getName().length() - ".jar".length());
            long start = System.nanoTime();
            URLClassLoader loader = loader(jar);
            loader.loadClass(name);
            times.add((System.nanoTime() - start) / 1e6);
            loaders.add(loader);
        }
        for (URLClassLoader loader : loaders) {
            loader.close();
        }
        java.util.Collections.sort(times);
        return times.get(times.size() / 2);
    }

    /** Milliseconds for all classes of a JAR that is on the class path. */
    private static double classPath(File jar) throws Exception {
        List<String> names = classNames(new File(jar.getPath() + ".index"));
        ClassLoader loader = BenchmarkHost.class.getClassLoader();
        long start = System.nanoTime();
        for (String name : names) {
            loader.loadClass(name);
        }
        return (System.nanoTime() - start) / 1e6;
    }

    /** A class loader that reads its classes itself. */
    private static final class OwnLoader extends ClassLoader {
        private final ProtectionDomain domain;

        OwnLoader(CodeSource source) {
            super(null);
            this.domain = source == null ? null : new ProtectionDomain(source, null);
        }

        void define(String name, byte[] bytes) {
            defineClass(name, bytes, 0, bytes.length, domain);
        }
    }

    /** Microseconds for a class, without reading it and without what the first classes of a loader cost. */
    private static double define(File jar, CodeSource source) throws Exception {
        Map<String, byte[]> classes = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(jar)) {
            for (ZipEntry entry : java.util.Collections.list(zip.entries())) {
                if (entry.getName().endsWith(".class")) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        String name = entry.getName();
                        classes.put(
                                name.substring(0, name.length() - ".class".length())
                                        .replace('/', '.'),
                                in.readAllBytes());
                    }
                }
            }
        }
        double median = 0;
        // The first classes of a JVM are defined by code that is still interpreted, with the guard and without.
        for (int pass = 0; pass < 4; pass++) {
            median = define(classes, new OwnLoader(source));
        }
        return median;
    }

    private static double define(Map<String, byte[]> classes, OwnLoader loader) {
        List<Double> rounds = new ArrayList<>();
        long start = 0;
        int count = 0;
        for (Map.Entry<String, byte[]> one : classes.entrySet()) {
            loader.define(one.getKey(), one.getValue());
            count++;
            if (count % 250 == 0) {
                long now = System.nanoTime();
                if (count > 250) {
                    rounds.add((now - start) / 250e3);
                }
                start = System.nanoTime();
            }
        }
        java.util.Collections.sort(rounds);
        return rounds.get(rounds.size() / 2);
    }

    /** Microseconds for a class that is only read. */
    private static double inflate(File jar) throws Exception {
        List<Double> times = new ArrayList<>();
        try (ZipFile zip = new ZipFile(jar)) {
            for (ZipEntry entry : java.util.Collections.list(zip.entries())) {
                long start = System.nanoTime();
                try (InputStream in = zip.getInputStream(entry)) {
                    in.readAllBytes();
                }
                times.add((System.nanoTime() - start) / 1e3);
            }
        }
        java.util.Collections.sort(times);
        return times.get(times.size() / 2);
    }

    /** Milliseconds for one pass over a file that makes a copy of it and its SHA-256. */
    private static double copyAndHash(File file) throws Exception {
        File copy = File.createTempFile("copy", ".jar");
        byte[] buffer = new byte[1 << 16];
        long start = System.nanoTime();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new FileInputStream(file);
                OutputStream out = new FileOutputStream(copy)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
        }
        boolean whole = digest.digest().length == 32 && copy.length() == file.length();
        double millis = (System.nanoTime() - start) / 1e6;
        if (!copy.delete() || !whole) {
            throw new IOException("[" + copy + "]");
        }
        return millis;
    }

    /** Milliseconds that the code of a plugin that is loaded takes. */
    private static double run(File jar) throws Exception {
        try (URLClassLoader loader = loader(jar)) {
            Runnable work = (Runnable)
                    loader.loadClass(Path.of(jar.getName()).toString().replace(".jar", ""))
                            .getDeclaredConstructor()
                            .newInstance();
            work.run();
            List<Double> times = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                long start = System.nanoTime();
                work.run();
                times.add((System.nanoTime() - start) / 1e6);
            }
            java.util.Collections.sort(times);
            return times.get(0);
        }
    }
}
