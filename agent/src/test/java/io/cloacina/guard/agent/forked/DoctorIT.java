// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code java -jar cloacina-guard.jar doctor}: what the agent's own part says of this environment. */
class DoctorIT {

    private static final Path JAR = Path.of("target/cloacina-guard.jar").toAbsolutePath();

    @TempDir
    Path home;

    private List<String> doctor(String toolOptions) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR.toString(), "doctor");
        builder.environment().keySet().removeIf(name -> name.startsWith("CLOACINA_") || name.startsWith("J"));
        builder.environment().put("HOME", home.toString());
        builder.environment().put("CLOACINA_AUDIT", "file:" + home.resolve("events.jsonl"));
        if (toolOptions != null) {
            builder.environment().put("JAVA_TOOL_OPTIONS", toolOptions);
        }
        Path err = home.resolve("err");
        Process process = builder.redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        // There is no store here, which is to be mended.
        assertEquals(1, process.waitFor(), () -> out);
        return out.lines().toList();
    }

    private static boolean says(List<String> lines, String state, String what) {
        return lines.stream().anyMatch(line -> line.startsWith(state) && line.contains(what));
    }

    @Test
    void doctor_withoutTheAgentInTheEnvironment_saysSo() throws Exception {
        List<String> lines = doctor(null);

        assertTrue(says(lines, "note", "JAVA_TOOL_OPTIONS does not name the agent"), lines::toString);
        assertTrue(says(lines, "note", "native agents can be attached"), lines::toString);
        assertTrue(says(lines, "ok", "define-class: verified"), lines::toString);
    }

    @Test
    void doctor_withTheAgentInTheEnvironment_provesTheHooksAllTheSame() throws Exception {
        List<String> lines = doctor("-javaagent:" + JAR + " -XX:+DisableAttachMechanism");

        assertTrue(says(lines, "ok", "have the agent [" + JAR + "]"), lines::toString);
        assertTrue(says(lines, "ok", "define-class: verified"), lines::toString);
        assertFalse(says(lines, "note", "native agents can be attached"), lines::toString);
        assertTrue(Files.readString(home.resolve("events.jsonl")).contains("guard.started"));
    }
}
