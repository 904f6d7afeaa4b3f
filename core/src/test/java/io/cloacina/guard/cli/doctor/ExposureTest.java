// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.config.GuardConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExposureTest {

    @TempDir
    Path directory;

    private final Map<String, String> settings = new HashMap<>();

    private List<String> examine(Map<String, String> environment) throws Exception {
        List<DoctorCheck.Finding> findings = Exposure.examine(environment, GuardConfig.read(settings, Map.of()));
        assertTrue(findings.stream()
                .allMatch(one ->
                        one.state() == DoctorCheck.State.NOTE && one.check().equals("exposure")));
        return findings.stream().map(DoctorCheck.Finding::message).toList();
    }

    private static long count(List<String> messages, String text) {
        return messages.stream().filter(one -> one.contains(text)).count();
    }

    @Test
    void options_thatOpenJavaLang_areToldOfOnce_howeverTheyAreWritten() throws Exception {
        for (String options : List.of(
                "-Xmx1g --add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.lang=x")) {
            for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")) {
                List<String> messages = examine(Map.of(variable, options));
                assertEquals(1, count(messages, variable + " opens java.lang"), messages::toString);
            }
        }
    }

    @Test
    void options_thatOpenOtherThings_areNotToldOf() throws Exception {
        List<String> messages = examine(Map.of(
                "JAVA_TOOL_OPTIONS",
                "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED --add-exports=java.base/java.lang=x"));
        assertEquals(0, count(messages, "opens java.lang"), messages::toString);
    }

    @Test
    void unsafe_isToldOf_asThisJdkHasIt() throws Exception {
        boolean present = ModuleLayer.boot().findModule("jdk.unsupported").isPresent();
        assertEquals(present ? 1 : 0, count(examine(Map.of()), "sun.misc.Unsafe"));
    }

    @Test
    void sqliteFile_thatThisUserCanWriteTo_isToldOf_andOneThatIsNotThereIsNot() throws Exception {
        Path file = directory.resolve("trust.db");
        settings.put("cloacina.database_url", "sqlite://" + file);
        settings.put("cloacina.verification_org_id", "00000000-0000-4000-8000-000000000001");
        assertEquals(0, count(examine(Map.of()), "SQLite"));
        Files.createFile(file);
        assertEquals(1, count(examine(Map.of()), "this user can write to the SQLite file [" + file + "]"));
    }

    @Test
    void pinDirectory_isToldOf_unlessItIsAMountOfItsOwn() throws Exception {
        assertEquals(1, count(examine(Map.of()), "cloacina.pin_directory is not set"));
        settings.put("cloacina.pin_directory", directory.toString());
        assertEquals(1, count(examine(Map.of()), "[" + directory + "] is not on a mount of its own"));
        settings.put("cloacina.pin_directory", "/");
        List<String> messages = examine(Map.of());
        assertFalse(messages.stream().anyMatch(one -> one.contains("pin_directory")), messages::toString);
    }
}
