// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.PasteHost;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Audit, report, every command pasted as it is printed and in its order, enforce: everything loads. */
class PastedReportIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();

    private record Done(int status, String out, String err) {}

    /** {@code script} where {@code cloacina} is the agent jar's command line with a store. */
    private Done shell(Jdk jdk, String script) throws Exception {
        Path err = fixture.file("shell-err.txt");
        ProcessBuilder builder = new ProcessBuilder(
                        "/bin/bash",
                        "-c",
                        "set -e\nexport LC_ALL=C.UTF-8\ncloacina() { " + jdk.java() + " -XX:TieredStopAtLevel=1 -jar "
                                + GuardedJvm.agentJar() + " \"$@\"; }\n" + script)
                .directory(fixture.directory().toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CLOACINA_") || name.startsWith("JAVA_TOOL"));
        builder.environment().put("HOME", fixture.directory().toString());
        builder.environment().put("CLOACINA_DATABASE_URL", store());
        builder.environment().put("CLOACINA_ORG_ID", TestStore.ORG.toString());
        builder.environment().put("CLOACINA_KEY_ENCRYPTION_KEY", "00112233445566778899aabbccddeeff".repeat(2));
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Done(process.waitFor(), out, Files.readString(err));
    }

    private String store() {
        return "sqlite://" + fixture.file("trust.db");
    }

    private Result host(Jdk jdk, boolean enforcing, List<String> plugins) throws Exception {
        Result result = fixture.jvm(jdk)
                .set("cloacina.require_signatures", enforcing)
                .set("cloacina.database_url", store())
                .set("cloacina.verification_org_id", TestStore.ORG)
                .run(PasteHost.class, plugins.toArray());
        assertEquals(0, result.status(), result::toString);
        Files.write(fixture.file("record.jsonl"), result.lines(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return result;
    }

    private static List<String> commands(String report) {
        List<String> commands = new ArrayList<>();
        Matcher command = Pattern.compile("(?m)^ +((?:export|cloacina) .*)$").matcher(report);
        while (command.find()) {
            commands.add(command.group(1));
        }
        return commands;
    }

    private Path plugin(String path, String text) throws Exception {
        Path jar = fixture.file(path);
        Files.createDirectories(jar.getParent());
        return Files.move(packages.jar("made.jar", fixture.file("marker"), text), jar);
    }

    /** A JAR whose class extracts a library to a temporary file, loads it and deletes it. */
    private Path pluginWithNative() throws Exception {
        Path classes = fixture.newDirectory("extractor");
        Packages.compile(classes, "sample.Extractor", """
                package sample;
                public class Extractor implements Runnable {
                    @Override public void run() {
                        try (java.io.InputStream in = Extractor.class.getResourceAsStream("/lib.so")) {
                            java.nio.file.Path file = java.nio.file.Files.createTempFile("lib", ".so");
                            java.nio.file.Files.write(file, in.readAllBytes());
                            try { System.load(file.toString()); } finally { java.nio.file.Files.delete(file); }
                        } catch (java.io.IOException e) { throw new java.io.UncheckedIOException(e); }
                    }
                }
                """);
        Files.copy(packages.nativeLibrary("lib.so", fixture.file("native-marker")), classes.resolve("lib.so"));
        return Packages.zip(classes, fixture.newDirectory("natives").resolve("with native.jar"));
    }

    @EachJdk
    void everyCommandOfTheReport_pastedInItsOrder_leadsToEnforcement(Jdk jdk) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "bash is not installed");
        assumeTrue(Packages.hasCompiler(), "no C compiler");
        List<String> plugins = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            plugins.add(Packages.PLUGIN + "=" + plugin("plugins/" + name + ".jar", name));
        }
        Path directory = Files.move(packages.classes("made", fixture.file("marker"), "directory"), fixture.file("app"));
        plugins.add(Packages.PLUGIN + "=" + directory);
        plugins.add(Packages.PLUGIN + "=" + plugin("app/lib/member.jar", "member"));
        plugins.add("sample.Extractor=" + pluginWithNative());
        plugins.add(Packages.PLUGIN + "=" + plugin("bundles/copied.jar", "copied"));
        plugins.add(Packages.PLUGIN + "=copy:" + fixture.file("bundles/copied.jar"));
        Path original = plugin("release-1/twin.jar", "original");
        assertEquals(
                0,
                shell(
                                jdk,
                                "cloacina key create release; cloacina trust add --key release;"
                                        + " cloacina sign --key release " + original)
                        .status());
        plugins.add(Packages.PLUGIN + "=" + original);
        Path changed = plugin("release-2/twin.jar", "changed");
        String changedPlugin = Packages.PLUGIN + "=" + changed;
        plugins.add(changedPlugin);

        host(jdk, false, plugins);
        Done report = shell(jdk, "cloacina audit report record.jsonl");
        assertEquals(1, report.status(), report.out() + report.err());
        assertTrue(report.out().contains("tampered_package: changed after it was signed"), report.out());
        List<String> commands = commands(report.out());
        assertTrue(commands.size() <= 4, report.out());
        assertTrue(commands.stream().noneMatch(command -> command.contains("release-2")), report.out());

        Done pasted = shell(jdk, String.join("\n", commands));
        assertEquals(0, pasted.status(), report.out() + pasted.err());

        Result enforced = host(jdk, true, plugins);
        for (String plugin : plugins) {
            assertEquals(
                    !plugin.equals(changedPlugin),
                    enforced.out().contains("LOADED " + plugin + "\n"),
                    () -> plugin + enforced + report.out());
        }
        Done second = shell(jdk, "cloacina audit report record.jsonl");
        assertEquals(1, second.status());
        assertTrue(second.out().contains("1 package would be refused"), second.out());
        assertEquals(List.of(), commands(second.out()), second.out());

        Files.copy(original, changed, StandardCopyOption.REPLACE_EXISTING);
        assertFalse(host(jdk, true, plugins).out().contains("REFUSED"));
        Done last = shell(jdk, "cloacina audit report record.jsonl");
        assertEquals(0, last.status(), last.out());
    }
}
