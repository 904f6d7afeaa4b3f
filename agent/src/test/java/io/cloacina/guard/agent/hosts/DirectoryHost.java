// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.File;
import java.io.InputStream;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads from directories; says after each step how many events there are. */
public final class DirectoryHost {

    private static Path events;

    private DirectoryHost() {}

    /** {@code EVENTS WAY=DIRECTORY…} */
    public static void main(String[] arguments) throws Exception {
        events = Path.of(arguments[0]);
        for (int i = 1; i < arguments.length; i++) {
            String way = arguments[i].substring(0, arguments[i].indexOf('='));
            Path directory = Path.of(arguments[i].substring(arguments[i].indexOf('=') + 1));
            switch (way) {
                case "urls" -> urls(directory);
                case "replaced" -> replaced(directory);
                case "appearing" -> appearing(directory);
                case "resources" -> resources(directory);
                case "module" -> module(directory);
                case "own" -> own(directory);
                case "application" -> application();
                default -> throw new IllegalArgumentException(way);
            }
        }
    }

    private static long loads() throws Exception {
        try (var lines = Files.lines(events)) {
            return lines.filter(line -> line.contains("\"event_type\":\"package.load."))
                    .count();
        }
    }

    private static void tell(String what, Object outcome) throws Exception {
        System.out.println(what + " " + outcome + " " + loads());
    }

    private static URLClassLoader loader(Path directory) throws Exception {
        return new URLClassLoader(new URL[] {directory.toUri().toURL()}, DirectoryHost.class.getClassLoader());
    }

