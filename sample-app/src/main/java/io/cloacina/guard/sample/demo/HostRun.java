// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/**
 * What came of one run of the host in a JVM of its own, under the guard.
 *
 * @param name of the run
 * @param lines what the host printed, a line for a plugin
 * @param events in the order in which they were written
 */
record HostRun(String name, List<String> lines, List<Event> events) {

    /** @throws DemoFailure if the host ends with another status than 0; the message has what it printed */
    static HostRun start(String name, boolean enforcing, Path repository, WorkDirectory work)
            throws IOException, InterruptedException, DemoFailure {
        Path printed = work.file(name + ".out");
        Path complaints = work.file(name + ".err");
        Path events = work.file(name + ".jsonl");
        Process host = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-javaagent:" + repository.resolve("agent/target/cloacina-guard.jar"),
                        "-Dcloacina.require_signatures=" + enforcing,
                        "-Dcloacina.database_url=sqlite://" + KeysAndTrust.store(work),
                        "-Dcloacina.verification_org_id=" + KeysAndTrust.ORGANISATION,
                        "-Dcloacina.audit=file:" + events,
                        "-jar",
                        repository.resolve("sample-app/target/sample-host.jar").toString(),
                        work.plugins().toString())
                .redirectOutput(printed.toFile())
                .redirectError(complaints.toFile())
                .start();
        host.getOutputStream().close();
        int status = host.waitFor();
        if (status != 0) {
            throw new DemoFailure(
                    "the host ended with status " + status + " (" + name + ")\n" + text(printed) + text(complaints));
        }
        return new HostRun(name, text(printed).lines().toList(), Event.read(events));
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), UTF_8);
    }

    /** What the host printed for the plugin, for example {@code loaded   Good day, Ada.}; empty if it printed nothing. */
    String said(Plugin plugin) {
        for (String line : lines) {
            if (line.startsWith(plugin.file() + " ")) {
                return line.substring(plugin.file().length()).strip();
            }
        }
        return "";
    }

    /** The first word of {@link #said}. */
    String state(Plugin plugin) {
        String said = said(plugin);
        int end = said.indexOf(' ');
        return end < 0 ? said : said.substring(0, end);
    }

    /** What follows the first word of {@link #said}. */
    String words(Plugin plugin) {
        return said(plugin).substring(state(plugin).length()).strip();
    }

    /** The reason in the event of the plugin's refusal; empty if there is none. */
    String reason(Plugin plugin) {
        return events.stream()
                .filter(event ->
                        event.file().equals(plugin.file()) && event.type().equals(Event.REFUSED))
                .map(Event::reason)
                .findFirst()
                .orElse("");
    }

    boolean has(String type) {
        return events.stream().anyMatch(event -> event.type().equals(type));
    }

    boolean has(String type, Plugin plugin, Predicate<Event> condition) {
        return events.stream()
                .anyMatch(event ->
                        event.type().equals(type) && event.file().equals(plugin.file()) && condition.test(event));
    }
}
