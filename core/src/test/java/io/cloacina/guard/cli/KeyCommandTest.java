// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code key}: what is done with keys that are there. */
class KeyCommandTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;

    @Test
    void list_severalKeys_areShownOldestFirstWithRevokedOnes() {
        shell.run("key", "create", "b").with(0);
        shell.now = shell.now.plusSeconds(1);
        shell.run("key", "create", "a").with(0);
        shell.run("key", "revoke", "b").with(0);
        shell.run("--org", Shell.OTHER_ORG, "key", "create", "c").with(0);

        List<Map<String, Object>> keys =
                shell.run("key", "list", "--json").with(0).jsons();

        assertEquals(
                List.of("b", "a"), keys.stream().map(key -> key.get("key_name")).toList());
        assertEquals("2026-01-28T12:00:01.123456Z", keys.get(0).get("revoked_at"));
        assertTrue(shell.run("key", "list").lines().get(0).contains("revoked"));
    }

    @Test
    void list_noStore_isTroubleAndMakesNone() {
        assertEquals(
                "store_unavailable",
                shell.run("key", "list", "--json").with(3).json().get("error"));
        assertFalse(Files.exists(home.resolve(".cloacina")));
    }

    @Test
    void show_byIdFingerprintNameOrPrefix_findsTheKey() {
        Map<String, Object> key =
                shell.run("key", "create", "release", "--json").json();
        String id = (String) key.get("key_id");
        String fingerprint = (String) key.get("key_fingerprint");

        for (String wanted : List.of(id, fingerprint, "release", id.substring(0, 6), fingerprint.substring(0, 6))) {
            assertEquals(key, shell.run("key", "show", wanted, "--json").with(0).json());
        }
        assertTrue(shell.run("key", "show", "release").with(0).out().contains(fingerprint));
    }

    @Test
    void show_unknownOrTooShort_isUsageError() {
        Map<String, Object> key =
                shell.run("key", "create", "release", "--json").json();
        String prefix = key.get("key_id").toString().substring(0, 5);

        assertEquals(
                "unknown_key",
                shell.run("key", "show", prefix, "--json").with(2).json().get("error"));
        assertEquals(
                "unknown_key",
                shell.run("key", "show", "nope", "--json").with(2).json().get("error"));
    }

    @Test
    void show_ambiguous_isUsageErrorWithTheCandidates() throws Exception {
        Path pem = privatePem("secret.pem");
        String first = (String)
                shell.run("key", "import", "one", pem, "--json").with(0).json().get("key_id");
        String second = (String)
                shell.run("key", "import", "two", pem, "--json").with(0).json().get("key_id");
        String fingerprint =
                (String) shell.run("key", "show", "one", "--json").json().get("key_fingerprint");

        Done done =
                shell.run("key", "show", fingerprint.substring(0, 8), "--json").with(2);

        assertEquals("ambiguous_key", done.json().get("error"));
        assertTrue(done.json().get("message").toString().contains(first), done.out());
        assertTrue(done.err().contains(second), done.err());
    }

    @Test
    void export_publicKey_isPemOnStandardOutputAndRecorded() throws Exception {
        Map<String, Object> key =
                shell.run("key", "create", "release", "--json").json();

        Done done = shell.run("key", "export", "release").with(0);
        Map<String, Object> json =
                shell.run("key", "export", "release", "--json").with(0).json();

        assertEquals(
                key.get("key_fingerprint"),
                Pem.readPublicKey(done.out().getBytes(StandardCharsets.UTF_8))
                        .fingerprint()
                        .hex());
        assertEquals(List.of("key_id", "key_fingerprint", "public_key", "public_key_pem"), List.copyOf(json.keySet()));
        assertEquals(done.out(), json.get("public_key_pem"));
        assertEquals(
                key.get("public_key"),
                shell.run("key", "export", "release", "--raw").with(0).out().strip());
        assertEquals("key.exported", shell.lastEvent().get("event_type"));
        assertEquals(false, shell.lastEvent().get("private"));
    }

    @Test
    void export_privateKey_isANewFileForItsOwnerOnly() throws Exception {
        Map<String, Object> key =
                shell.run("key", "create", "release", "--json").json();
        Path file = home.resolve("secret.pem");

        Done done = shell.run("key", "export", "release", "--private", "--out", file)
                .with(0);

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        try (Ed25519PrivateKey opened = Pem.readPrivateKey(Files.readAllBytes(file))) {
            assertEquals(
                    key.get("key_fingerprint"), opened.publicKey().fingerprint().hex());
        }
        String secret = Files.readAllLines(file).get(1);
        assertFalse((done.out() + done.err() + shell.events()).contains(secret));
        assertEquals(true, shell.lastEvent().get("private"));
    }

    @Test
    void export_privateKeyOverAFile_isTroubleAndLeavesIt() throws Exception {
        shell.run("key", "create", "release").with(0);
        Path file = shell.file("secret.pem", "mine");

        Done done = shell.run("key", "export", "release", "--private", "--out", file)
                .with(3);

        assertTrue(done.err().contains("already"), done.err());
        assertEquals("mine", Files.readString(file));
    }

    @Test
    void export_privateKeyToStandardOutput_isUsageError() {
        shell.run("key", "create", "release").with(0);

        assertEquals(
                "usage",
                shell.run("key", "export", "release", "--private", "--json")
                        .with(2)
                        .json()
                        .get("error"));
        shell.run("key", "export", "release", "--private", "--raw", "--out", home.resolve("x"))
                .with(2);
        assertFalse(Files.exists(home.resolve("x")));
    }

    @Test
    void export_wrongKek_isUsageErrorAndWritesNothing() throws Exception {
        shell.run("key", "create", "release").with(0);
        Path file = home.resolve("secret.pem");

        shell.run("key", "export", "release", "--private", "--out", file, "--kek-file", shell.kekFile("other"))
                .with(2);

        assertFalse(Files.exists(file));
    }

    @Test
    void import_pkcs8_isTheSameKey() throws Exception {
        Path pem = privatePem("secret.pem");

        Map<String, Object> key =
                shell.run("key", "import", "imported", pem, "--json").with(0).json();

        try (Ed25519PrivateKey expected = Pem.readPrivateKey(Files.readAllBytes(pem))) {
            assertEquals(expected.publicKey().fingerprint().hex(), key.get("key_fingerprint"));
        }
        assertEquals("key.signing.created", shell.lastEvent().get("event_type"));
    }

    @Test
    void import_malformedOrMissingPem_isToldApart() throws Exception {
        Path noPem = shell.file("no.pem", "hello");
        Path tooLarge = shell.file("large.pem", "x".repeat(70_000));

        assertEquals(
                "malformed_key",
                shell.run("key", "import", "k", noPem, "--json").with(2).json().get("error"));
        assertEquals(
                "malformed_key",
                shell.run("key", "import", "k", tooLarge, "--json")
                        .with(2)
                        .json()
                        .get("error"));
        assertEquals(
                "unreadable_file",
                shell.run("key", "import", "k", home, "--json").with(3).json().get("error"));
        assertEquals(
                "unreadable_file",
                shell.run("key", "import", "k", home.resolve("nope"), "--json")
                        .with(3)
                        .json()
                        .get("error"));
        assertEquals(
                List.of("key.signing.create_failed"),
                shell.eventTypes().stream().distinct().toList());
    }

    @Test
    void revoke_keyThatSigned_leavesItsSignaturesValid() throws Exception {
        shell.createTrustedKey("release");
        Path jar = shell.file("a.jar", "jar");
        Path later = shell.file("b.jar", "other");
        shell.run("sign", jar, "--key", "release").with(0);

        shell.now = shell.now.plusSeconds(60);
        Map<String, Object> revoked =
                shell.run("key", "revoke", "release", "--json").with(0).json();

        assertEquals("2026-01-28T12:01:00.123456Z", revoked.get("revoked_at"));
        assertEquals("key.signing.revoked", shell.lastEvent().get("event_type"));
        Map<String, Object> refused =
                shell.run("sign", later, "--key", "release", "--json").with(1).json();
        assertEquals("signing_key_revoked", refused.get("error"));
        assertTrue(refused.get("message").toString().contains("2026-01-28T12:01:00"), refused.toString());
        shell.run("verify", jar).with(0);
    }

    @Test
    void revoke_twice_keepsTheFirstDateAndRecordsOnce() {
        shell.run("key", "create", "release").with(0);
        Map<String, Object> first =
                shell.run("key", "revoke", "release", "--json").with(0).json();
        shell.now = shell.now.plusSeconds(60);

        assertEquals(
                first, shell.run("key", "revoke", "release", "--json").with(0).json());
        assertEquals(List.of("key.signing.created", "key.signing.revoked"), shell.eventTypes());
    }

    @Test
    void reseal_newKek_opensWithTheNewOneOnly() throws Exception {
        Path future = shell.kekFile("future");
        Path jar = shell.file("a.jar", "jar");
        shell.run("key", "create", "one").with(0);
        shell.run("--org", Shell.OTHER_ORG, "key", "create", "two").with(0);
        shell.run("key", "revoke", "one").with(0);
        shell.variables.remove("CLOACINA_ORG_ID");

        assertEquals(
                Map.of("resealed", 2L),
                shell.run("key", "reseal", "--new-kek-file", future, "--json")
                        .with(0)
                        .json());

        shell.run("--org", Shell.OTHER_ORG, "sign", jar, "--key", "two").with(2);
        shell.run("--org", Shell.OTHER_ORG, "sign", jar, "--key", "two", "--kek-file", future)
                .with(0);
    }

    @Test
    void reseal_newKekInVariableOrMissing_isTakenOrAskedFor() {
        shell.run("key", "create", "one").with(0);
        assertEquals(
                "no_kek", shell.run("key", "reseal", "--json").with(2).json().get("error"));

        shell.variables.put("CLOACINA_NEW_KEY_ENCRYPTION_KEY", "ff".repeat(32));
        shell.run("key", "reseal").with(0);
        shell.variables.put("CLOACINA_KEY_ENCRYPTION_KEY", "ff".repeat(32));
        shell.run("key", "export", "one", "--private", "--out", home.resolve("x"))
                .with(0);
    }

    @Test
    void referenceFormat_createdImportedResealed_staysUsable() throws Exception {
        Path jar = shell.file("a.jar", "jar");
        shell.run("key", "create", "made", "--reference-format").with(0);
        shell.run("key", "import", "imported", privatePem("p.pem"), "--reference-format")
                .with(0);
        shell.variables.put("CLOACINA_NEW_KEY_ENCRYPTION_KEY", shell.variables.get("CLOACINA_KEY_ENCRYPTION_KEY"));
        shell.run("key", "reseal", "--reference-format").with(0);

        shell.run("sign", jar, "--key", "made").with(0);
        shell.run("sign", jar, "--key", "imported").with(0);
    }

    @Test
    void anyCommand_noSecretInAnyOutput() throws Exception {
        String kek = shell.variables.get("CLOACINA_KEY_ENCRYPTION_KEY");
        String all = shell.run("key", "create", "k").out()
                + shell.run("key", "show", "k", "--json").out()
                + shell.run("doctor", "--json").out()
                + Files.readString(home.resolve(".cloacina/audit.jsonl"));

        assertFalse(all.contains(kek));
        assertNotEquals(-1, all.indexOf("key_id"));
    }

    private Path privatePem(String name) throws Exception {
        byte[] seed = Arrays.copyOf(UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII), 32);
        try (Ed25519PrivateKey key = Ed25519PrivateKey.ofSeed(seed)) {
            return Files.write(home.resolve(name), Pem.exposePrivateKey(key));
        }
    }
}
