// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Starts a JVM with the packaged agent jar in front, and tells what became of it. */
public final class GuardedJvm {

    /** Far longer than any of them takes; a JVM that hangs is a failure, not a wait. */
    private static final long LIMIT_SECONDS = 120;

    private final Jdk jdk;
    private final Path directory;
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<String> options = new ArrayList<>();
    private final List<String> classPath = new ArrayList<>();
    private final List<String> prefix = new ArrayList<>();
    private String agentOption = "-javaagent:" + agentJar();
    private boolean agentLast;

    /** @param directory where output and events of the JVM are kept */
    GuardedJvm(Jdk jdk, Path directory) {
        this.jdk = jdk;
        this.directory = directory;
        this.classPath.add(testClasses().toString());
        set("cloacina.audit", "file:" + events());
    }

    public static Path agentJar() {
        Path jar = module().resolve("target/cloacina-guard.jar");
        assertTrue(Files.isRegularFile(jar), () -> jar + " is made by the package phase");
        return jar;
    }

    public static Path module() {
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    }

    static Path testClasses() {
        return module().resolve("target/test-classes");
    }

    private Path events() {
        return directory.resolve("events.jsonl");
    }

    GuardedJvm set(String property, Object value) {
        properties.put(property, value.toString());
        return this;
    }

    GuardedJvm unset(String property) {
        properties.remove(property);
        return this;
    }

    GuardedJvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    GuardedJvm option(String option) {
        options.add(option);
        return this;
    }

    GuardedJvm classPath(Object... elements) {
        for (Object element : elements) {
            classPath.add(element.toString());
        }
        return this;
    }

    GuardedJvm onlyClassPath(Object... elements) {
        classPath.clear();
        return classPath(elements);
    }

    GuardedJvm agent(Path jar) {
        agentOption = "-javaagent:" + jar;
        return this;
    }

    /** The JVM is started by another program: {@code words} come before its own command line. */
    GuardedJvm startedBy(String... words) {
        prefix.addAll(List.of(words));
        return this;
    }

    /** Puts the guard behind all other options, and so behind all other agents. */
    GuardedJvm agentLast() {
        agentLast = true;
        return this;
    }

    GuardedJvm agentArguments(String arguments) {
        agentOption += "=" + arguments;
        return this;
    }

    GuardedJvm withoutAgent() {
        agentOption = null;
        return this;
    }

    private List<String> command(String main, Object... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(jdk.java().toString());
        if (agentOption != null) {
            if (!agentLast) {
                command.add(agentOption);
            }
            properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
        }
        command.addAll(options);
        if (agentOption != null && agentLast) {
            command.add(agentOption);
        }
        if (main.endsWith(".jar")) {
            command.add("-jar");
        } else {
            command.add("-cp");
            command.add(String.join(File.pathSeparator, classPath));
        }
        command.add(main);
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    /** Runs {@code main} to its end. */
    Result run(Class<?> main, Object... arguments) throws IOException, InterruptedException {
        return run(main.getName(), arguments);
    }

    /** Runs {@code main}, a class or the path of a JAR to be run with {@code -jar}, to its end. */
    Result run(String main, Object... arguments) throws IOException, InterruptedException {
        Path out = directory.resolve("out.txt");
        Path err = directory.resolve("err.txt");
        Files.deleteIfExists(events());
        ProcessBuilder builder = new ProcessBuilder(command(main, arguments))
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("CLOACINA_") || name.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            fail("the JVM hangs: " + String.join(" ", builder.command()) + "\n" + Files.readString(err));
        }
        return new Result(
                process.exitValue(),
                Files.readString(out),
                Files.readString(err),
                Files.exists(events()) ? Files.readAllLines(events()) : List.of());
    }

    /** Starts {@code main}, to talk with it line by line. */
    Running start(Class<?> main, Object... arguments) throws IOException {
        Files.deleteIfExists(events());
        return new Running(builder(main.getName(), arguments)
                .redirectError(directory.resolve("err.txt").toFile())
                .start());
    }

    private ProcessBuilder builder(String main, Object... arguments) {
        ProcessBuilder builder = new ProcessBuilder(command(main, arguments)).directory(directory.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("CLOACINA_") || name.equals("JAVA_TOOL_OPTIONS"));
        builder.environment().putAll(environment);
        return builder;
    }

    /** A JVM that answers lines with lines; closing it ends its input, and it with that. */
    static final class Running implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final Writer in;

        Running(Process process) {
            this.process = process;
            this.out = process.inputReader(StandardCharsets.UTF_8);
            this.in = process.outputWriter(StandardCharsets.UTF_8);
        }

        /** Ends it as {@code kill -9} does. */
        void kill() {
            process.destroyForcibly()
                    .onExit()
                    .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                    .join();
        }

        long pid() {
            return process.pid();
        }

        void send(String line) throws IOException {
            in.write(line + "\n");
            in.flush();
        }

        /** The next line, or an explanation instead of it when there is none within the limit. */
        String next() throws Exception {
            return CompletableFuture.supplyAsync(() -> {
                        try {
                            return String.valueOf(out.readLine());
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }

        void expect(String line) throws Exception {
            assertEquals(line, next());
        }

        @Override
        public void close() throws IOException {
            in.close();
            process.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
            assertEquals(0, process.exitValue());
        }
    }

    /**
     * What became of a JVM.
     *
     * @param lines of its audit log
     */
    record Result(int status, String out, String err, List<String> lines) {

        List<LoggedEvent> events() {
            return LoggedEvent.parse(lines);
        }

        List<LoggedEvent> events(String type) {
            return LoggedEvent.ofType(type, events());
        }

        /** The only event of a type. */
        LoggedEvent event(String type) {
            List<LoggedEvent> found = events(type);
            assertEquals(1, found.size(), () -> type + " in " + this);
            return found.get(0);
        }

        @Override
        public String toString() {
            return "status " + status + "\n--- out\n" + out + "--- err\n" + err + "--- events\n"
                    + String.join("\n", lines);
        }
    }
}
