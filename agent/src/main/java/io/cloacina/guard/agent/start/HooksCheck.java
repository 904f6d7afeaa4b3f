// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.start;

import io.cloacina.guard.agent.weave.EntryPoint;
import io.cloacina.guard.cli.doctor.DoctorCheck;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The agent's part of {@code doctor}: starts a JVM like this one with the agent in front, which verifies every hook or does
 * not start, and names the entry points with a hook and the known bypasses.
 */
public final class HooksCheck implements DoctorCheck {

    /** What JVMs, and the java command, take options from. */
    private static final String[] OPTION_VARIABLES = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"};

    /** Made by the service loader. */
    public HooksCheck() {}

    @Override
    public List<Finding> examine(Map<String, String> properties, Map<String, String> environment) {
        List<Finding> findings = new ArrayList<>();
        String failure;
        try {
            failure = start();
        } catch (IOException | URISyntaxException e) {
            failure = e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = "interrupted";
        }
        if (failure != null) {
            findings.add(Finding.mend(
                    "hooks",
                    "a JVM with the agent does not start: " + failure,
                    "use a JDK that the agent knows (17, 21 and 25 are tested), or report this line"));
            return findings;
        }
        Map<String, EntryPoint> hooks = new LinkedHashMap<>();
        for (EntryPoint entry : EntryPoint.values()) {
            hooks.putIfAbsent(entry.hook().label(), entry);
        }
        hooks.forEach((hook, entry) -> findings.add(
                entry.isWhenLoaded()
                        ? Finding.note("hook", hook + ": instrumented when its class is loaded")
                        : entry.isExpectedAtStart()
                                ? Finding.ok("hook", hook + ": verified, in " + entry.className())
                                : Finding.note(
                                        "hook",
                                        hook + ": not present in Java "
                                                + Runtime.version().feature())));
        findings.add(Finding.ok(
                "hook", "class-load: verified, the fallback transformer, under natives such as JNI DefineClass"));
        findings.addAll(flags(environment));
        findings.add(Finding.note(
                "known bypass", "what native code loads by itself (dlopen, linked libraries): no hook can see it"));
        return findings;
    }

    /** What the options that every JVM here would get leave open, and whether the agent is among them. */
    private static List<Finding> flags(Map<String, String> environment) {
        List<String> options = new ArrayList<>();
        for (String variable : OPTION_VARIABLES) {
            for (String word : environment.getOrDefault(variable, "").split("\\s+", -1)) {
                if (!word.isEmpty()) {
                    options.add(word);
                }
            }
        }
        List<Finding> findings = new ArrayList<>();
        int agents = 0;
        for (String option : options) {
            if (option.startsWith("-javaagent:") && option.contains("cloacina-guard")) {
                agents++;
                // What stands behind the first = is for the agent.
                String jar = option.substring("-javaagent:".length()).split("=", 2)[0];
                findings.add(
                        new File(jar).canRead()
                                ? Finding.ok("flags", "JVMs that get this environment have the agent [" + jar + "]")
                                : Finding.mend(
                                        "flags",
                                        "JVMs that get this environment do not start: there is no agent [" + jar + "]",
                                        "name the jar by its absolute path"));
            }
        }
        if (agents == 0) {
            findings.add(
                    Finding.note(
                            "flags",
                            "JAVA_TOOL_OPTIONS does not name the agent: only JVMs whose command line has -javaagent are guarded"));
        }
        for (String bypass : new JvmFlags(options).knownBypasses()) {
            findings.add(Finding.note("flags", bypass));
        }
        return findings;
    }

    /** Null, or why the JVM did not start. */
    private static @Nullable String start() throws IOException, InterruptedException, URISyntaxException {
        Path jar = Path.of(HooksCheck.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path events = Files.createTempFile("cloacina-doctor", ".jsonl");
        try {
            ProcessBuilder builder = new ProcessBuilder(
                    System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                    "-javaagent:" + jar + "=verify",
                    "-Dcloacina.audit=file:" + events,
                    "-jar",
                    jar.toString(),
                    "--version");
            // The hooks are looked at, not these settings, of which doctor tells elsewhere.
            builder.environment()
                    .keySet()
                    .removeIf(name -> name.startsWith("CLOACINA_")
                            || List.of(OPTION_VARIABLES).contains(name));
            Process process = builder.redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? null : said.strip();
        } finally {
            Files.delete(events);
        }
    }
}
