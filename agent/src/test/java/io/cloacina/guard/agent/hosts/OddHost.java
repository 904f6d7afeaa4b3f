// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.InputStream;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.jar.JarFile;

/** Does with class paths what hosts rarely do, one thing after the other; each argument is what to do. */
public final class OddHost {

    private OddHost() {}

    /** {@code WAY=VALUE…} */
    public static void main(String[] arguments) throws Exception {
        for (String argument : arguments) {
            String way = argument.substring(0, argument.indexOf('='));
            String value = argument.substring(argument.indexOf('=') + 1);
            Outcome.print(way, load(way, value));
        }
    }

    private static Callable<?> load(String way, String value) {
        // What stands before a dash names the case, what follows it is what to do.
        return switch (way.substring(way.indexOf('-') + 1)) {
            case "url" ->
                () -> initialise(new URLClassLoader(new URL[] {URI.create(value).toURL()}));
            case "instance" ->
                () -> initialise(
                        URLClassLoader.newInstance(new URL[] {URI.create(value).toURL()}));
            case "added" ->
                () -> {
                    Adding loader = new Adding();
                    loader.addURL(URI.create(value).toURL());
                    return initialise(loader);
                };
            case "service" ->
                () -> ServiceLoader.load(
                                Runnable.class,
                                new URLClassLoader(new URL[] {URI.create(value).toURL()}))
                        .iterator()
                        .next();
            case "version" ->
                () -> {
                    Class<?> plugin = initialise(
                            new URLClassLoader(new URL[] {URI.create(value).toURL()}));
                    System.out.println(plugin.getMethod("version").invoke(null));
                    return plugin;
                };
            case "layer" ->
                () -> {
                    ModuleFinder finder = ModuleFinder.of(Path.of(value));
                    Configuration configuration = ModuleLayer.boot()
                            .configuration()
                            .resolve(finder, ModuleFinder.of(), List.of("text.module"));
                    return ModuleLayer.boot().defineModulesWithOneLoader(configuration, null);
                };
            case "later" -> () -> appearing(Path.of(value));
            case "replaced" -> () -> replaced(Path.of(value), false);
            case "updated" -> () -> replaced(Path.of(value), true);
            case "read" -> () -> read(Path.of(value));
            case "scanned" -> () -> scanned(Path.of(value));
            default -> throw new IllegalArgumentException(way);
        };
    }

    private static Class<?> initialise(ClassLoader loader) throws ClassNotFoundException {
        return Class.forName("sample.Plugin", true, loader);
    }

    /** A loader is made and used while there is nothing at {@code path}; then what lies at {@code path.new} comes there. */
    private static Class<?> appearing(Path path) throws Exception {
        boolean folder = Files.isDirectory(Path.of(path + ".new"));
        URL url = URI.create(path.toUri() + (folder ? "/" : "")).toURL();
        URLClassLoader early = new URLClassLoader(new URL[] {url});
        String before = Outcome.of(() -> initialise(early));
        Files.move(Path.of(path + ".new"), path);
        String after = Outcome.of(() -> Class.forName("sample.Late", true, early));
        // A directory is decided on when something is first read from it; what is missing is never looked for again.
        if (before.equals("LOADED") || !folder && after.equals("LOADED")) {
            throw new IllegalStateException("early " + before + ", " + after);
        }
        return initialise(new URLClassLoader(new URL[] {url}));
    }

    /** Version 1 is loaded from {@code path}, then version 2 ({@code path.2}) put there. */
    private static List<String> replaced(Path path, boolean close) throws Exception {
        List<String> versions = new ArrayList<>();
        URL[] urls = {path.toUri().toURL()};
        URLClassLoader first = new URLClassLoader(urls);
        versions.add(version(first));
        if (close) {
            first.close();
        }
        for (String suffix : new String[] {"", ".sig"}) {
            Files.move(Path.of(path + ".2" + suffix), Path.of(path + suffix), StandardCopyOption.REPLACE_EXISTING);
        }
        try (URLClassLoader second = new URLClassLoader(urls)) {
            versions.add(version(second));
        }
        if (!close) {
            // The old loader goes on with what it began with.
            versions.add(String.valueOf(Class.forName("sample.More", true, first)
                    .getMethod("version")
                    .invoke(null)));
        }
        if (!versions.equals(close ? List.of("1", "2") : List.of("1", "2", "1"))) {
            throw new IllegalStateException("versions " + versions);
        }
        return versions;
    }

    private static String version(ClassLoader loader) throws Exception {
        return String.valueOf(initialise(loader).getMethod("version").invoke(null));
    }

    /** Resources while the package is loaded, by each of the JDK's ways; they are those of the verified copy. */
    private static Object read(Path path) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {path.toUri().toURL()})) {
            initialise(loader);
            Path evil = Path.of(path + ".evil");
            Files.move(evil, path, StandardCopyOption.REPLACE_EXISTING);
            List<String> texts = new ArrayList<>();
            try (InputStream in = loader.getResourceAsStream("text.txt")) {
                texts.add(text(in));
            }
            URL url = URI.create("jar:" + path.toUri() + "!/text.txt").toURL();
            JarURLConnection connection = (JarURLConnection) url.openConnection();
            connection.setUseCaches(false);
            try (InputStream in = connection.getInputStream()) {
                texts.add(text(in));
            }
            try (JarFile jar = new JarFile(path.toFile());
                    InputStream in = jar.getInputStream(jar.getEntry("text.txt"))) {
                texts.add(text(in));
                if (!jar.getName().equals(path.toString())) {
                    throw new IllegalStateException("name " + jar.getName());
                }
            }
            URL source =
                    initialise(loader).getProtectionDomain().getCodeSource().getLocation();
            if (!texts.equals(List.of("good", "good", "good"))
                    || !source.equals(path.toUri().toURL())) {
                throw new IllegalStateException("texts " + texts + " of " + source);
            }
            return texts;
        }
    }

    /** A package in use is replaced by what lies at {@code path.evil}, and then read by a host that watches its files. */
    private static Object scanned(Path path) throws Exception {
        URLClassLoader loader = new URLClassLoader(new URL[] {path.toUri().toURL()});
        Class<?> plugin = initialise(loader);
        Files.move(Path.of(path + ".evil"), path, StandardCopyOption.REPLACE_EXISTING);
        for (int i = 0; i < 50; i++) {
            try (JarFile jar = new JarFile(path.toFile());
                    InputStream in = jar.getInputStream(jar.getEntry("text.txt"))) {
                if (!text(in).equals("good")) {
                    throw new IllegalStateException("another text than that of the verified copy");
                }
            }
        }
        return plugin;
    }

    private static String text(InputStream in) throws Exception {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static final class Adding extends URLClassLoader {
        Adding() {
            super(new URL[0]);
        }

        @Override
        protected void addURL(URL url) {
            super.addURL(url);
        }
    }
}
