// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.InvocationTargetException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** Says of the evil class {@code sample.Plugin} that it came from where it did not. */
public final class ForgingHost {

    private static final String PLUGIN = "sample.Plugin";

    private ForgingHost() {}

    /** {@code EVIL_JAR GOOD_JAR WAY…}: the evil JAR has the class beside it, in {@code EVIL_JAR-classes}. */
    public static void main(String[] arguments) throws Exception {
        Path evil = Path.of(arguments[0]);
        Path good = Path.of(arguments[1]);
        byte[] bytes = Files.readAllBytes(Path.of(evil + "-classes").resolve("sample/Plugin.class"));
        for (int i = 2; i < arguments.length; i++) {
            String way = arguments[i];
            Outcome.print(way, () -> load(way, evil, good, bytes));
        }
    }

    private static Object load(String way, Path evil, Path good, byte[] bytes) throws Exception {
        switch (way) {
            case "jdk-domain":
                return new Own().define(bytes, new URL("jrt:/java.base"));
            case "in-memory":
                return new Own().define(bytes, new URL("file:/scripts-in-memory/script"));
            case "deleted":
                return new Own().define(bytes, new URL(evil.toUri() + ".deleted"));
            case "jdk-module":
                return module(URI.create("jrt:/java.base"), bytes);
            case "foreign-module":
                return module(good.toUri(), bytes);
            case "real-jdk-module":
                return realModule();
            case "forged-entry":
                // A URL of a directory inside the good JAR, whose own handler gives other bytes.
                return initialise(new URLClassLoader(
                        new URL[] {new URL(null, "jar:" + good.toUri() + "!/", new Handler(bytes))}, null));
            case "decoy":
                return throughHandler(() -> {
                    new JarFile(good.toFile()).close();
                    return new JarFile(evil.toFile());
                });
            case "early":
                JarFile early = new JarFile(evil.toFile());
                return throughHandler(() -> {
                    new JarFile(good.toFile()).close();
                    return early;
                });
            case "subclass":
                JarFile other = new JarFile(evil.toFile());
                return throughHandler(() -> new Redirecting(good, other));
            case "honest":
                return throughHandler(() -> new JarFile(good.toFile()));
            case "handle-proxy":
                MethodHandle define = MethodHandles.lookup()
                        .findVirtual(
                                MethodHandles.Lookup.class,
                                "defineClass",
                                MethodType.methodType(Class.class, byte[].class))
                        .bindTo(MethodHandles.lookup());
                @SuppressWarnings("unchecked")
                UnaryOperator<Object> proxy = MethodHandleProxies.asInterfaceInstance(
                        UnaryOperator.class, define.asType(MethodType.methodType(Object.class, Object.class)));
                return proxy.apply(Files.readAllBytes(
                        Path.of(evil + "-classes").resolve("io/cloacina/guard/agent/hosts/Generated.class")));
            default:
                return foreign(way);
        }
    }

    private static Class<?> initialise(ClassLoader loader) throws ClassNotFoundException {
        return Class.forName(PLUGIN, true, loader);
    }

    private static final class Own extends ClassLoader {
        Own() {
            super(null);
        }

        Class<?> define(byte[] bytes, URL origin) throws ClassNotFoundException {
            CodeSource source = new CodeSource(origin, (Certificate[]) null);
            defineClass(PLUGIN, bytes, 0, bytes.length, new ProtectionDomain(source, null));
            return Class.forName(PLUGIN, true, this);
        }
    }

    private static Class<?> module(URI location, byte[] bytes) throws ClassNotFoundException {
        ModuleDescriptor descriptor =
                ModuleDescriptor.newModule("forged").packages(Set.of("sample")).build();
        ModuleReference reference = new ModuleReference(descriptor, location) {
            @Override
            public ModuleReader open() {
                return new OneClass(bytes);
            }
        };
        ModuleFinder finder = new ModuleFinder() {
            @Override
            public Optional<ModuleReference> find(String name) {
                return name.equals("forged") ? Optional.of(reference) : Optional.empty();
            }

            @Override
            public Set<ModuleReference> findAll() {
                return Set.of(reference);
            }
        };
        ModuleLayer boot = ModuleLayer.boot();
        return initialise(boot.defineModulesWithOneLoader(
                        boot.configuration().resolve(finder, ModuleFinder.of(), Set.of("forged")), null)
                .findLoader("forged"));
    }

