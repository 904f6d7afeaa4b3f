// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Pem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** {@code --signer-command}: the private key is a program's. This one is a script that calls OpenSSL. */
@DisabledOnOs(OS.WINDOWS)
class SignerCommandLineTest extends SignerCommandFixture {

    private String answerTo(Path file) throws Exception {
        byte[] hash = PackageHash.ofContent(Files.readAllBytes(file)).bytes();
        return "{\"signature\":\"" + Base64.getEncoder().encodeToString(key.sign(hash)) + "\"}";
    }

    private Done sign(Object... more) {
        Object[] words = {"sign", jar, "--signer-command", signer, "--public-key", publicKey};
        Object[] all = java.util.Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return shell.run(all);
    }

    private void trust() {
        shell.run("trust", "add", publicKey, "--name", "hsm").with(0);
    }

    @Test
    void sign_writesStoresAndRecords_withoutAKeyEncryptionKey() throws Exception {
        shell.variables.remove("CLOACINA_KEY_ENCRYPTION_KEY");
        trust();

        Map<String, Object> signed = sign("--json").with(0).json();

        assertEquals(key.publicKey().fingerprint().hex(), signed.get("key_fingerprint"));
        assertEquals(true, signed.get("stored"));
        assertEquals(true, signed.get("changed"));
        assertEquals("package.signed", shell.lastEvent().get("event_type"));
        shell.run("verify", jar, "--source", "database").with(0);
        shell.run("verify", jar, "--source", "detached").with(0);
        assertEquals(false, sign("--json").with(0).json().get("changed"));
    }

    @Test
    void sign_withoutStore_opensNone() throws Exception {
        shell.variables.remove("CLOACINA_ORG_ID");

        sign("--no-store").with(0);

        shell.run("verify", jar, "--public-key", publicKey).with(0);
        assertFalse(shell.names().contains("trust.db"));
    }

    @Test
    void sign_version2AddTogetherAndNested_workToo() throws Exception {
        trust();
        Object[] named = {"--package-name", "a", "--package-version", "1"};

        sign("--format", "2", named[0], named[1], named[2], named[3]).with(0);
        shell.run("verify", jar, "--source", "detached").with(0);
        shell.createTrustedKey("second");
        shell.run("sign", jar, "--key", "second", "--add").with(0);
        shell.run("verify", jar, "--required-signers", "2").with(0);

        Path other = shell.file("packages/b.jar", "b");
        shell.run("sign", other, "--key", "second", "--format", "2", named[0], named[1], named[2], named[3])
                .with(0);
        shell.run("sign", other, "--add", "--signer-command", signer, "--public-key", publicKey)
                .with(0);
        shell.run("verify", other, "--required-signers", "2").with(0);

        Path out = shell.home.resolve("all.sig");
        sign(other, "--together", "--out", out, named[0], named[1], named[2], named[3])
                .with(0);
        shell.run("verify", jar, "--signature", out, "--public-key", publicKey).with(0);

        Path war = shell.home.resolve("shop.war");
        try (var zip = new java.util.zip.ZipOutputStream(Files.newOutputStream(war))) {
            zip.putNextEntry(new java.util.zip.ZipEntry("WEB-INF/classes/A.class"));
            zip.write(1);
        }
        List<Map<String, Object>> nested = shell.run(
                        "sign", war, "--nested", "--signer-command", signer, "--public-key", publicKey, "--json")
                .with(0)
                .jsons();
        assertEquals(2, nested.size());
    }

    @Test
    void sign_directory_asksOneProcess() throws Exception {
        trust();
        for (int i = 0; i < 20; i++) {
            shell.file("packages/p" + i + ".jar", "jar " + i);
        }
        Path starts = shell.home.resolve("starts");
        Path counting = script("counting", "echo start >> '" + starts + "'", "exec '" + signer + "'");

        Done done = shell.run("sign", jar.getParent(), "--signer-command", counting, "--public-key", publicKey)
                .with(0);

        assertEquals(21, done.lines().size());
        assertEquals(1, Files.readAllLines(starts).size());
        shell.run("verify", jar.getParent()).with(0);
    }

    @Test
    void auditCheckpoint_isSignedToo() throws Exception {
        trust();
        Path log = shell.home.resolve(".cloacina/audit.jsonl");

        Map<String, Object> checkpoint = shell.run(
                        "audit", "checkpoint", log, "--signer-command", signer, "--public-key", publicKey, "--json")
                .with(0)
                .json();

        assertEquals(key.publicKey().fingerprint().hex(), checkpoint.get("key_fingerprint"));
        shell.run("audit", "verify", log, "--checkpoints", log + ".checkpoints", "--public-key", publicKey)
                .with(0);
    }

