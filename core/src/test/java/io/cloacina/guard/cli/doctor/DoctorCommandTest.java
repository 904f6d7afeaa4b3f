// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell;
import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.cli.doctor.DoctorCheck.Finding;
import io.cloacina.guard.cli.doctor.DoctorCheck.State;
import io.cloacina.guard.internal.config.GuardConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DoctorCommandTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;

    @BeforeEach
    void openShellWithATrustedKey() {
        shell.createTrustedKey("release");
    }

    /** Checks that have something to mend. */
    private static List<Object> toMend(Done done) {
        return done.jsons().stream()
                .filter(finding -> finding.get("state").equals("mend"))
                .map(finding -> finding.get("check"))
                .toList();
    }

    @Test
    void doctor_healthy_hasNothingToMend() {
        Done done = shell.run("doctor", "--json").with(0);

        assertEquals(List.of(), toMend(done));
        assertEquals(
                List.of("check", "state", "message", "remedy"),
                List.copyOf(done.jsons().get(0).keySet()));
        assertTrue(done.jsons().stream()
                .map(finding -> finding.get("check"))
                .toList()
                .containsAll(
                        List.of("java", "configuration", "organisation", "events", "store", "trust", "kek", "clock")));
        assertTrue(shell.run("doctor").with(0).out().contains("ok    store"));
    }

    @Test
    void doctor_noStore_saysHowToMakeOneAndMakesNothing() {
        Path empty = home.resolve("empty");
        Shell other = new Shell(empty);

        Done done = other.run("doctor", "--json").with(1);

        assertTrue(toMend(done).contains("store"));
        assertFalse(Files.exists(empty));
    }

    @Test
    void doctor_storeThatOthersCanRead_isToMend() throws Exception {
        Files.setPosixFilePermissions(home.resolve(".cloacina/trust.db"), PosixFilePermissions.fromString("rw-rw-rw-"));

        assertEquals(List.of("store"), toMend(shell.run("doctor", "--json").with(1)));
    }

    @Test
    void doctor_kekThatOthersCanReadOrThatIsWrong_isToMend() throws Exception {
        Path kek = shell.kekFile("kek");
        assertEquals(
                List.of("kek"),
                toMend(shell.run("doctor", "--kek-file", kek, "--json").with(1)));
        Files.setPosixFilePermissions(kek, PosixFilePermissions.fromString("rw-r-----"));
        assertEquals(
                List.of("kek", "kek"),
                toMend(shell.run("doctor", "--kek-file", kek, "--json").with(1)));
    }

    @Test
    void doctor_noKek_isWorthKnowingOnly() {
        shell.variables.remove("CLOACINA_KEY_ENCRYPTION_KEY");

        Map<String, Object> finding = shell.run("doctor", "--json").with(0).jsons().stream()
                .filter(one -> one.get("check").equals("kek"))
                .findFirst()
                .orElseThrow();

        assertEquals("note", finding.get("state"));
        assertEquals(null, finding.get("remedy"));
    }

    @Test
    void doctor_clockBeforeTheStore_isToMend() {
        shell.now = shell.now.minusSeconds(1);

        assertEquals(List.of("clock"), toMend(shell.run("doctor", "--json").with(1)));
    }

    @Test
    void doctor_badSettings_areAllToMendInOneCall() {
        shell.variables.put("CLOACINA_REQUIRE_SIGNATURES", "maybe");

        Done done = shell.run("doctor", "--org", "x", "--audit", "y", "--store", "z", "--kek-file", "/nope", "--json")
                .with(1);

        assertEquals(List.of("configuration", "organisation", "events", "store", "kek"), toMend(done));
    }

    @Test
    void doctor_eventsThatCannotBeWritten_isToMend() throws Exception {
        assertEquals(
                List.of("events"),
                toMend(shell.run("doctor", "--audit", "file:" + home.resolve("no/such"), "--json")
                        .with(1)));
        assertEquals(
                List.of("events"),
                toMend(shell.run("doctor", "--audit", "file:" + home, "--json").with(1)));
        assertFalse(Files.exists(home.resolve("no")));
    }

    @Test
    void doctor_trustedRowThatDoesNotMatch_isToMend() throws Exception {
        try (var connection = new org.sqlite.JDBC()
                        .connect("jdbc:sqlite:" + home.resolve(".cloacina/trust.db"), new java.util.Properties());
                var statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE trusted_keys SET public_key = zeroblob(32)");
        }

        assertEquals(List.of("trust"), toMend(shell.run("doctor", "--json").with(1)));
    }

    /** What another module would add; named in META-INF/services of the tests. */
    public static final class OtherModule implements DoctorCheck {
        @Override
        public List<Finding> examine(Map<String, String> properties, Map<String, String> environment) {
            return environment.containsKey("OTHER_MODULE") && properties.containsKey("java.home")
                    ? List.of(Finding.mend("other", "it is broken", environment.get("OTHER_MODULE")))
                    : List.of();
        }
    }

    @Test
    void doctor_checkOfAnotherModule_isAskedToo() {
        shell.variables.put("OTHER_MODULE", "mend it so");

        Done done = shell.run("doctor", "--json").with(1);

        assertEquals(List.of("other"), toMend(done));
        assertTrue(done.out().contains("mend it so"));
    }

    private void mode(String path, String mode) throws Exception {
        Files.setPosixFilePermissions(home.resolve(path), PosixFilePermissions.fromString(mode));
    }

    @Test
    void doctor_eventFileThatOthersCanRead_isToMend() throws Exception {
        mode(".cloacina/audit.jsonl", "rw-r--r--");

        assertEquals(List.of("events"), toMend(shell.run("doctor", "--json").with(1)));
    }

    @Test
    void doctor_agentsEventFile_isLookedAtAsTheAgentWould() throws Exception {
        Path file = home.resolve("host.jsonl");
        shell.variables.put("CLOACINA_AUDIT", "file:" + file);
        assertEquals(List.of(), toMend(shell.run("doctor", "--json").with(0)));
        assertFalse(Files.exists(file), "doctor makes nothing");

        Files.writeString(file, "");
        mode("host.jsonl", "rw-rw-rw-");
        assertEquals(
                List.of("agent events", "events"),
                toMend(shell.run("doctor", "--json").with(1)));

        shell.variables.put("CLOACINA_AUDIT", "file:" + home.resolve("no/such.jsonl"));
        Done done = shell.run("doctor", "--json").with(1);
        assertTrue(toMend(done).contains("agent events"));
        assertTrue(done.out().contains("what cannot be recorded does not load"), done.out());
    }

    @Test
    void doctor_agentsPinDirectory_mustBeItsOwn() throws Exception {
        Path pins = Files.createDirectory(home.resolve("pins"));
        shell.variables.put("CLOACINA_PIN_DIRECTORY", pins.toString());
        mode("pins", "rwx------");
        assertEquals(List.of(), toMend(shell.run("doctor", "--json").with(0)));

        mode("pins", "rwxr-x---");
        assertEquals(
                List.of(), toMend(shell.run("doctor", "--json").with(0)), "each JVM's own directory in it is 0700");
        mode("pins", "rwxrwx---");
        assertEquals(List.of("copies"), toMend(shell.run("doctor", "--json").with(1)));
        assertTrue(shell.run("doctor").out().contains("chmod 700 on the directory"));

        shell.variables.put("CLOACINA_PIN_DIRECTORY", home.resolve("new/pins").toString());
        assertEquals(List.of(), toMend(shell.run("doctor", "--json").with(0)), "the agent makes it");
        assertFalse(Files.exists(home.resolve("new")));
        shell.variables.put(
                "CLOACINA_PIN_DIRECTORY", shell.file("file", "").resolve("pins").toString());
        assertEquals(List.of("copies"), toMend(shell.run("doctor", "--json").with(1)));
    }

    @Test
    void doctor_agentsKeyFiles_areRead() throws Exception {
        shell.run("key", "export", "release", "--out", home.resolve("release.pem"))
                .with(0);
        shell.variables.put("CLOACINA_TRUSTED_KEYS", home.resolve("release.pem").toString());
        assertTrue(shell.run("doctor").with(0).out().contains("keys trusted without a store: 1"));

        Files.writeString(home.resolve("release.pem"), "no key");
        assertEquals(List.of("key files"), toMend(shell.run("doctor", "--json").with(1)));
    }

    @Test
    void doctor_auditMode_saysThatNothingIsRefused() {
        assertTrue(shell.run("doctor").with(0).out().contains("in audit mode: it would refuse nothing"));
    }

    @Test
    void doctor_passwordOnTheCommandLine_isToMendAndNotRepeated() throws Exception {
        for (String address : List.of(
                "postgres://agent:hidden@db.example.org/trust", "jdbc:postgresql://db/trust?user=a&password=hidden")) {
            List<Finding> findings = new AgentSettings(
                            GuardConfig.read(Map.of(), Map.of()), Map.of("cloacina.database_url", address))
                    .examine();

            assertEquals(1, findings.size(), address);
            assertEquals(State.MEND, findings.get(0).state());
            assertFalse(findings.toString().contains("hidden"));
        }
        assertEquals(
                List.of(),
                new AgentSettings(
                                GuardConfig.read(Map.of(), Map.of()),
                                Map.of("cloacina.database_url", "postgres://agent@db/trust"))
                        .examine());
    }
}