    private record OneClass(byte[] bytes) implements ModuleReader {
        @Override
        public Optional<URI> find(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<InputStream> open(String name) {
            return name.equals("sample/Plugin.class") ? Optional.of(new ByteArrayInputStream(bytes)) : Optional.empty();
        }

        @Override
        public Stream<String> list() {
            return Stream.of("sample/Plugin.class");
        }

        @Override
        public void close() {}
    }

    /** A module of the JDK, loaded once more in a layer of its own. */
    private static Class<?> realModule() throws ClassNotFoundException {
        ModuleReference reference = ModuleFinder.ofSystem().find("jdk.jartool").orElseThrow();
        ModuleFinder finder = new ModuleFinder() {
            @Override
            public Optional<ModuleReference> find(String name) {
                return name.equals("jdk.jartool") ? Optional.of(reference) : Optional.empty();
            }

            @Override
            public Set<ModuleReference> findAll() {
                return Set.of(reference);
            }
        };
        ModuleLayer boot = ModuleLayer.boot();
        ClassLoader loader = boot.defineModulesWithOneLoader(
                        boot.configuration().resolve(finder, ModuleFinder.of(), Set.of("jdk.jartool")), null)
                .findLoader("jdk.jartool");
        Class<?> main = Class.forName("sun.tools.jar.Main", true, loader);
        if (main.getClassLoader() != loader) {
            throw new IllegalStateException("it was not loaded anew");
        }
        return main;
    }

    /** Gives the same bytes for whatever it is asked. */
    private static final class Handler extends URLStreamHandler {
        private final byte[] bytes;

        Handler(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        protected URLConnection openConnection(URL url) {
            return new URLConnection(url) {
                @Override
                public void connect() {}

                @Override
                public InputStream getInputStream() {
                    return new ByteArrayInputStream(bytes);
                }
            };
        }
    }

    private interface Opening {
        JarFile open() throws IOException;
    }

    /** The class path's archives are opened by a handler of the host's own. */
    private static Class<?> throughHandler(Opening opening) throws Exception {
        URLStreamHandler own = new Handler(new byte[0]);
        URLStreamHandler jar = new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) throws IOException {
                return new JarURLConnection(new URL("jar:file:/some.jar!/")) {
                    @Override
                    public void connect() {}

                    @Override
                    public JarFile getJarFile() throws IOException {
                        return opening.open();
                    }
                };
            }
        };
        return initialise(new URLClassLoader(
                new URL[] {new URL(null, "own:/some.jar", own)},
                null,
                protocol -> protocol.equals("jar") ? jar : protocol.equals("own") ? own : null));
    }

    /** An archive that was opened on one file, and is read from another. */
    private static final class Redirecting extends JarFile {
        private final JarFile other;

        Redirecting(Path good, JarFile other) throws IOException {
            super(good.toFile());
            this.other = other;
        }

        @Override
        public JarEntry getJarEntry(String name) {
            return other.getJarEntry(name);
        }

        @Override
        public ZipEntry getEntry(String name) {
            // The constructor of the superclass asks as well.
            return other == null ? null : other.getEntry(name);
        }

        @Override
        public InputStream getInputStream(ZipEntry entry) {
            try {
                return other.getInputStream(entry);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** {@code SymbolLookup.libraryLookup}, which Java 17 does not have yet. */
    private static Object foreign(String library) throws Exception {
        Class<?> arena = Class.forName("java.lang.foreign.Arena");
        try {
            return Class.forName("java.lang.foreign.SymbolLookup")
                    .getMethod("libraryLookup", String.class, arena)
                    .invoke(null, library, arena.getMethod("global").invoke(null));
        } catch (InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }
}
