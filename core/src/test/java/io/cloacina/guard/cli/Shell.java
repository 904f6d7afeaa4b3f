// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs commands in this JVM as a user with a home of their own would. As an extension of a test it makes the home, and
 * removes it behind the test.
 */
public final class Shell implements AfterEachCallback {

    public static final Instant NOON = Instant.parse("2026-01-28T12:00:00.123456Z");
    public static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    public static final UUID OTHER_ORG = UUID.fromString("e0b9a4f2-7c11-4f6d-8a55-3d2c1b0a9f8e");

    public final Path home;
    public final Map<String, String> variables = new HashMap<>();
    public Instant now = NOON;
    public boolean terminal;

    /** With a new home. */
    public Shell() {
        this(newHome());
    }

    public Shell(Path home) {
        this.home = home;
        variables.put("CLOACINA_ORG_ID", ORG.toString());
        variables.put("CLOACINA_KEY_ENCRYPTION_KEY", "00112233445566778899aabbccddeeff".repeat(2));
    }

    private static Path newHome() {
        try {
            return Files.createTempDirectory("home");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        try (Stream<Path> all = Files.walk(home)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        }
    }

    /** Makes a signing key and trusts it; what {@code key create} says of it. */
    public Map<String, Object> createTrustedKey(String name) {
        Map<String, Object> key = run("key", "create", name, "--json").with(0).json();
        run("trust", "add", "--key", name).with(0);
        return key;
    }

    /** What came of a command. */
    public record Done(int status, String out, String err) {

        public Done with(int expected) {
            assertEquals(expected, status, () -> "out: " + out + "\nerr: " + err);
            return this;
        }

        public List<String> lines() {
            return out.lines().toList();
        }

        /** The only line of JSON. */
        public Map<String, Object> json() {
            assertEquals(1, lines().size(), out);
            return Shell.json(lines().get(0));
        }

        /** All lines of JSON. */
        public List<Map<String, Object>> jsons() {
            return lines().stream().map(Shell::json).toList();
        }
    }

    public Done run(Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] words = new String[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].toString();
        }
        CliEnvironment environment = environment(
                new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        int status = Cloacina.run(environment, words);
        return new Done(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    public CliEnvironment environment(PrintStream out, PrintStream err) {
        return new CliEnvironment(variables, home, out, err, terminal, Clock.fixed(now, ZoneOffset.UTC));
    }

    /** A new file in the home directory. */
    public Path file(String name, String content) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    /** A file with a random key encryption key, which nobody else may read. */
    public Path kekFile(String name) throws IOException {
        Path file = file(name, UUID.randomUUID().toString().substring(4));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    /** What a file adds to every event. */
    private static final List<String> ADDED =
            List.of("process_started_at", "process_configuration", "sequence", "previous_hash");

    /** What every event has, besides those that come first. */
    private static final List<String> COMMON = List.of("outcome", "severity", "host", "pid", "user");

    private static Map<String, Object> event(String line) {
        Map<String, Object> event = json(line);
        event.keySet().removeAll(ADDED);
        assertTrue(event.keySet().containsAll(COMMON), line);
        event.keySet().removeAll(COMMON);
        return event;
    }

    /** All events so far, oldest first, without what every one has and what the file adds. */
    public List<Map<String, Object>> events() {
        Path file = home.resolve(".cloacina/audit.jsonl");
        try {
            return Files.exists(file)
                    ? Files.readAllLines(file).stream().map(Shell::event).toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public List<Object> eventTypes() {
        return events().stream().map(event -> event.get("event_type")).toList();
    }

    public Map<String, Object> lastEvent() {
        List<Map<String, Object>> events = events();
        return events.get(events.size() - 1);
    }

    /** One object without nested ones, but for lists. */
    public static Map<String, Object> json(String line) {
        Map<String, Object> object = JsonLines.object(line);
        assertTrue(object.values().stream().noneMatch(value -> value instanceof Map), line);
        return object;
    }

    /**
     * The names of all that is below the home directory. SQLite removes its files beside the store once the last connection
     * is closed.
     */
    public List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        Files.walkFileTree(home, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path one, BasicFileAttributes attributes) {
                return named(one);
            }

            @Override
            public FileVisitResult visitFile(Path one, BasicFileAttributes attributes) {
                return named(one);
            }

            @Override
            public FileVisitResult visitFileFailed(Path one, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return named(one);
                }
                throw e;
            }

            private FileVisitResult named(Path one) {
                names.add(one.getFileName().toString());
                return FileVisitResult.CONTINUE;
            }
        });
        return names;
    }
}
