// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.AccessController;
import java.security.CodeSource;
import java.security.PrivilegedAction;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A plugin host whose loader opens a package by itself; meanwhile the package is exchanged. Each argument is a command;
 * prints one line for each class.
 */
public final class ExchangedHost {

    private static Loader loader;

    private ExchangedHost() {}

    public static void main(String[] commands) throws Exception {
        for (String command : commands) {
            String[] words = command.split(" ");
            switch (words[0]) {
                // lazily|memory|stream|directory|privileged FILE [CLAIMED]
                case "lazily", "memory", "stream", "directory", "privileged" ->
                    loader = new Loader(words[0], Path.of(words[1]), Path.of(words[words.length - 1]));
                case "open" -> new JarFile(words[1]).close();
                case "rename" -> Files.move(Path.of(words[1]), Path.of(words[2]), StandardCopyOption.REPLACE_EXISTING);
                case "overwrite" -> overwrite(Path.of(words[1]), Path.of(words[2]));
                case "load" -> System.out.println(Outcome.of(() -> Class.forName(words[1], true, loader)));
                // As older proxy generators do, by reflection.
                case "generate" -> System.out.println(Outcome.of(() -> generate(words[1], Path.of(words[2]))));
                default -> throw new IllegalArgumentException(command);
            }
        }
    }

    private static void overwrite(Path from, Path to) throws IOException {
        FileTime before = Files.getLastModifiedTime(to);
        Files.write(to, Files.readAllBytes(from));
        Files.setLastModifiedTime(to, before);
    }

    private static Class<?> generate(String name, Path from) throws Exception {
        Method define = ClassLoader.class.getDeclaredMethod(
                "defineClass", String.class, byte[].class, int.class, int.class, ProtectionDomain.class);
        define.setAccessible(true);
        byte[] bytes = Files.readAllBytes(from);
        return (Class<?>) define.invoke(loader, name, bytes, 0, bytes.length, loader.domain);
    }

    private static final class Loader extends ClassLoader {
        private final String way;
        private final Path file;
        private final JarFile archive;
        private final Map<String, byte[]> inMemory = new HashMap<>();
        private final ProtectionDomain domain;

        Loader(String way, Path file, Path claimed) throws IOException {
            super(null);
            this.way = way;
            this.file = file;
            this.domain = domainOf(claimed);
            boolean opened = !way.equals("directory") && !way.equals("stream");
            this.archive = opened ? new JarFile(file.toFile()) : null;
            if (way.equals("stream")) {
                try (ZipInputStream in = new ZipInputStream(new FileInputStream(file.toFile()))) {
                    for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                        inMemory.put(entry.getName(), in.readAllBytes());
                    }
                }
            }
            if (way.equals("memory")) {
                for (Enumeration<JarEntry> all = archive.entries(); all.hasMoreElements(); ) {
                    JarEntry entry = all.nextElement();
                    try (InputStream in = archive.getInputStream(entry)) {
                        inMemory.put(entry.getName(), in.readAllBytes());
                    }
                }
                archive.close();
            }
        }

        private ProtectionDomain domainOf(Path path) throws MalformedURLException {
            return new ProtectionDomain(new CodeSource(path.toUri().toURL(), (Certificate[]) null), null, this, null);
        }

        private byte[] read(String path) throws IOException {
            return switch (way) {
                case "memory", "stream" -> inMemory.get(path);
                case "directory" -> Files.readAllBytes(file.resolve(path));
                default -> {
                    try (InputStream in = archive.getInputStream(archive.getEntry(path))) {
                        yield in.readAllBytes();
                    }
                }
            };
        }

        @Override
        @SuppressWarnings("removal")
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes;
            try {
                bytes = read(name.replace('.', '/') + ".class");
            } catch (IOException | NullPointerException e) {
                throw new ClassNotFoundException(name, e);
            }
            if (way.equals("privileged")) {
                return AccessController.doPrivileged(new PrivilegedAction<Class<?>>() {
                    @Override
                    public Class<?> run() {
                        return defineClass(name, bytes, 0, bytes.length, domain);
                    }
                });
            }
            return defineClass(name, bytes, 0, bytes.length, domain);
        }
    }
}
