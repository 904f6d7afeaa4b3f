// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.SecureClassLoader;
import java.security.cert.Certificate;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Loads a package again and again, through loaders of several kinds, while another thread exchanges it for an evil one
 * and back. Ends with the good one in place, which must load then.
 */
public final class FlippingHost {

    private static final String CLASS = "sample.Plugin";
    private static final String[] FILES = {"sample/Plugin.class", "sample/Late.class", "text.txt"};

    private final Path good;
    private final Path evil;
    private final Path target;
    private final Path beside;
    private final Random random = new Random(20260128);

    private FlippingHost(Path good, Path evil, Path target) {
        this.good = good;
        this.evil = evil;
        this.target = target;
        this.beside = target.resolveSibling("beside");
    }

    /** {@code GOOD EVIL FOLDER LOADS WAY…}: GOOD is signed; for each way the outcomes are counted. */
    public static void main(String[] arguments) throws Exception {
        FlippingHost host =
                new FlippingHost(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2], "plugin.jar"));
        for (int i = 4; i < arguments.length; i++) {
            host.race(arguments[i], Integer.parseInt(arguments[3]));
        }
    }

    /** The same classes as a directory, which has a signature of its own. */
    private static Path folderOf(Path jar) {
        return jar.resolveSibling(jar.getFileName() + "-classes");
    }

    private static Path signature(Path file) {
        return file.resolveSibling(file.getFileName() + ".sig");
    }

    private void race(String way, int loads) throws Exception {
        clear(target);
        settle(way);
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong flips = new AtomicLong();
        Thread flipper = new Thread(() -> {
            try {
                while (!done.get()) {
                    flip(way);
                    flips.incrementAndGet();
                }
                settle(way);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        flipper.start();
        int loaded = 0;
        int refused = 0;
        for (int i = 0; i < loads; i++) {
            String outcome = Outcome.of(load(way, i));
            if (outcome.equals("LOADED")) {
                loaded++;
            } else if (outcome.startsWith("REFUSED")) {
                refused++;
            }
        }
        done.set(true);
        flipper.join();
        System.out.println(way + ": of " + loads + " loads during " + flips + " exchanges " + loaded + " were done and "
                + refused + " refused");
        for (int i = 0; i < 3; i++) {
            System.out.println(way + " at last " + Outcome.of(load(way, i)));
        }
    }

    private void flip(String way) throws IOException {
        Path source = random.nextBoolean() ? good : evil;
        switch (way) {
            case "rename" -> replace(source);
            case "overwrite" -> Files.write(target, Files.readAllBytes(source));
            case "link" -> link(source);
            case "absent" -> {
                Files.deleteIfExists(target);
                Files.copy(source, target);
            }
            case "signature" -> {
                replace(source);
                if (random.nextBoolean()) {
                    Files.deleteIfExists(signature(target));
                } else {
                    Files.copy(
                            signature(random.nextBoolean() ? good : evil),
                            signature(target),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
            case "folder" -> {
                Files.write(
                        target.resolve("sample/Plugin.class"),
                        Files.readAllBytes(folderOf(source).resolve("sample/Plugin.class")));
            }
            case "folder-link" -> link(folderOf(source));
            default -> throw new IllegalArgumentException(way);
        }
    }

    // Copies, not hard links: renaming one link of a file onto another does nothing.
    private void replace(Path source) throws IOException {
        Files.copy(source, beside);
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private void link(Path source) throws IOException {
        Files.createSymbolicLink(beside, source);
        Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The good package, with its signature beside it. */
    private void settle(String way) throws IOException {
        if (way.startsWith("folder")) {
            if (way.equals("folder")) {
                Files.createDirectories(target.resolve("sample"));
                for (String file : FILES) {
                    Files.copy(folderOf(good).resolve(file), target.resolve(file), StandardCopyOption.REPLACE_EXISTING);
                }
            } else {
                link(folderOf(good));
            }
            Files.copy(signature(folderOf(good)), signature(target), StandardCopyOption.REPLACE_EXISTING);
        } else {
            replace(good);
            Files.copy(signature(good), signature(target), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void clear(Path target) throws IOException {
        if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            for (String file : FILES) {
                Files.delete(target.resolve(file));
            }
            Files.delete(target.resolve("sample"));
        }
        Files.deleteIfExists(target);
    }

    private Callable<?> load(String way, int number) {
        if (way.startsWith("folder")) {
            // A directory that is a link may change between the calls of one load; the URL must say that it is a
            // directory.
            return () -> byUrl(java.net
                    .URI
                    .create(target.toUri().toString().replaceAll("/?$", "/"))
                    .toURL());
        }
        return switch (number % 3) {
            case 0 -> () -> byUrl(target.toUri().toURL());
            case 1 -> this::byOwnLoader;
            default -> this::byModule;
        };
    }

    private static Object byUrl(URL url) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {url}, null)) {
            return Class.forName(CLASS, true, loader);
        }
    }

    private Object byOwnLoader() throws Exception {
        return Class.forName(CLASS, true, new OwnLoader(target));
    }

    private Object byModule() throws Exception {
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration =
                boot.configuration().resolve(ModuleFinder.of(target), ModuleFinder.of(), Set.of("plugin"));
        return Class.forName(
                CLASS,
                true,
                boot.defineModulesWithOneLoader(configuration, null).findLoader("plugin"));
    }

    /** Opens the JAR itself and defines what it reads. */
    static final class OwnLoader extends SecureClassLoader {
        private final Path jar;

        OwnLoader(Path jar) {
            super(null);
            this.jar = jar;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                ZipEntry entry = zip.getEntry(name.replace('.', '/') + ".class");
                if (entry == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes;
                try (InputStream in = zip.getInputStream(entry)) {
                    bytes = in.readAllBytes();
                }
                CodeSource source = new CodeSource(jar.toUri().toURL(), (Certificate[]) null);
                return defineClass(name, bytes, 0, bytes.length, new ProtectionDomain(source, null, this, null));
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
