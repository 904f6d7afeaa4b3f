// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** A host that has opened all archives of a directory, and defines classes under a URL that names none of them. */
final class BenchmarkArchives {

    private static final int CLASSES_OF_EACH = 10;

    private static final List<JarFile> OPEN = new ArrayList<>();

    private BenchmarkArchives() {}

    private static final class Loader extends ClassLoader {
        private final ProtectionDomain domain;

        Loader() throws IOException {
            super(null);
            URL url = new URL(null, "vfs:/content/of/a/host", new URLStreamHandler() {
                @Override
                protected URLConnection openConnection(URL opened) {
                    return null;
                }
            });
            domain = new ProtectionDomain(new CodeSource(url, (Certificate[]) null), null);
        }

        void define(byte[] bytes) {
            defineClass(null, bytes, 0, bytes.length, domain);
        }
    }

    private static List<byte[]> open(File directory, int classesOfEach) throws IOException {
        File[] files = directory.listFiles();
        Arrays.sort(files);
        List<byte[]> classes = new ArrayList<>();
        for (File file : files) {
            if (!file.getName().endsWith(".jar")) {
                continue;
            }
            JarFile jar = new JarFile(file);
            OPEN.add(jar);
            String name =
                    file.getName().substring("archive".length(), file.getName().length() - ".jar".length());
            for (int i = 0; i < classesOfEach; i++) {
                ZipEntry entry = jar.getEntry("a" + name + "/C00000" + i + ".class");
                try (InputStream in = jar.getInputStream(entry)) {
                    classes.add(in.readAllBytes());
                }
            }
        }
        return classes;
    }

    private static double define(List<byte[]> classes) throws IOException {
        Loader loader = new Loader();
        long start = System.nanoTime();
        for (byte[] one : classes) {
            loader.define(one);
        }
        return (System.nanoTime() - start) / 1e3 / classes.size();
    }

    /** Microseconds for a class, on average of some of each archive. */
    static double contained(File directory) throws IOException {
        return define(open(directory, CLASSES_OF_EACH));
    }

    /** The same for classes that are in none of the archives, behind the first, which pays for the indexes. */
    static double containedNowhere(File directory) throws IOException {
        List<byte[]> classes = open(directory, CLASSES_OF_EACH);
        for (byte[] one : classes) {
            // The name begins with "a" and a number, wherever it stands.
            for (int i = 0; i + 6 < one.length; i++) {
                if (one[i] == 'a' && one[i + 5] == '/' && one[i + 6] == 'C') {
                    one[i] = 'b';
                }
            }
        }
        define(classes.subList(0, 1));
        return define(classes.subList(1, classes.size()));
    }

    /** Megabytes of heap that are in use when classes of all archives were defined. */
    static double heap(File directory) throws IOException {
        define(open(directory, 1));
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) / 1e6;
    }
}
