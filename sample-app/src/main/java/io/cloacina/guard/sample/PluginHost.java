// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Loads every plugin of a folder, lets it greet, and logs a line for it: {@code loaded} and what it said, or
 * {@code refused} or {@code broken} and why. {@code logback.xml} has the lines on standard output, as they are.
 */
public final class PluginHost {

    private static final Pattern JAR = Pattern.compile("(?<name>.+)\\.jar");
    private static final Pattern LIBRARY = Pattern.compile(".+\\.(so|dylib|dll)");
    private static final String PLUGIN_PACKAGE = "io.cloacina.guard.sample.plugins.";

    private final Logger log;
    private final String guest;

    PluginHost(Logger log, String guest) {
        this.log = log;
        this.guest = guest;
    }

    @AllowedCall("the host is a command-line program: misuse goes to standard error and the exit status")
    public static void main(String[] args) throws IOException {
        if (args.length != 1 || !Files.isDirectory(Path.of(args[0]))) {
            System.err.println("usage: java -jar sample-host.jar PLUGIN_FOLDER");
            System.exit(2);
        }
        new PluginHost(LoggerFactory.getLogger(PluginHost.class), "Ada").run(Path.of(args[0]));
    }

    void run(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> entries = Files.list(folder)) {
            files = entries.sorted().toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (JAR.matcher(name).matches() || LIBRARY.matcher(name).matches()) {
                String report = report(file);
                String padded = String.format(Locale.ROOT, "%-18s", name);
                log.atLevel(level(report)).log("{} {}", padded, report);
            }
        }
    }

    private static Level level(String report) {
        return report.startsWith("loaded") ? Level.INFO : report.startsWith("refused") ? Level.WARN : Level.ERROR;
    }

    /** One bad plugin must not take the good ones down: what it throws ends here, as a line for the reader. */
    private String report(Path plugin) {
        try {
            return "loaded   " + greet(plugin);
        } catch (VirtualMachineError notThePluginAlone) {
            throw notThePluginAlone;
        } catch (Throwable failure) {
            return Failure.describe(failure);
        }
    }

    private String greet(Path plugin) throws IOException, ReflectiveOperationException {
        var jar = JAR.matcher(plugin.getFileName().toString());
        if (!jar.matches()) {
            return new NativeGreeter(plugin).greet(guest);
        }
        URL[] classPath = {plugin.toUri().toURL()};
        try (var loader = new URLClassLoader(classPath, PluginHost.class.getClassLoader())) {
            Optional<Greeter> provided =
                    ServiceLoader.load(Greeter.class, loader).findFirst();
            // A JAR that may not be loaded shows up here as one without a provider, and ServiceLoader has no place for
            // a reason. Asking for the class by its name does: the ClassNotFoundException carries it.
            Greeter greeter = provided.isPresent() ? provided.get() : byConvention(loader, jar.group("name"));
            return greeter.greet(guest);
        }
    }

    /** {@code butler.jar} holds the class {@code Butler}. */
    private static Greeter byConvention(ClassLoader loader, String jarName) throws ReflectiveOperationException {
        String simpleName = jarName.substring(0, 1).toUpperCase(Locale.ROOT) + jarName.substring(1);
        return loader.loadClass(PLUGIN_PACKAGE + simpleName)
                .asSubclass(Greeter.class)
                .getDeclaredConstructor()
                .newInstance();
    }
}
