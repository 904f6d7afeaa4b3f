// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.crypto.PackageHash;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntakeCommandTest {

    /** Signed by a key that is in the file of keys, and by one that has expired. */
    private static final Path PUBLISHED = Path.of("target/published");

    private static final String GOOD = "jackson-annotations-2.18.2.jar";
    private static final String EXPIRED = "jackson-annotations-2.13.0.jar";
    private static final String PUBLISHER = "28118C070CB22A0175A2E8D43D12CA2AC19F3181";

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private Path keys;

    @BeforeEach
    void makeKey() throws Exception {
        shell.createTrustedKey("release");
        keys = Files.copy(
                Path.of("src/test/resources/io/cloacina/guard/internal/intake/jackson-KEYS"), home.resolve("KEYS"));
    }

    private Path published(String name, String as) throws Exception {
        Path file = home.resolve(as);
        Files.createDirectories(file.getParent());
        Files.copy(PUBLISHED.resolve(name + ".asc"), home.resolve(as + ".asc"));
        return Files.copy(PUBLISHED.resolve(name), file);
    }

    private static String sha256(Path file) throws Exception {
        return PackageHash.ofContent(Files.readAllBytes(file)).hex();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> evidence(Map<String, Object> result) {
        return (List<Map<String, Object>>) result.get("evidence");
    }

    private long intakes() {
        return (long) shell.run("store", "status", "--json").json().get("guard_intake");
    }

    @Test
    void intake_signedByItsPublisher_isSignedStoredAndRecorded() throws Exception {
        Path jar = published(GOOD, "p/a.jar");

        Map<String, Object> taken = shell.run("intake", jar, "--pgp-key", keys, "--key", "release", "--json")
                .with(0)
                .json();

        assertEquals(true, taken.get("stored"));
        assertEquals(sha256(jar), taken.get("package_hash"));
        assertEquals(
                Map.of("kind", "pgp", "identity", PUBLISHER, "digest", sha256(home.resolve("p/a.jar.asc"))),
                evidence(taken).get(0));
        List<Map<String, Object>> events = shell.events();
        Map<String, Object> intake = events.get(events.size() - 2);
        assertEquals("package.intake", intake.get("event_type"));
        assertEquals(
                List.of("package_path", "package_hash", "evidence_kind", "evidence_identity", "evidence_digest"),
                List.copyOf(intake.keySet()).subList(4, intake.size()));
        assertEquals(jar.toString(), intake.get("package_path"));
        assertEquals(PUBLISHER, intake.get("evidence_identity"));
        assertEquals("package.signed", shell.lastEvent().get("event_type"));
        assertEquals(1, intakes());
        shell.run("verify", jar, "--source", "database").with(0);
        shell.run("verify", jar, "--source", "detached").with(0);
    }

    @Test
    void intake_again_changesNothing() throws Exception {
        Path jar = published(GOOD, "p/a.jar");
        shell.run("intake", jar, "--pgp-key", keys, "--key", "release").with(0);
        int events = shell.events().size();

        Map<String, Object> again = shell.run("intake", jar, "--pgp-key", keys, "--key", "release", "--json")
                .with(0)
                .json();

        assertEquals(false, again.get("changed"));
        assertEquals(events, shell.events().size());
        assertEquals(1, intakes());
    }

    @Test
    void intake_refused_isNeitherSignedNorStored_andSaysWhy() throws Exception {
        Path jar = published(EXPIRED, "p/a.jar");

        Map<String, Object> refused = shell.run("intake", jar, "--pgp-key", keys, "--key", "release", "--json")
                .with(1)
                .json();

        assertEquals("expired_evidence", refused.get("error"));
        assertTrue(refused.get("message").toString().contains("has expired on 2022-08-01"), refused.toString());
        assertEquals(List.of(), refused.get("evidence"));
        assertFalse(Files.exists(Path.of(jar + ".sig")));
        assertEquals(0, intakes());
        Map<String, Object> event = shell.lastEvent();
        assertEquals("package.intake.refused", event.get("event_type"));
        assertEquals(
                List.of("package_path", "package_hash", "failure_reason", "error"),
                List.copyOf(event.keySet()).subList(4, event.size()));
        assertEquals("expired_evidence", event.get("failure_reason"));
        shell.run("verify", jar).with(1);
    }

    @Test
    void intake_ofADirectory_tellsEachByItsEvidence_andGoesOn() throws Exception {
        published(GOOD, "p/a.jar");
        published(EXPIRED, "p/b.jar");
        shell.file("p/c.jar", "nobody has signed this");
        shell.file("p/notes.txt", "no package");

        Done done = shell.run("intake", home.resolve("p"), "--pgp-key", keys, "--key", "release")
                .with(1);

        assertEquals(3, done.lines().size(), done.out());
        assertTrue(done.lines().get(0).startsWith("pgp " + PUBLISHER + "  "), done.out());
        assertTrue(done.lines().get(0).contains("a.jar: signed (a.jar.sig, stored)"), done.out());
        assertTrue(done.lines().get(1).startsWith("expired_evidence "), done.out());
        assertTrue(done.lines().get(2).startsWith("no_evidence "), done.out());
        assertTrue(done.lines().get(2).contains("c.jar: NOT SIGNED: "), done.out());
        assertTrue(done.err().contains("has no OpenPGP signature [" + home.resolve("p/c.jar.asc") + "]"), done.err());
        assertTrue(done.err().contains("1 package taken in by pgp " + PUBLISHER + " (Tatu Saloranta"), done.err());
        assertTrue(done.err().contains("3 packages: 1 signed, 0 signed already, 2 not signed"), done.err());
    }

    @Test
    void intake_ofAllFilesOfADirectory_leavesOutTheSignatures() throws Exception {
        Path jar = published(GOOD, "p/a.jar");

        Done done = shell.run("intake", jar, jar + ".asc", "--pgp-key", keys, "--key", "release")
                .with(0);

        assertEquals(1, done.lines().size(), done.out());
    }

    @Test
    void intake_allThatIsNamed_mustHold() throws Exception {
        Path jar = published(GOOD, "p/a.jar");
        Path list = shell.file("p/SHA256SUMS", sha256(jar) + "  a.jar\n");
        Path wrong = shell.file("p/WRONG", "00".repeat(32) + "  a.jar\n");

        Map<String, Object> refused = shell.run(
                        "intake", jar, "--pgp-key", keys, "--sha256-file", wrong, "--key", "release", "--json")
                .with(1)
                .json();
        assertEquals("different_hash", refused.get("error"));
        assertEquals(0, intakes());

        Map<String, Object> taken = shell.run(
                        "intake",
                        jar,
                        "--pgp-key",
                        keys,
                        "--sha256-file",
                        list,
                        "--sha256",
                        sha256(jar),
                        "--key",
                        "release",
                        "--json")
                .with(0)
                .json();

        assertEquals(
                List.of("pgp", "sha256", "sha256"),
                evidence(taken).stream().map(one -> one.get("kind")).toList());
        assertEquals(sha256(list), evidence(taken).get(2).get("digest"));
        assertEquals(3, intakes());
    }

    @Test
    void intake_byItsHash_needsNoOtherEvidence() throws Exception {
        Path jar = shell.file("a.jar", "jar");

        shell.run("intake", jar, "--sha256", sha256(jar).toUpperCase(Locale.ROOT), "--key", "release")
                .with(0);

        assertEquals(
                "different_hash",
                shell.run("intake", keys, "--sha256", sha256(jar), "--key", "release", "--json")
                        .with(1)
                        .json()
                        .get("error"));
    }

    @Test
    void intake_signatureElsewhere_isNamed() throws Exception {
        Path jar = published(GOOD, "p/a.jar");
        Path signature = Files.move(home.resolve("p/a.jar.asc"), home.resolve("elsewhere"));

        shell.run("intake", jar, "--pgp-key", keys, "--pgp-signature", signature, "--key", "release")
                .with(0);
        assertEquals(
                "unreadable_file",
                shell.run(
                                "intake",
                                jar,
                                "--pgp-key",
                                keys,
                                "--pgp-signature",
                                home.resolve("x"),
                                "--key",
                                "release",
                                "--json")
                        .with(3)
                        .json()
                        .get("error"));
    }

    @Test
    void intake_offline_recordsAndStoresNothing() throws Exception {
        Path jar = published(GOOD, "p/a.jar");
        Path secret = home.resolve("secret.pem");
        shell.run("key", "export", "release", "--private", "--out", secret).with(0);
        Files.delete(home.resolve(".cloacina/trust.db"));
        shell.variables.clear();

        Map<String, Object> taken = shell.run("intake", jar, "--pgp-key", keys, "--private-key", secret, "--json")
                .with(0)
                .json();

        assertEquals(false, taken.get("stored"));
        assertFalse(Files.exists(home.resolve(".cloacina/trust.db")));
        List<Object> types = shell.eventTypes();
        assertEquals(List.of("package.intake", "package.signed"), types.subList(types.size() - 2, types.size()));
    }

    @Test
    void intake_withoutDetached_orWithoutStore_orAsVersion2_signsLikeSign() throws Exception {
        Path jar = published(GOOD, "p/a.jar");

        shell.run("intake", jar, "--pgp-key", keys, "--key", "release", "--no-store")
                .with(0);
        assertEquals(0, intakes());
        shell.run("verify", jar, "--source", "detached").with(0);
        Files.delete(Path.of(jar + ".sig"));
        shell.run("intake", jar, "--pgp-key", keys, "--key", "release", "--no-detached")
                .with(0);
        assertFalse(Files.exists(Path.of(jar + ".sig")));
        assertEquals(1, intakes());
        Map<String, Object> second = shell.run(
                        "intake", jar, "--pgp-key", keys, "--key", "release", "--format", "2", "--json")
                .with(0)
                .json();
        assertEquals(2L, second.get("format"));
    }

    @Test
    void intake_besideTheSigOfAnotherProgram_leavesItAlone() throws Exception {
        Path jar = published(GOOD, "p/a.jar");
        Files.writeString(Path.of(jar + ".sig"), "{");

        Map<String, Object> refused = shell.run("intake", jar, "--pgp-key", keys, "--key", "release", "--json")
                .with(1)
                .json();

        assertEquals("foreign_signature", refused.get("error"));
        assertEquals("package.sign.failure", shell.lastEvent().get("event_type"));
        assertEquals(0, intakes());
    }

    @Test
    void intake_packageThatIsMissing_isTrouble() throws Exception {
        assertEquals(
                "unreadable_package",
                shell.run("intake", home.resolve("none.jar"), "--pgp-key", keys, "--key", "release", "--json")
                        .with(3)
                        .json()
                        .get("error"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.jar --key release|name what has to vouch for the package",
                "--pgp-key KEYS --key release|name at least one package",
                "a.jar --pgp-key KEYS|name one key to sign with",
                "a.jar b.jar --pgp-key KEYS --pgp-signature x --key release|are of one package",
                "p --sha256 00 --key release|are of one package",
                "a.jar --sha256 00 --key release|64 hexadecimal digits",
                "a.jar --pgp-signature x --sha256-file y --key release|the key that --pgp-key names",
                "a.jar --pgp-key KEYS --key release --together --out x|--together is of sign"
            })
    void intake_askedWrongly_isAUsageError(String arguments, String says) throws Exception {
        Files.createDirectories(home.resolve("p"));
        List<Object> words = new ArrayList<>(List.of("intake"));
        for (String word : arguments.split(" ")) {
            boolean file = word.equals("p") || word.equals("KEYS") || word.endsWith(".jar");
            words.add(file ? home.resolve(word) : word);
        }

        Done done = shell.run(words.toArray()).with(2);

        assertTrue(done.err().contains(says), done.err());
    }

    @Test
    void intake_evidenceOfAnotherForm_isSaidBeforeAnythingIsDone() throws Exception {
        Path jar = published(GOOD, "p/a.jar");
        Path text = shell.file("text", "text");

        for (String option : List.of("--pgp-key", "--jar-signer", "--sha256-file")) {
            Map<String, Object> refused = shell.run("intake", jar, option, text, "--key", "release", "--json")
                    .with(2)
                    .json();
            assertTrue(refused.get("error").toString().startsWith("malformed_"), refused.toString());
            shell.run("intake", jar, option, home.resolve("none"), "--key", "release")
                    .with(3);
        }
        assertFalse(Files.exists(Path.of(jar + ".sig")));
    }
}