    private static String text(URL url) throws Exception {
        if (url == null) {
            return "none";
        }
        try (InputStream in = url.openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }

    /** Opening, asking for what is not there, and looking for directories comes before anything is read. */
    private static void urls(Path directory) throws Exception {
        URLClassLoader loader = loader(directory);
        tell("absent class", Outcome.of(() -> loader.loadClass("sample.Absent")).startsWith("FAILED"));
        tell("absent resource", loader.getResource("absent.txt"));
        tell("outside", loader.getResource("../" + directory.getFileName() + ".sig"));
        tell("itself", new File(loader.findResource("").toURI()).equals(directory.toFile()));
        tell("inner", new File(loader.getResource("sample").toURI()).equals(new File(directory.toFile(), "sample")));
        tell("within", Collections.list(loader.getResources("sample/")).size());
        tell("signature", loader.getResource("text.txt.sig"));
        tell("resource", loader.getResource("text.txt") != null);
        tell(
                "class",
                Outcome.of(() -> Class.forName("sample.Plugin", true, loader)).split(":")[0]);
        tell(
                "again",
                Outcome.of(() -> Class.forName("sample.Late", true, loader)).split(":")[0]);
    }

    /** Between opening and the first read, the classes are replaced by {@code DIRECTORY.evil}. */
    private static void replaced(Path directory) throws Exception {
        URLClassLoader loader = loader(directory);
        loader.getResource("absent.txt");
        loader.getResource("sample/");
        swap(directory);
        tell(
                "first read",
                Outcome.of(() -> Class.forName("sample.Plugin", true, loader)).split(":")[0]);
        swap(directory);
        URLClassLoader second = loader(directory);
        second.getResource("text.txt");
        swap(directory);
        // What was verified is what is loaded.
        tell(
                "later read",
                Outcome.of(() -> Class.forName("sample.Plugin", true, second)).split(":")[0]);
        swap(directory);
    }

    private static void swap(Path directory) throws Exception {
        Path other = Path.of(directory + ".evil");
        Path aside = Path.of(directory + ".aside");
        Files.move(directory, aside);
        Files.move(other, directory);
        Files.move(aside, other);
    }

    /** A directory comes only after it was opened and asked. */
    private static void appearing(Path directory) throws Exception {
        URL url = new URL(directory.toUri().toURL() + "/");
        URLClassLoader loader = new URLClassLoader(new URL[] {url}, DirectoryHost.class.getClassLoader());
        tell("nothing", loader.getResource("text.txt"));
        Files.move(Path.of(directory + ".new"), directory);
        tell(
                "appeared",
                Outcome.of(() -> Class.forName("sample.Plugin", true, loader)).split(":")[0]);
    }

    private static void resources(Path directory) throws Exception {
        URLClassLoader loader = loader(directory);
        tell("resource", text(loader.getResource("text.txt")));
        Files.writeString(directory.resolve("text.txt"), "edited");
        tell("edited", text(loader.getResource("text.txt")));
        tell(
                "class",
                Outcome.of(() -> Class.forName("sample.Plugin", true, loader)).split(":")[0]);
        tell(
                "again",
                Outcome.of(() -> Class.forName("sample.Plugin", true, loader)).split(":")[0]);
        tell(
                "other",
                Outcome.of(() -> Class.forName("sample.Late", true, loader)).split(":")[0]);
        tell("as resource", loader.getResource("sample/Plugin.class") != null);
        URLClassLoader second = loader(directory);
        tell(
                "class first",
                Outcome.of(() -> Class.forName("sample.Late", true, second)).split(":")[0]);
        tell("then resource", text(second.getResource("text.txt")));
    }

    private static void module(Path directory) throws Exception {
        ModuleFinder finder = ModuleFinder.of(directory);
        try (ModuleReader reader = finder.find("plugin").orElseThrow().open()) {
            tell(
                    "absent",
                    reader.find("absent.txt").isPresent()
                            || reader.open("absent.txt").isPresent());
            tell(
                    "resource",
                    Outcome.of(() -> reader.read("text.txt").orElseThrow()).split(":")[0]);
            tell(
                    "module class",
                    Outcome.of(() -> reader.open("sample/Plugin.class").orElseThrow())
                            .split(":")[0]);
        }
        try (ModuleReader reader = finder.find("plugin").orElseThrow().open()) {
            tell(
                    "list",
                    Outcome.of(() -> reader.list()
                                    .filter("text.txt"::equals)
                                    .findFirst()
                                    .orElseThrow())
                            .split(":")[0]);
        }
        Configuration configuration =
                ModuleLayer.boot().configuration().resolve(finder, ModuleFinder.of(), List.of("plugin"));
        ClassLoader layer = ModuleLayer.boot()
                .defineModulesWithOneLoader(configuration, null)
                .findLoader("plugin");
        tell(
                "layer",
                Outcome.of(() -> Class.forName("sample.Plugin", true, layer)).split(":")[0]);
    }

    /** As Tomcat's loader of {@code WEB-INF/classes} does. */
    private static final class Own extends ClassLoader {
        private final Path directory;

        Own(Path directory) {
            super(DirectoryHost.class.getClassLoader());
            this.directory = directory;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try {
                byte[] bytes = Files.readAllBytes(directory.resolve(name.replace('.', '/') + ".class"));
                CodeSource source = new CodeSource(directory.toUri().toURL(), (Certificate[]) null);
                return defineClass(name, bytes, 0, bytes.length, new ProtectionDomain(source, null));
            } catch (java.io.IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    private static void own(Path directory) throws Exception {
        Own loader = new Own(directory);
        tell("own made", loader.getClass().getSimpleName());
        tell(
                "own class",
                Outcome.of(() -> Class.forName("sample.Plugin", true, loader)).split(":")[0]);
        tell(
                "own again",
                Outcome.of(() -> Class.forName("sample.Late", true, loader)).split(":")[0]);
    }

    /** The class path of the JVM itself. */
    private static void application() throws Exception {
        List<String> found = new ArrayList<>();
        tell("started", "");
        ClassLoader loader = ClassLoader.getSystemClassLoader();
        found.add(String.valueOf(loader.getResource("absent.txt")));
        tell("asked", found);
        tell("read", text(loader.getResource("text.txt")));
        tell("read again", text(loader.getResource("text.txt")));
    }
}
