package io.cloacina.guard.agent.weave;

import io.cloacina.guard.cli.DoctorCheck;
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

/**
 * The agent's part of {@code doctor}: starts a JVM like this one with the agent in front, which proves every hook or does
 * not start, and says which ways in are guarded and which are out of reach.
 */
public final class HooksCheck implements DoctorCheck {

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
                    "use a JDK that the agent knows (17 and 25 are tested), or report this line"));
            return findings;
        }
        Map<String, EntryPoint> hooks = new LinkedHashMap<>();
        for (EntryPoint entry : EntryPoint.values()) {
            hooks.putIfAbsent(entry.hook(), entry);
        }
        hooks.forEach((hook, entry) -> findings.add(
                entry == EntryPoint.DIAGNOSTIC_COMMAND
                        ? Finding.note("hook", hook + ": woven when its class is loaded")
                        : entry.isExpectedAtStart()
                                ? Finding.ok("hook", hook + ": proved, in " + entry.className())
                                : Finding.note(
                                        "hook",
                                        hook + ": not present in Java "
                                                + Runtime.version().feature())));
        findings.add(Finding.ok("hook", "class-load: proved, the net under natives such as JNI DefineClass"));
        for (String way : new JvmFlags(List.of()).openWays()) {
            findings.add(Finding.note("flags", way));
        }
        findings.add(Finding.note(
                "out of reach", "what native code loads by itself (dlopen, linked libraries): no hook can see it"));
        return findings;
    }

    /** Null, or why the JVM did not start. */
    private static String start() throws IOException, InterruptedException, URISyntaxException {
        Path jar = Path.of(HooksCheck.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path events = Files.createTempFile("cloacina-doctor", ".jsonl");
        try {
            ProcessBuilder builder = new ProcessBuilder(
                    System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                    "-javaagent:" + jar,
                    "-Dcloacina.audit=file:" + events,
                    "-jar",
                    jar.toString(),
                    "--version");
            builder.environment().keySet().removeIf(name -> name.startsWith("CLOACINA_"));
            Process process = builder.redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? null : said.strip();
        } finally {
            Files.delete(events);
        }
    }
}
