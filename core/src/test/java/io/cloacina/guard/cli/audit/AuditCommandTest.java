// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.cli.Shell;
import io.cloacina.guard.cli.Shell.Done;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code audit verify} and {@code audit checkpoint}, on records that the command line itself has written. */
class AuditCommandTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private final Path record = home.resolve("record.jsonl");

    @BeforeEach
    void writeRecord() {
        shell.variables.put("CLOACINA_AUDIT", "file:" + record);
        shell.run("key", "create", "auditor").with(0);
        shell.run("key", "create", "second").with(0);
        shell.run("trust", "add", "--key", "second").with(0);
        // What is done to the record from here on leaves no traces in it.
        shell.variables.put("CLOACINA_AUDIT", "file:" + home.resolve("other.jsonl"));
    }

    private List<String> lines() throws Exception {
        return new ArrayList<>(Files.readAllLines(record));
    }

    private Path pem(String key) throws Exception {
        return shell.file(key + ".pem", shell.run("key", "export", key).with(0).out());
    }

    @Test
    void verify_wholeRecord_isComplete() throws Exception {
        Done done = shell.run("audit", "verify", record).with(0);
        assertEquals("complete: sequences 1 to 3, 3 processes, 0 checkpoints\n", done.out());
        assertTrue(done.err().contains("no checkpoint: if events were cut off at the end"), done.err());

        Map<String, Object> json =
                shell.run("audit", "verify", record, "--json").with(0).json();
        assertEquals(
                List.of(
                        "complete",
                        "problem",
                        "message",
                        "file",
                        "line",
                        "sequence",
                        "first_sequence",
                        "last_sequence",
                        "last_hash",
                        "lines",
                        "processes",
                        "torn_lines",
                        "unchained_lines",
                        "checkpoints"),
                List.copyOf(json.keySet()));
        assertEquals(true, json.get("complete"));
        assertEquals(3L, json.get("last_sequence"));
    }

    @Test
    void verify_changedRecord_isRefusedAndNamesTheLine() throws Exception {
        List<String> lines = lines();
        lines.set(1, lines.get(1).replace("second", "zweiter"));
        Files.write(record, lines);

        Done done = shell.run("audit", "verify", record).with(1);
        assertTrue(done.out().startsWith("NOT COMPLETE, changed: line 2 of [record.jsonl] was changed"), done.out());
        Map<String, Object> json =
                shell.run("audit", "verify", record, "--json").with(1).json();
        assertEquals(false, json.get("complete"));
        assertEquals("changed", json.get("problem"));
        assertEquals(record.toString(), json.get("file"));
        assertEquals(2L, json.get("line"));
        assertEquals(2L, json.get("sequence"));
    }

    @Test
    void verify_fileNameThatSteersATerminal_isShownEscaped() throws Exception {
        Path odd = home.resolve("odd\u001b[31m\n\u202e.jsonl");
        Files.write(odd, lines().subList(0, 1));
        Files.writeString(odd, "x", java.nio.file.StandardOpenOption.APPEND);

        Done done = shell.run("audit", "verify", odd).with(1);
        assertFalse(done.out().contains("\u001b") || done.out().contains("\u202e"), done.out());
        assertEquals(1, done.lines().size(), done.out());
        assertEquals(
                1, shell.run("audit", "verify", odd, "--json").with(1).lines().size());
    }

    @Test
    void verify_unreadable_isTrouble() throws Exception {
        for (Path file : List.of(home.resolve("nope"), home, Path.of("/"))) {
            assertEquals(
                    "unreadable_file",
                    shell.run("audit", "verify", file, "--json").with(3).json().get("error"));
        }
        shell.run("audit", "verify", record, "--checkpoints", home.resolve("nope"))
                .with(3);
    }

    @Test
    void verify_askedWrongly_isUsage() {
        shell.run("audit").with(2);
        shell.run("audit", "verify").with(2);
        shell.run("audit", "verify", record, "--from", "-1").with(2);
        shell.run("audit", "verify", record, "--no-checkpoints", "--checkpoints", record)
                .with(2);
        shell.run("audit", "checkpoint", record).with(2);
        shell.run("audit", "checkpoint", record, "--key", "auditor", "--private-key", "x")
                .with(2);
        shell.run("audit", "checkpoint", record, "--key", "nobody").with(2);
    }

    @Test
    void checkpoint_ofAStoredKey_showsTruncation() throws Exception {
        Map<String, Object> json = shell.run("audit", "checkpoint", record, "--key", "auditor", "--json")
                .with(0)
                .json();
        assertEquals(3L, json.get("sequence"));
        assertEquals(record + ".checkpoints", json.get("checkpoint_file"));
        Map<String, Object> event = JsonLines.events(
                        "audit.checkpoint.signed", Files.readAllLines(home.resolve("other.jsonl")))
                .get(0);
        assertFields(event, "record", record, "checkpoint_sequence", 3);
        assertTrue(event.containsKey("line_hash"), event::toString);

        assertEquals(
                "complete: sequences 1 to 3, 3 processes, 1 checkpoint\n",
                shell.run("audit", "verify", record).with(0).out());
        assertEquals("", shell.run("audit", "verify", record).err());
        Files.write(record, lines().subList(0, 2));

        Done done = shell.run("audit", "verify", record).with(1);
        assertTrue(
                done.out()
                        .startsWith(
                                "NOT COMPLETE, cut_off: line 2 of [record.jsonl] is the last, but the checkpoint of"),
                done.out());
        shell.run("audit", "verify", record, "--no-checkpoints").with(0);
        shell.run("audit", "checkpoint", record, "--key", "auditor").with(1);
    }

    @Test
    void checkpoint_ofARecordWrittenAnew_shows() throws Exception {
        shell.run("audit", "checkpoint", record, "--key", "auditor").with(0);
        Files.delete(record);
        shell.variables.put("CLOACINA_AUDIT", "file:" + record);
        for (int i = 0; i < 5; i++) {
            shell.run("key", "create", "other" + i).with(0);
        }

        Done done = shell.run("audit", "verify", record).with(1);
        assertTrue(done.out().contains("changed: line 3 of [record.jsonl] is not the one that"), done.out());
    }

    @Test
    void checkpoint_offline_isCheckedWithThePublicKey() throws Exception {
        Path secret = home.resolve("secret.pem");
        shell.run("key", "export", "auditor", "--private", "--out", secret).with(0);
        Path out = home.resolve("safe");
        shell.variables.remove("CLOACINA_ORG_ID");
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite:///no/such/store");

        shell.run("audit", "checkpoint", record, "--private-key", secret, "--out", out)
                .with(0);

        shell.run("audit", "verify", record, "--checkpoints", out).with(2);
        shell.variables.put("CLOACINA_ORG_ID", Shell.ORG.toString());
        shell.variables.remove("CLOACINA_DATABASE_URL");
        Path right = pem("auditor");
        Path wrong = pem("second");
        shell.variables.remove("CLOACINA_ORG_ID");
        shell.run("audit", "verify", record, "--checkpoints", out, "--public-key", right)
                .with(0);
        assertEquals(
                "untrusted_checkpoint",
                shell.run("audit", "verify", record, "--checkpoints", out, "--public-key", wrong, "--json")
                        .with(1)
                        .json()
                        .get("error"));
    }

    @Test
    void checkpoint_forgedOrMalformed_isRefused() throws Exception {
        Path checkpoints = home.resolve("record.jsonl.checkpoints");
        shell.run("audit", "checkpoint", record, "--key", "auditor").with(0);
        String sound = Files.readString(checkpoints);
        for (String bent : List.of("\"sequence\":2", "\"sequence\":9")) {
            Files.writeString(checkpoints, sound.replace("\"sequence\":3", bent));
            assertEquals(
                    "invalid_checkpoint",
                    shell.run("audit", "verify", record, "--json")
                            .with(1)
                            .json()
                            .get("error"));
        }
        for (String malformed : List.of(
                sound.replace("\"version\":1", "\"version\":2"),
                sound.replace("\"sequence\":3", "\"sequence\":03"),
                sound.replace("ed25519", "none"),
                sound.strip() + " \n",
                "{}\n",
                "x\n",
                sound + sound.substring(0, 50))) {
            Files.writeString(checkpoints, malformed);
            assertEquals(
                    "malformed_checkpoint",
                    shell.run("audit", "verify", record, "--json")
                            .with(1)
                            .json()
                            .get("error"));
        }
    }

    @Test
    void checkpoint_byAKeyThatWasRevoked_countsIfItIsOlderThanThat() throws Exception {
        shell.run("audit", "checkpoint", record, "--key", "auditor").with(0);
        String older = Files.readString(home.resolve("record.jsonl.checkpoints"));
        Path secret = home.resolve("secret.pem");
        shell.run("key", "export", "auditor", "--private", "--out", secret).with(0);
        shell.now = shell.now.plusSeconds(60);
        shell.run("key", "revoke", "auditor").with(0);
        shell.run("audit", "verify", record).with(0);

        shell.now = shell.now.plusSeconds(60);
        shell.run("audit", "checkpoint", record, "--private-key", secret).with(0);

        assertTrue(Files.readString(home.resolve("record.jsonl.checkpoints")).startsWith(older));
        assertEquals(
                "untrusted_checkpoint",
                shell.run("audit", "verify", record, "--json").with(1).json().get("error"));
    }

    @Test
    void checkpoint_recordThatIsNotComplete_isNotSigned() throws Exception {
        List<String> lines = lines();
        lines.remove(1);
        Files.write(record, lines);

        assertEquals(
                "removed",
                shell.run("audit", "checkpoint", record, "--key", "auditor", "--json")
                        .with(1)
                        .json()
                        .get("error"));
        assertFalse(Files.exists(home.resolve("record.jsonl.checkpoints")));
    }

    @Test
    void checkpoint_thatCannotBeKept_isTrouble() {
        shell.run("audit", "checkpoint", record, "--key", "auditor", "--out", "/dev/full")
                .with(3);
        shell.run("audit", "checkpoint", home.resolve("nope"), "--key", "auditor")
                .with(3);
        shell.run("audit", "checkpoint", "/", "--key", "auditor").with(3);
    }

    @Test
    void auditSettings_areReadFromTheEnvironment_andChecked() {
        shell.variables.put("CLOACINA_AUDIT_FILES", "many");
        Done done = shell.run("key", "create", "x", "--json").with(2);
        assertEquals("malformed_audit", done.json().get("error"));
        assertTrue(done.err().contains("[CLOACINA_AUDIT_FILES] has a bad value [many]"), done.err());
    }
}