    @Test
    void answers_thatAreNone_signNothing() throws Exception {
        trust();
        Map<String, String> wrong = Map.of(
                "echo garbage",
                "answered with what is no JSON object",
                "cat > /dev/null",
                "ended without an answer",
                "echo 'pin is wrong' >&2; exit 2",
                "ended with status [2]: pin is wrong",
                "head -c 9999 /dev/zero | tr '\\0' a",
                "answered with a line of more than 4 KiB",
                "echo '" + answerTo(jar) + "'; echo 'token removed' >&2; exit 9",
                "ended with status [9]: token removed");
        for (Map.Entry<String, String> one : wrong.entrySet()) {
            script("signer", "read -r line", one.getKey());
            Done done = sign("--json").with(3);
            assertEquals("signer_failed", done.json().get("error"));
            assertTrue(done.err().contains(one.getValue()), done.err());
            assertEquals(1, done.err().lines().count(), done.err());
            assertEquals("package.sign.failure", shell.lastEvent().get("event_type"));
            assertNothingSigned();
        }
    }

    @Test
    void signature_ofAnotherKey_isRefused() throws Exception {
        trust();
        publicKey = shell.file(
                "other.pem",
                Pem.write(Ed25519PrivateKey.generate(new SecureRandom()).publicKey()));
        for (String format : List.of("1", "2")) {
            Done done = (format.equals("1")
                            ? sign("--json")
                            : sign("--json", "--format", "2", "--package-name", "a", "--package-version", "1"))
                    .with(1);
            assertEquals("wrong_signature", done.json().get("error"));
            assertNothingSigned();
        }
    }

    @Test
    void oneThatFails_harmsNoOther() throws Exception {
        trust();
        Path second = shell.file("packages/b.jar", "b");
        script(
                "signer",
                "read -r line",
                "case $line in *" + messageOf(jar) + "*) echo '" + answerTo(jar) + "';;",
                "*) exit 5;; esac");

        Done done = shell.run("sign", jar, second, "--signer-command", signer, "--public-key", publicKey)
                .with(3);

        assertTrue(Files.exists(Path.of(jar + ".sig")));
        assertFalse(Files.exists(Path.of(second + ".sig")));
        assertTrue(done.err().contains("2 packages: 1 signed, 0 signed already, 1 not signed"), done.err());
    }

    private static String messageOf(Path file) throws Exception {
        return Base64.getEncoder()
                .encodeToString(PackageHash.ofContent(Files.readAllBytes(file)).bytes());
    }

    @Test
    void program_thatCannotBeStarted_isSaidInOneLine() throws Exception {
        Path plain = shell.file("plain", "#!/bin/sh\n");
        for (Map.Entry<Object, String> one : Map.<Object, String>of(
                        shell.home.resolve("absent"),
                        "is not there",
                        "sh",
                        "is not looked for in PATH",
                        plain,
                        "is not executable; chmod +x would mend it",
                        shell.home,
                        "is not a file")
                .entrySet()) {
            Done done = shell.run("sign", jar, "--signer-command", one.getKey(), "--public-key", publicKey)
                    .with(3);
            assertTrue(done.err().contains(one.getValue()), done.err());
            assertEquals(1, done.err().lines().count(), done.err());
            assertNothingSigned();
        }
    }

    @Test
    void options_thatDoNotFit_areUsageErrors() throws Exception {
        Path pem = shell.home.resolve("hsm.pem");
        for (Object[] options : new Object[][] {
            {"--signer-command", signer},
            {"--signer-command", signer, "--public-key", publicKey, "--key", "x"},
            {"--signer-command", signer, "--public-key", publicKey, "--private-key", pem},
            {"--key", "x", "--signer-arg", "a"},
            {"--private-key", pem, "--public-key", publicKey},
            {"--signer-command", signer, "--public-key", publicKey, "--no-store", "--no-detached"},
        }) {
            for (Object[] command : new Object[][] {{"sign", jar}, {"audit", "checkpoint", jar}}) {
                if (command.length == 3 && options.length == 6 && options[5].equals("--no-detached")) {
                    continue;
                }
                Object[] words = java.util.Arrays.copyOf(command, command.length + options.length);
                System.arraycopy(options, 0, words, command.length, options.length);
                Done done = shell.run(words).with(2);
                assertTrue(done.err().startsWith("cloacina: "), done.err());
                assertEquals(1, done.err().lines().count(), done.err());
            }
        }
    }

    @Test
    void publicKey_thatIsNoneOrAbsent_isSaid() throws Exception {
        trust();
        publicKey = shell.home.resolve("nowhere.pem");
        assertTrue(sign().with(3).err().contains("nowhere.pem"));
        publicKey = shell.home.resolve("hsm.pem");
        assertTrue(sign().with(2).err().contains("hsm.pem"));
        assertNothingSigned();
    }

    @Test
    void arguments_areHandedOn_andNeverRepeated() throws Exception {
        trust();
        script("signer", "[ \"$1 $2\" = '--pin 12 34' ] || exit 1", "read -r line; echo '" + answerTo(jar) + "'");
        sign("--signer-arg", "--pin", "--signer-arg=12 34").with(0);

        Done done = sign(
                        "--signer-arg=12 34",
                        "--force",
                        "--format",
                        "2",
                        "--package-name",
                        "a",
                        "--package-version",
                        "1")
                .with(3);
        assertFalse((done.err() + done.out() + shell.lastEvent()).contains("12 34"), done.err());
    }

    @Test
    void dryRun_startsNothing() throws Exception {
        trust();
        script("signer", "touch '" + shell.home.resolve("started") + "'");

        sign("--dry-run").with(0);

        assertFalse(Files.exists(shell.home.resolve("started")));
    }
}
