// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** Has code loaded under the name of something else. */
public final class NamingHost {

    private static final String PLUGIN = "sample.Plugin";

    private NamingHost() {}

    /** {@code EVIL_JAR GOOD_JAR WAY…}. */
    public static void main(String[] arguments) throws Exception {
        Path evil = Path.of(arguments[0]);
        Path good = Path.of(arguments[1]);
        for (int i = 2; i < arguments.length; i++) {
            String way = arguments[i];
            Outcome.print(way, () -> load(way, evil, good));
        }
    }

    private static Object load(String way, Path evil, Path good) throws Exception {
        switch (way) {
            case "same-name":
                return sameName(evil, good);
            case "own-class":
                return new Own().define(Files.readAllBytes(Path.of(good + "-classes/sample/Plugin.class")), good);
            case "other-class":
                return new Own().define(Files.readAllBytes(Path.of(evil + "-classes/sample/Plugin.class")), good);
            case "own-reader":
                Class.forName(
                        PLUGIN, true, new URLClassLoader(new URL[] {good.toUri().toURL()}, null));
                return Class.forName(PLUGIN, true, layer(new Reading(good)));
            case "zip-module":
                try (FileSystem zip = FileSystems.newFileSystem(good, (ClassLoader) null)) {
                    return Class.forName(PLUGIN, true, layer(zip.getPath("/")));
                }
            case "module-lookup":
                Class<?> plugin = Class.forName(PLUGIN, true, layer(good));
                NamingHost.class.getModule().addReads(plugin.getModule());
                return MethodHandles.privateLookupIn(plugin, MethodHandles.lookup())
                        .defineClass(Files.readAllBytes(Path.of(good + "-generated/sample/Generated.class")));
            default:
                throw new IllegalArgumentException(way);
        }
    }

    private static ClassLoader layer(Path path) {
        return layer(ModuleFinder.of(path));
    }

    private static ClassLoader layer(ModuleFinder finder) {
        Configuration configuration =
                ModuleLayer.boot().configuration().resolve(finder, ModuleFinder.of(), Set.of("plugin"));
        return ModuleLayer.boot()
                .defineModulesWithOneLoader(configuration, null)
                .findLoader("plugin");
    }

    /** An archive that was opened while the evil file had the name, and is handed over once the good one has it. */
    private static Object sameName(Path evil, Path good) throws Exception {
        Path named = good.resolveSibling("named.jar");
        Files.copy(evil, named);
        JarFile early = new JarFile(named.toFile());
        Files.move(Files.copy(good, good.resolveSibling("new")), named, StandardCopyOption.ATOMIC_MOVE);
        Files.copy(Path.of(good + ".sig"), Path.of(named + ".sig"));
        URLStreamHandler jar = new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) throws IOException {
                return new JarURLConnection(new URL("jar:file:/named!/")) {
                    @Override
                    public JarFile getJarFile() throws IOException {
                        new JarFile(named.toFile());
                        return early;
                    }

                    @Override
                    public void connect() {}
                };
            }
        };
        URLStreamHandler mine = new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) {
                throw new IllegalStateException("only jar: is opened");
            }
        };
        URL[] roots = {new URL(null, "mine:/named.jar", mine)};
        return Class.forName(PLUGIN, true, new URLClassLoader(roots, null, name -> name.equals("jar") ? jar : null));
    }

    /** Finds the module of a JAR, and reads it without the JDK's reader. */
    private record Reading(Path jar) implements ModuleFinder {
        @Override
        public Optional<ModuleReference> find(String name) {
            return name.equals("plugin") ? Optional.of(reference()) : Optional.empty();
        }

        @Override
        public Set<ModuleReference> findAll() {
            return Set.of(reference());
        }

        private ModuleReference reference() {
            return new ModuleReference(
                    ModuleFinder.of(jar).find("plugin").orElseThrow().descriptor(), jar.toUri()) {
                @Override
                public ModuleReader open() {
                    return new FolderReader(Path.of(jar + "-classes"));
                }
            };
        }
    }

    private record FolderReader(Path classes) implements ModuleReader {
        @Override
        public Optional<URI> find(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<InputStream> open(String name) throws IOException {
            return Optional.of(Files.newInputStream(classes.resolve(name)));
        }

        @Override
        public Stream<String> list() {
            return Stream.empty();
        }

        @Override
        public void close() {}
    }

    private static final class Own extends ClassLoader {
        Own() {
            super(null);
        }

        Class<?> define(byte[] bytes, Path origin) throws Exception {
            CodeSource source = new CodeSource(origin.toUri().toURL(), (Certificate[]) null);
            defineClass(PLUGIN, bytes, 0, bytes.length, new ProtectionDomain(source, null));
            return Class.forName(PLUGIN, true, this);
        }
    }
}
