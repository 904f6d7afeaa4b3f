// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.forked.LoggedEvent;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The way of one host from its first start under the guard to enforcement, as the README tells it: audit mode, the report,
 * what the report says pasted into a shell, and enforcement.
 */
final class Rollout {

    /** Printed commands are run by a shell that knows the word for the guard's command line. */
    private static final String SHELL = "set -e\ncloacina() { java -jar '%s' \"$@\"; }\n";

    private static final long LIMIT_SECONDS = 240;

    private final Jdk jdk;
    private final Path directory;
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> settings = new ArrayList<>();
    private Path events;

    /** @param directory for the trust store, events and what the host keeps */
    Rollout(Jdk jdk, Path directory) throws Exception {
        this.jdk = jdk;
        this.directory = directory;
        environment.put("CLOACINA_DATABASE_URL", "sqlite://" + directory.resolve("trust.db"));
        environment.put("CLOACINA_ORG_ID", "6f1c1c5e-0b53-4f6e-9d36-0a4ea7a5f3c1");
        environment.put("CLOACINA_AUDIT", "file:" + directory.resolve("commands.jsonl"));
        environment.put("CLOACINA_KEY_ENCRYPTION_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
        environment.put("JAVA_HOME", jdk.home().toString());
        environment.put("PATH", jdk.home().resolve("bin") + File.pathSeparator + System.getenv("PATH"));
        shell("cloacina key create release; cloacina trust add --key release", 0);
    }

    Path directory() {
        return directory;
    }

    Jdk jdk() {
        return jdk;
    }

    /** A setting of the guard beyond the mode, for all later starts. */
    Rollout set(String property, Object value) {
        settings.add("-D" + property + "=" + value);
        return this;
    }

    /** The JVM's options for the next start in audit mode. */
    List<String> audit() throws IOException {
        return options("audit", false);
    }

    /** The JVM's options for the next enforcing start. */
    List<String> enforce() throws IOException {
        return options("enforcing", true);
    }

    private List<String> options(String name, boolean enforcing) throws IOException {
        events = Files.createTempFile(directory, name, ".jsonl");
        List<String> options = new ArrayList<>(List.of(
                "-javaagent:" + GuardedJvm.agentJar(),
                "-Dcloacina.require_signatures=" + enforcing,
                "-Dcloacina.database_url=" + environment.get("CLOACINA_DATABASE_URL"),
                "-Dcloacina.verification_org_id=" + environment.get("CLOACINA_ORG_ID"),
                "-Dcloacina.audit=file:" + events));
        options.addAll(settings);
        return options;
    }

    /** Starts the host by its own script, in {@code work}, with {@code variables} for its environment. */
    RunningHost start(Path work, Map<String, String> variables, Object... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Arrays.stream(command).map(Object::toString).toList())
                .directory(work.toFile())
                .redirectErrorStream(true);
        Map<String, String> all = builder.environment();
        all.keySet().removeIf(name -> name.startsWith("CLOACINA_") || name.matches("JAVA_.*OPTIONS|MAVEN_.*"));
        all.put("JAVA_HOME", environment.get("JAVA_HOME"));
        all.put("PATH", environment.get("PATH"));
        all.putAll(variables);
        return new RunningHost(builder.start());
    }

    /** Starts the host by {@code java}, in {@code work}. */
    RunningHost start(Path work, List<String> options, Object... arguments) throws IOException {
        List<Object> command = new ArrayList<>();
        command.add(jdk.java());
        command.addAll(options);
        command.addAll(List.of(arguments));
        return start(work, Map.of(), command.toArray());
    }

    /** Runs a command line of the guard, as a person would type it. */
    String shell(String script, int status) throws Exception {
        Path output = Files.createTempFile(directory, "shell", ".txt");
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", SHELL.formatted(GuardedJvm.agentJar()) + script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CLOACINA_"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), script);
        String text = Files.readString(output);
        assertEquals(status, process.exitValue(), () -> script + "\n" + text);
        return text;
    }

    /** The report on the last start. */
    String report(int status) throws Exception {
        return shell("cloacina audit report --key release " + events, status);
    }

    /**
     * Asks for the report on the last start, and pastes its commands, of which there are few.
     *
     * @return the report
     */
    String signWhatTheReportSays() throws Exception {
        String report = report(1);
        List<String> commands = commands(report);
        long count =
                commands.stream().filter(line -> line.startsWith("cloacina")).count();
        assertTrue(count > 0 && count < 5, () -> count + " commands:\n" + report);
        shell(String.join("\n", commands), 0);
        return report;
    }

    /** Takes an option of the JVM as a report prints it. */
    void take(String report, String property) {
        Matcher matcher =
                Pattern.compile("\\s'?-D" + property + "=([^\\s']+)'?\\n").matcher(report);
        assertTrue(matcher.find(), report);
        set(property, matcher.group(1));
    }

    /** The lines of a report that are meant to be pasted, with those that go on on the next line. */
    private static List<String> commands(String report) {
        List<String> found = new ArrayList<>();
        boolean goesOn = false;
        for (String line : report.lines().toList()) {
            if (goesOn || line.matches(" +(cloacina|export) .*")) {
                found.add(line.strip());
                goesOn = line.endsWith("\\");
            }
        }
        return found;
    }

    /** The report on the last start is empty: all that was loaded may load. */
    void assertNothingToReport() throws Exception {
        assertTrue(loads("package.load.success").size() > 0, "nothing was loaded");
        report(0);
    }

    /** The last start's events of a type. */
    List<LoggedEvent> loads(String type) throws IOException {
        return LoggedEvent.ofType(type, LoggedEvent.read(events));
    }

    /** A package whose path holds {@code path} was refused by the last start. */
    void assertRefused(String path) throws IOException {
        List<LoggedEvent> failures = loads("package.load.failure");
        assertTrue(
                failures.stream().anyMatch(event -> event.mentions("package_path", path)),
                () -> path + " was not refused:\n" + failures);
    }
}
