// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.crypto.Fingerprint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code key create}, and the key-encryption key it takes. */
class KeyCreateTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;

    @Test
    void create_newName_makesStoreAndTellsKeyAndRecordsIt() throws Exception {
        Map<String, Object> key =
                shell.run("key", "create", "release", "--json").with(0).json();

        assertEquals(
                "key_id, org_id, key_name, key_fingerprint, public_key, created_at, revoked_at, public_only",
                String.join(", ", key.keySet()));
        assertEquals("release", key.get("key_name"));
        assertEquals(Shell.ORG.toString(), key.get("org_id"));
        assertEquals("2026-01-28T12:00:00.123456Z", key.get("created_at"));
        assertEquals(null, key.get("revoked_at"));
        byte[] raw = HexFormat.of().parseHex((String) key.get("public_key"));
        assertEquals(Fingerprint.of(raw).hex(), key.get("key_fingerprint"));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(".cloacina/trust.db"))));

        Map<String, Object> event = shell.lastEvent();
        assertEquals(
                List.of("timestamp", "event_type", "event_id", "org_id", "key_id", "key_fingerprint", "key_name"),
                List.copyOf(event.keySet()));
        assertEquals("key.signing.created", event.get("event_type"));
        assertEquals(key.get("key_id"), event.get("key_id"));
        assertEquals(key.get("key_fingerprint"), event.get("key_fingerprint"));
        assertEquals("release", event.get("key_name"));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(".cloacina/audit.jsonl"))));
    }

    @Test
    void create_nameTakenEvenByRevokedKey_isRefusedAndRecorded() {
        shell.run("key", "create", "release").with(0);
        shell.run("key", "revoke", "release").with(0);

        Map<String, Object> error =
                shell.run("key", "create", "release", "--json").with(1).json();

        assertEquals(List.of("error", "message"), List.copyOf(error.keySet()));
        assertEquals("name_taken", error.get("error"));
        Map<String, Object> event = shell.lastEvent();
        assertEquals("key.signing.create_failed", event.get("event_type"));
        assertEquals("release", event.get("key_name"));
        assertTrue(event.get("error").toString().contains("release"));
        assertEquals(null, event.get("key_id"));
    }

    @Test
    void create_nameOfQuotesAndSql_isAName() {
        String name = "O'Brien\"; DROP TABLE signing_keys; -- \\ ü 鍵";
        shell.run("key", "create", name).with(0);

        assertEquals(
                name, shell.run("key", "show", name, "--json").with(0).json().get("key_name"));
        assertEquals(1, shell.run("key", "list").with(0).lines().size());
    }

    @Test
    void create_nameOf255CodePoints_isAName() {
        shell.run("key", "create", "𝄞".repeat(255)).with(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "a\u001b[31mb", "a\u2028b"})
    void create_badName_isUsageErrorThatSteersNoTerminal(String name) {
        Done done = shell.run("key", "create", name).with(2);

        assertFalse(done.err().contains("\u001b"));
        assertEquals(1, done.err().lines().count(), done.err());
        assertEquals(
                "bad_name",
                shell.run("key", "create", name, "--json").with(2).json().get("error"));
    }

    @Test
    void create_nameOf256Characters_isUsageError() {
        Done done = shell.run("key", "create", "x".repeat(256)).with(2);

        assertTrue(done.err().contains("[256]"), done.err());
    }

    @Test
    void create_noOrganisation_isUsageError() {
        shell.variables.remove("CLOACINA_ORG_ID");

        assertEquals(
                "no_organisation",
                shell.run("key", "create", "k", "--json").with(2).json().get("error"));
        assertEquals(List.of(), shell.events());
    }

    @Test
    void create_noKek_isUsageErrorThatNamesBothWays() {
        shell.variables.remove("CLOACINA_KEY_ENCRYPTION_KEY");

        Done done = shell.run("key", "create", "k").with(2);

        assertTrue(done.err().contains("--kek-file") && done.err().contains("CLOACINA_KEY_ENCRYPTION_KEY"), done.err());
        assertEquals("key.signing.create_failed", shell.lastEvent().get("event_type"));
    }

    @Test
    void create_malformedKek_isUsageErrorWithoutTheSecret() throws Exception {
        shell.variables.put("CLOACINA_KEY_ENCRYPTION_KEY", "hunter2hunter2");

        Done done = shell.run("key", "create", "k", "--json").with(2);

        assertEquals("malformed_kek", done.json().get("error"));
        assertFalse((done.out() + done.err() + shell.events()).contains("hunter2"));
    }

    @Test
    void create_missingKekFile_isTrouble() {
        assertEquals(
                "unreadable_file",
                shell.run("key", "create", "k", "--json", "--kek-file", home.resolve("nope"))
                        .with(3)
                        .json()
                        .get("error"));
    }

    @Test
    void create_kekFileThatOthersCanRead_warns() throws Exception {
        Path kek = shell.kekFile("kek");
        Files.setPosixFilePermissions(kek, PosixFilePermissions.fromString("rw-r--r--"));

        assertTrue(
                shell.run("key", "create", "k", "--kek-file", kek).with(0).err().contains("warning"));
    }

    @Test
    void create_kekFileAndVariable_fileWins() throws Exception {
        Path kek = shell.kekFile("kek");
        shell.run("key", "create", "k", "--kek-file", kek).with(0);

        Path jar = shell.file("a.jar", "jar");
        assertEquals(
                "wrong_kek",
                shell.run("sign", jar, "--key", "k", "--json").with(2).json().get("error"));
        shell.run("sign", jar, "--key", "k", "--kek-file", kek).with(0);
    }

    @Test
    void create_tildeInKekFile_isTheHome() throws Exception {
        shell.kekFile("kek");

        shell.run("key", "create", "k", "--kek-file", "~/kek").with(0);
    }

    @Test
    void createOrImport_kekThatOpensNoKey_isRefused_andResealStillWorks() throws Exception {
        Path old = shell.kekFile("old");
        Path future = shell.kekFile("future");
        Path pem = home.resolve("one.pem");
        shell.run("key", "create", "one", "--kek-file", old).with(0);
        shell.run("key", "export", "one", "--private", "--out", pem, "--kek-file", old)
                .with(0);
        shell.run("key", "reseal", "--kek-file", old, "--new-kek-file", future).with(0);
        assertEquals("key.resealed", shell.lastEvent().get("event_type"));
        assertEquals(1L, shell.lastEvent().get("keys"));

        for (Object[] command :
                new Object[][] {{"key", "create", "two", "--json"}, {"key", "import", "two", pem, "--json"}}) {
            Object[] withOld = java.util.Arrays.copyOf(command, command.length + 2);
            withOld[command.length] = "--kek-file";
            withOld[command.length + 1] = old;
            assertEquals("wrong_kek", shell.run(withOld).with(2).json().get("error"));
        }
        shell.run("--org", Shell.OTHER_ORG, "key", "create", "theirs", "--kek-file", old)
                .with(2);

        shell.run("key", "create", "two", "--kek-file", future).with(0);
        shell.run("key", "reseal", "--kek-file", future, "--new-kek-file", old).with(0);
        assertEquals(2L, shell.lastEvent().get("keys"));
    }
}
