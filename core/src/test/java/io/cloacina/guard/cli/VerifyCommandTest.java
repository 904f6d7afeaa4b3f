// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.cli.Shell.Done;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class VerifyCommandTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private Map<String, Object> key;
    private Path jar;
    private final Path sig = home.resolve("a.jar.sig");
    private Path pem;

    @BeforeEach
    void openShellWithASignedPackage() throws Exception {
        key = shell.createTrustedKey("release");
        jar = shell.file("a.jar", "jar");
        pem = shell.file("release.pem", shell.run("key", "export", "release").out());
        shell.run("sign", jar, "--key", "release").with(0);
    }

    private void forgetStored() throws Exception {
        Path other = home.resolve("other.db");
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + other);
        shell.run("trust", "add", pem, "--name", "release").with(0);
    }

    @Test
    void verify_signedAndTrusted_saysByWhichKeyAndWhoseTrust() {
        Map<String, Object> verdict = shell.run("verify", jar, "--json").with(0).json();

        assertEquals(
                List.of(
                        "package_path",
                        "package_hash",
                        "verified",
                        "signer_fingerprint",
                        "signer_name",
                        "trusted_by",
                        "signature_source",
                        "failure_reason",
                        "error"),
                List.copyOf(verdict.keySet()));
        assertEquals(jar.toString(), verdict.get("package_path"));
        assertEquals(true, verdict.get("verified"));
        assertEquals(key.get("key_fingerprint"), verdict.get("signer_fingerprint"));
        assertEquals("release", verdict.get("signer_name"));
        assertEquals(Shell.ORG.toString(), verdict.get("trusted_by"));
        assertEquals("detached", verdict.get("signature_source"));
        assertEquals(null, verdict.get("failure_reason"));
        Map<String, Object> event = shell.lastEvent();
        assertEquals("verification.success", event.get("event_type"));
        assertEquals(
                List.of("package_path", "package_hash", "signer_fingerprint", "signer_name"),
                List.copyOf(event.keySet()).subList(4, event.size()));
    }

    @Test
    void verify_sourceDatabase_findsTheStoredOne() throws Exception {
        Files.delete(sig);

        assertEquals(
                "database",
                shell.run("verify", jar, "--source", "database", "--json")
                        .with(0)
                        .json()
                        .get("signature_source"));
    }

    @Test
    void verify_inheritedTrust_namesTheOrganisation() {
        shell.run("--org", Shell.OTHER_ORG, "trust", "grant", Shell.ORG).with(0);

        assertEquals(
                Shell.ORG.toString(),
                shell.run("verify", jar, "--org", Shell.OTHER_ORG, "--json")
                        .with(0)
                        .json()
                        .get("trusted_by"));
    }

    @Test
    void verify_tampered_isRefusedAndRecorded() throws Exception {
        forgetStored();
        Files.writeString(jar, "JAR");

        Map<String, Object> verdict = shell.run("verify", jar, "--json").with(1).json();

        assertEquals(false, verdict.get("verified"));
        assertEquals("tampered_package", verdict.get("failure_reason"));
        assertTrue(shell.run("verify", jar).with(1).out().contains("REFUSED, tampered_package"));
        Map<String, Object> event = shell.lastEvent();
        assertEquals("verification.failure", event.get("event_type"));
        assertEquals(
                List.of("package_path", "package_hash", "signer_fingerprint", "signer_name", "failure_reason"),
                List.copyOf(event.keySet()).subList(4, event.size()));
    }

    @Test
    void verify_staleSigBesideStoredSignature_isVerifiedAndMentioned() throws Exception {
        Path stale = home.resolve("stale.jar");
        Files.writeString(stale, "new content");
        shell.run("sign", stale, "--key", "release").with(0);
        Files.copy(sig, home.resolve("stale.jar.sig"), StandardCopyOption.REPLACE_EXISTING);

        Done done = shell.run("verify", stale).with(0);

        assertTrue(done.out().contains("stored signature"), done.out());
        assertTrue(done.err().contains("note"), done.err());
        assertTrue(shell.lastEvent().get("notes").toString().contains("detached signature is of"));
    }

    @Test
    void verify_unknownSigner_isUntrusted() {
        shell.run("--org", Shell.OTHER_ORG, "verify", jar).with(1);

        assertEquals(
                "untrusted_signer",
                shell.run("verify", jar, "--org", Shell.OTHER_ORG, "--json")
                        .with(1)
                        .json()
                        .get("failure_reason"));
    }

    @Test
    void verify_noSignature_isNotFound() throws Exception {
        assertEquals(
                "signature_not_found",
                shell.run("verify", shell.file("b.jar", "b"), "--json")
                        .with(1)
                        .json()
                        .get("failure_reason"));
    }

    @Test
    void verify_missingEmptyDirectoryFifoDevice_isUnreadable() throws Exception {
        Path fifo = home.resolve("fifo");
        assumeTrue(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor() == 0);
        Path empty = Files.createDirectory(home.resolve("empty"));

        for (Path path : List.of(
                home.resolve("nope"), empty, fifo, Path.of("/dev/zero"), Path.of("/proc/self/mem"), Path.of("/"))) {
            Map<String, Object> verdict =
                    shell.run("verify", path, "--json").with(1).json();
            assertEquals("unreadable_package", verdict.get("failure_reason"), path.toString());
            assertEquals(null, verdict.get("package_hash"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''",
                "{",
                "[]",
                "nonsense",
                "{\"version\":1}",
                "{\"version\":1,\"version\":1}",
            })
    void verify_malformedSig_isRefusedAsMalformed(String content) throws Exception {
        forgetStored();
        Files.writeString(sig, content);

        assertEquals(
                "malformed_signature",
                shell.run("verify", jar, "--json").with(1).json().get("failure_reason"));
    }

    @Test
    void verify_sigOfOneMegabyte_isRefusedAsMalformed() throws Exception {
        forgetStored();
        Files.writeString(sig, " ".repeat(1 << 20), StandardOpenOption.APPEND);

        assertEquals(
                "malformed_signature",
                shell.run("verify", jar, "--json").with(1).json().get("failure_reason"));
        assertEquals(
                "malformed_signature",
                shell.run("verify", jar, "--public-key", pem, "--json")
                        .with(1)
                        .json()
                        .get("failure_reason"));
    }

    @Test
    void verify_malformedSigBesideStoredSignature_isVerified() throws Exception {
        Files.writeString(sig, "{");

        shell.run("verify", jar).with(0);
        shell.run("verify", jar, "--source", "detached").with(1);
    }

    @Test
    void verify_offline_opensNoStore() throws Exception {
        shell.variables.clear();
        shell.variables.put("CLOACINA_DATABASE_URL", "postgres://nobody@127.0.0.1:1/none");

        Map<String, Object> verdict =
                shell.run("verify", jar, "--public-key", pem, "--json").with(0).json();

        assertEquals(key.get("key_fingerprint"), verdict.get("signer_fingerprint"));
        assertEquals(null, verdict.get("trusted_by"));
        assertEquals("detached", verdict.get("signature_source"));
        assertEquals(null, shell.lastEvent().get("org_id"));
    }

    @Test
    void verify_offlineWithAnotherKey_isUntrusted() throws Exception {
        shell.run("key", "create", "stranger").with(0);
        Path stranger =
                shell.file("s.pem", shell.run("key", "export", "stranger").out());

        assertEquals(
                "untrusted_signer",
                shell.run("verify", jar, "--public-key", stranger, "--json")
                        .with(1)
                        .json()
                        .get("failure_reason"));
    }

    @Test
    void verify_signatureElsewhere_isRead() throws Exception {
        Path elsewhere = home.resolve("elsewhere.sig");
        Files.move(sig, elsewhere);

        shell.run("verify", jar, "--public-key", pem).with(1);
        shell.run("verify", jar, "--public-key", pem, "--signature", elsewhere).with(0);
        shell.run("verify", jar, "--source", "detached", "--signature", elsewhere)
                .with(0);
    }

    @Test
    void verify_publicKeyThatIsNone_isToldApart() throws Exception {
        Path weak = shell.file(
                "weak.pem",
                "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
                        + "-----END PUBLIC KEY-----\n");

        assertEquals(
                "weak_key",
                shell.run("verify", jar, "--public-key", weak, "--json")
                        .with(1)
                        .json()
                        .get("error"));
        shell.run("verify", jar, "--public-key", jar).with(2);
        shell.run("verify", jar, "--public-key", home.resolve("nope")).with(3);
    }

    @Test
    void verify_severalFiles_areAllJudged() throws Exception {
        Path unsigned = shell.file("b.jar", "b");

        List<Map<String, Object>> verdicts =
                shell.run("verify", unsigned, jar, "--json").with(1).jsons();

        assertEquals(
                List.of(false, true),
                verdicts.stream().map(one -> one.get("verified")).toList());
    }

    @Test
    void verify_noStore_isTroubleForEachFile() throws Exception {
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + home.resolve("nope.db"));

        Map<String, Object> verdict = shell.run("verify", jar, "--json").with(3).json();

        assertEquals("store_unavailable", verdict.get("failure_reason"));
        assertEquals("store_unavailable", shell.lastEvent().get("failure_reason"));
        assertFalse(Files.exists(home.resolve("nope.db")));
    }

    @Test
    void verify_storeUnreachable_isTrouble() {
        assertEquals(
                "store_unavailable",
                shell.run("verify", jar, "--store", "postgres://a:geheim@127.0.0.1:1/x", "--json")
                        .with(3)
                        .json()
                        .get("failure_reason"));
        assertFalse(shell.run("verify", jar, "--store", "postgres://a:geheim@127.0.0.1:1/x")
                .out()
                .contains("geheim"));
    }

    @Test
    void verify_contradictions_areUsageErrors() {
        shell.run("verify").with(2);
        shell.run("verify", jar, jar, "--signature", sig).with(2);
        shell.run("verify", jar, "--source", "elsewhere").with(2);
        shell.run("verify", jar, "--source", "database", "--public-key", pem).with(2);
        shell.run("verify", jar, "--source", "database", "--signature", sig).with(2);
        shell.variables.remove("CLOACINA_ORG_ID");
        shell.run("verify", jar).with(2);
    }

    /** Command lines of which those that are plain are read without picocli. */
    static Stream<String> commandLines() {
        return Stream.of(
                "verify a.jar",
                "verify a.jar a.jar missing.jar",
                "verify a.jar --source database",
                "verify --source detached a.jar",
                "--org %ORG% verify a.jar",
                "verify a.jar --org %ORG% --store sqlite://%HOME%/.cloacina/trust.db",
                "verify --signature a.jar.sig a.jar",
                "verify --public-key release.pem a.jar",
                "verify --public-key release.pem --signature a.jar.sig a.jar",
                "verify --public-key a.jar a.jar",
                "verify --tree tree --tree tree a.jar",
                "verify verify key a.jar",
                "--audit file:%HOME%/events verify a.jar",
                "verify --source=database a.jar",
                "verify a.jar --source",
                "verify a.jar --source database --source detached",
                "verify a.jar --source --tree",
                "verify a.jar --source elsewhere",
                "verify a.jar --source database --signature a.jar.sig",
                "verify a.jar --public-key release.pem --source database",
                "verify a.jar a.jar --signature a.jar.sig",
                "verify",
                "verify --tree",
                "verify -- a.jar",
                "verify - a.jar",
                "verify @a.jar",
                "verify --none a.jar",
                "--source database verify a.jar",
                "a.jar verify",
                "verify a.jar --org 1",
                "verify a.jar --org %ORG% --org %ORG%",
                "verify a.jar --store gopher://a");
    }

    @ParameterizedTest
    @MethodSource("commandLines")
    void verify_readWithoutPicocli_doesWhatItDoesWithPicocli(String line) throws Exception {
        shell.file("tree/A.class", "class");
        String full = line.replace("%ORG%", Shell.ORG.toString()).replace("%HOME%", home.toString());
        for (boolean json : new boolean[] {false, true}) {
            List<Object> words = new ArrayList<>();
            for (String word : full.split(" ")) {
                boolean file = Files.exists(home.resolve(word)) || word.equals("missing.jar");
                words.add(file ? home.resolve(word).toString() : word);
            }
            List<Object> byPicocli = new ArrayList<>(words);
            if (json) {
                words.add(0, "--json");
            }
            // No plain command line has this form of the option.
            byPicocli.add(0, "--json=" + json);

            Shell.Done one = shell.run(words.toArray());
            Shell.Done other = shell.run(byPicocli.toArray());
            assertEquals(other.status(), one.status(), line);
            assertEquals(other.err(), one.err(), line);
            if (one.status() != ExitStatus.USAGE) {
                // What is wrong is told as JSON only if the option was given in its usual form.
                assertEquals(other.out(), one.out(), line);
            }
        }
    }
}
