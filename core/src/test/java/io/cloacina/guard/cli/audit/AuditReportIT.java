// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.cli.Shell;
import io.cloacina.guard.internal.text.JsonLine;
import java.io.BufferedWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of the packaged program, as a process of its own, and what becomes of its commands when they are pasted. */
class AuditReportIT {

    private static final Path JAR = Path.of("target/cloacina.jar").toAbsolutePath();
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    @TempDir
    Path home;

    private record Done(int status, String out, String err) {}

    private Done run(Path input, String... command) throws Exception {
        Path err = home.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CLOACINA_") || name.startsWith("JAVA_TOOL"));
        builder.environment().put("HOME", home.toString());
        builder.environment().put("CLOACINA_KEY_ENCRYPTION_KEY", "00112233445566778899aabbccddeeff".repeat(2));
        if (input != null) {
            builder.redirectInput(input.toFile());
        }
        Process process = builder.redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Done(process.waitFor(), out, Files.readString(err));
    }

    private Done cloacina(Path input, String heap, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(JAVA.toString(), heap, "-jar", JAR.toString()));
        command.addAll(List.of(arguments));
        return run(input, command.toArray(String[]::new));
    }

    /** A line as an agent in audit mode would write it. */
    private static String load(Instant time, Path path) {
        return new JsonLine()
                        .with("timestamp", time)
                        .with("event_type", "package.load.success")
                        .with("org_id", Shell.ORG)
                        .with("package_path", path)
                        .with("signature_verified", false)
                        .with("kind", "jar")
                        .with("failure_reason", "signature_not_found")
                + "\n";
    }

    @Test
    void commands_pastedIntoAShell_makeHostilePathsAcceptable() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "bash is not installed");
        List<Path> packages = List.of(
                home.resolve("it's $(touch pwned) `id`.jar"),
                home.resolve("new\nline \u001b[31m.jar"),
                home.resolve("größe.jar"),
                home.resolve("plain.jar"));
        StringBuilder lines = new StringBuilder();
        for (Path one : packages) {
            Files.writeString(one, "package " + one);
            lines.append(load(Instant.parse("2026-01-28T12:00:00Z"), one));
        }
        Path events = Files.writeString(home.resolve("events.jsonl"), lines);
        String org = Shell.ORG.toString();
        assertEquals(
                0,
                cloacina(null, "-Xmx64m", "key", "create", "release", "--org", org)
                        .status());
        assertEquals(
                0,
                cloacina(null, "-Xmx64m", "trust", "add", "--key", "release", "--org", org)
                        .status());

        Done report = cloacina(events, "-Xmx64m", "audit", "report", "--key", "release", "-");
        assertEquals(1, report.status(), report.err());
        StringBuilder script = new StringBuilder("set -e\nexport LC_ALL=C.UTF-8\ncloacina() { " + JAVA
                + " -XX:TieredStopAtLevel=1 -jar " + JAR + " \"$@\"; }\n");
        Matcher command = Pattern.compile("(?m)^ +((?:export|cloacina) .*)$").matcher(report.out());
        while (command.find()) {
            script.append(command.group(1)).append('\n');
        }
        Done pasted = run(null, "/bin/bash", "-c", script.toString());
        assertEquals(0, pasted.status(), pasted.err());

        for (Path one : packages) {
            assertTrue(Files.exists(Path.of(one + ".sig")), one::toString);
        }
        assertTrue(Files.notExists(home.resolve("pwned")));
    }

    @Test
    void report_of300000Lines_needs64MegabytesOfHeap() throws Exception {
        Path events = home.resolve("many.jsonl");
        try (BufferedWriter out = Files.newBufferedWriter(events)) {
            for (int i = 0; i < 300_000; i++) {
                out.write(load(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(i), Path.of("/p/" + i + ".jar")));
            }
            out.write("{\"timestamp\":");
        }

        Done done = cloacina(null, "-Xmx64m", "audit", "report", "--html", "--out", "page.html", events.toString());

        assertEquals(1, done.status(), done.err());
        assertTrue(done.err().contains("line 300001 was left out: torn"), done.err());
        String page = Files.readString(home.resolve("page.html"));
        assertTrue(page.contains("10,000 packages and more would be refused"));
        assertTrue(page.contains("290,000 refused loads of packages that were too many to list"));
    }
}
