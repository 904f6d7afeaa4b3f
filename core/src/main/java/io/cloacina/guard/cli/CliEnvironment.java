// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a command sees of the process it runs in.
 *
 * @param variables environment variables
 * @param home the user's directory, which replaces {@code ~}
 * @param out for results
 * @param err for words to people
 * @param terminal whether {@code err} is a terminal, so that something may move there
 */
public record CliEnvironment(
        Map<String, String> variables, Path home, PrintStream out, PrintStream err, boolean terminal, Clock clock) {

    public CliEnvironment {
        variables = Map.copyOf(variables);
        Objects.requireNonNull(home);
        Objects.requireNonNull(out);
        Objects.requireNonNull(err);
        Objects.requireNonNull(clock);
    }

    static CliEnvironment ofProcess(PrintStream out, PrintStream err) {
        Map<String, String> variables = System.getenv();
        String home = variables.getOrDefault("HOME", "");
        return new CliEnvironment(
                variables,
                Path.of(home.isEmpty() ? System.getProperty("user.home", ".") : home),
                out,
                err,
                isErrTerminal(),
                Clock.systemUTC());
    }

    /** The variable's value; null if it is not set or empty. */
    public @Nullable String variable(String name) {
        String value = variables.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** The operating system's user who runs this; {@code uid:N} where that has no name, as in many a container. */
    static String user() {
        String name = System.getProperty("user.name");
        if (name != null && !name.isBlank() && !name.equals("?")) {
            return name;
        }
        try {
            return "uid:" + Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return "unknown";
        }
    }

    /** The text with {@code ~} or {@code ~/} at its beginning replaced by the user's directory. */
    public String withHome(String path) {
        return path.equals("~") || path.startsWith("~/") ? home + path.substring(1) : path;
    }

    /** Whether standard output is a pipe or a socket: then an error of it is that its reader is gone. */
    static boolean isOutPipe() {
        String target = linkOf("/proc/self/fd/1");
        return target.startsWith("pipe:") || target.startsWith("socket:");
    }

    private static String linkOf(String descriptor) {
        try {
            return Files.readSymbolicLink(Path.of(descriptor)).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    // Java knows of standard input and output together only; Linux knows of each descriptor.
    private static boolean isErrTerminal() {
        String target = linkOf("/proc/self/fd/2");
        if (!target.isEmpty()) {
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        }
        return isTerminal(System.console());
    }

    // From Java 22 on there is a Console without a terminal, too, and a method that tells.
    private static boolean isTerminal(@Nullable Console console) {
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
