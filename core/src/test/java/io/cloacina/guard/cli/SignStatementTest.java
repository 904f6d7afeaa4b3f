// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.verify.SignedStatement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sign --format 2} and its options. */
class SignStatementTest extends SignStatementFixture {

    @Test
    void sign_format2_saysWhatThePomSays_andBothPlacesVerify() throws Exception {
        Map<String, Object> signed = sign("--json").with(0).json();

        assertEquals(2, ((Number) signed.get("format")).intValue());
        assertEquals(sig.toString(), signed.get("signature_file"));
        assertEquals(true, signed.get("stored"));
        SignedStatement made = read(sig);
        assertEquals("org.example:shop", made.statement().name());
        assertEquals("1.2.3", made.statement().version());
        assertEquals("shop.jar", made.statement().subjects().get(0).name());
        assertEquals(
                1, shell.eventTypes().stream().filter("package.signed"::equals).count());
        assertEquals(jar.toString(), shell.lastEvent().get("package_path"));
        for (String source : List.of("database", "detached")) {
            Map<String, Object> verdict = shell.run("verify", jar, "--source", source, "--json")
                    .with(0)
                    .json();
            assertEquals("org.example:shop", verdict.get("package_name"));
            assertEquals("1.2.3", verdict.get("package_version"));
            assertEquals(source, verdict.get("signature_source"));
        }
        assertContains(
                "signed as org.example:shop 1.2.3 by release",
                shell.run("verify", jar).with(0).out());
    }

    @Test
    void sign_again_staysAsItIsUnlessItSaysSomethingNew() throws Exception {
        sign("--expires", "2027-01-31T12:00:00Z").with(0);
        byte[] first = Files.readAllBytes(sig);
        int events = shell.events().size();
        shell.now = shell.now.plusSeconds(60);

        Map<String, Object> again =
                sign("--expires", "2027-01-31T13:00:00+01:00", "--json").with(0).json();

        assertEquals(true, again.get("unchanged"));
        assertArrayEquals(first, Files.readAllBytes(sig));
        assertEquals(events, shell.events().size());

        sign("--expires", "2028-01-31T12:00:00Z").with(0);
        assertEquals("2028-01-31T12:00:00Z", read(sig).statement().expiresAt().toString());
        shell.run("verify", jar, "--source", "database").with(0);
    }

    @Test
    void sign_sigWasLost_comesBackFromTheStoreWithItsFirstDate() throws Exception {
        sign().with(0);
        byte[] first = Files.readAllBytes(sig);
        Files.delete(sig);
        shell.now = shell.now.plusSeconds(60);

        sign().with(0);

        assertArrayEquals(first, Files.readAllBytes(sig));
    }

    @Test
    void sign_expired_isRefusedByVerify() throws Exception {
        sign("--expires", "2026-02-01T00:00:00Z").with(0);
        shell.run("verify", jar).with(0);
        shell.now = java.time.Instant.parse("2026-02-01T00:00:00.000001Z");

        Map<String, Object> verdict = shell.run("verify", jar, "--json").with(1).json();

        assertEquals("expired_signature", verdict.get("failure_reason"));
    }

    @Test
    void sign_manifestOfABundle_givesNameAndVersion() throws Exception {
        jar = jar(
                "packages/bundle.jar",
                "META-INF/MANIFEST.MF",
                "Manifest-Version: 1.0\nBundle-SymbolicName: org.example.b;singleton:=true\nBundle-Version: 3.0.0.q1\n",
                POM,
                PROPERTIES,
                "META-INF/maven/org.example/other/pom.properties",
                PROPERTIES);

        sign().with(0);

        SignedStatement made = read(Path.of(jar + ".sig"));
        assertEquals("org.example.b", made.statement().name());
        assertEquals("3.0.0.q1", made.statement().version());
    }

    @Test
    void sign_optionsGoBeforeWhatThePackageSays() throws Exception {
        sign("--package-name", "shop", "--package-version", "2").with(0);
        assertEquals("shop", read(sig).statement().name());
        assertEquals("2", read(sig).statement().version());

        sign("--package-version", "2").with(0);
        assertEquals("org.example:shop", read(sig).statement().name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"no zip", ""})
    void sign_packageThatDoesNotSayHowItIsCalled_asksForTheOptions(String content) throws Exception {
        jar = shell.file("packages/x.so", content);

        Done done = sign().with(2);

        assertContains("--package-name N and --package-version V", done.err());
        assertFalse(Files.exists(Path.of(jar + ".sig")));
        sign("--package-name", "x", "--package-version", "1").with(0);
    }

    @Test
    void sign_pomWithAPlaceholder_asksForTheOptions() throws Exception {
        jar = jar("packages/y.jar", POM, PROPERTIES.replace("1.2.3", "${revision}"));

        Done done = sign().with(2);

        assertContains("version [${revision}]", done.err());
        assertContains("--package-name N and --package-version V", done.err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--format 3|--format is 1 or 2",
                "--package-version latest|--package-version [latest] is no version",
                "--package-name ''|--package-name has 0 characters",
                "--expires 2027-01-31T12:00:00|is not an RFC 3339 time with a zone",
                "--expires tomorrow|is not an RFC 3339 time with a zone",
                "--expires 2026-01-28T12:00:00Z|is over already",
                "--add --package-version 2|--add signs what is said already",
                "--together|--together and --out FILE belong together",
                "--out x.sig|--together and --out FILE belong together",
                "--together --out x.sig --keep-v1|no .sig file beside a package",
                "--keep-v1 --no-store|--keep-v1 needs a store"
            })
    void sign_optionsThatMakeNoSense_areUsageErrors(String options, String error) {
        List<Object> words = new ArrayList<>();
        for (String word : options.split(" ")) {
            words.add(word.equals("''") ? "" : word);
        }
        if (options.startsWith("--format")) {
            words.addAll(0, List.of("sign", jar, "--key", "release"));
            assertContains(error, shell.run(words.toArray()).with(2).err());
        } else {
            assertContains(error, sign(words.toArray()).with(2).err());
        }
        assertFalse(Files.exists(sig));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--package-name=x", "--package-version=1", "--expires=2027-01-31T12:00:00Z", "--keep-v1"})
    void sign_optionOfVersion2WithoutIt_saysWhatToAdd(String option) {
        assertContains(
                "add --format 2",
                shell.run("sign", jar, "--key", "release", option).with(2).err());
    }

    @Test
    void sign_keyAsPackageName_isNotRepeated() {
        String key = "MC4CAQAwBQYDK2VwBCIEIA5bO2rS1vDk0cYyv8fJxH7Qn3mWtZ6uPqLrE9aKsTgB";

        Done done = sign("--package-name", key).with(2);

        assertFalse(done.err().contains(key) || done.out().contains(key));
    }

    @Test
    void keepVersion1_leavesTheSigAndStoresVersion2() throws Exception {
        shell.run("sign", jar, "--key", "release").with(0);
        byte[] version1 = Files.readAllBytes(sig);

        Map<String, Object> signed = sign("--keep-v1", "--json").with(0).json();

        assertEquals(null, signed.get("signature_file"));
        assertArrayEquals(version1, Files.readAllBytes(sig));
        assertEquals(
                "1.2.3",
                shell.run("verify", jar, "--source", "database", "--json")
                        .with(0)
                        .json()
                        .get("package_version"));
        Map<String, Object> again = sign("--keep-v1", "--json").with(0).json();
        assertEquals(true, again.get("unchanged"));
    }

    @Test
    void sign_otherVersionInTheSig_isReplacedAndSaid() throws Exception {
        shell.run("sign", jar, "--key", "release").with(0);
        assertContains(
                "held a signature of version 1, which was replaced",
                sign().with(0).err());
        read(sig);

        assertContains(
                "held a signature of version 2, which was replaced",
                shell.run("sign", jar, "--key", "release").with(0).err());
        assertContains("\"version\":1", Files.readString(sig));
    }

    @Test
    void sign_foreignSig_isLeftAloneWithoutForce() throws Exception {
        Files.writeString(sig, "{\"payload\":\"\",\"payloadType\":\"x\",\"signatures\":[]}");

        assertContains("a DSSE envelope", sign().with(1).err());
        assertContains(
                "a DSSE envelope",
                shell.run("sign", jar, "--key", "release").with(1).err());
        assertContains(
                "a DSSE envelope",
                shell.run("sign", jar, "--add", "--key", "release").with(1).err());
        sign("--force").with(0);
        read(sig);
    }

    @Test
    void dryRun_format2_saysWhatWouldBeSignedAndWhatIs() throws Exception {
        assertContains("would be signed", sign("--dry-run").with(0).out());
        assertFalse(Files.exists(sig));
        sign().with(0);
        assertContains("unchanged, signed already", sign("--dry-run").with(0).out());
        assertContains(
                "would be signed",
                sign("--dry-run", "--package-version", "2").with(0).out());
        // The file of the other version is one of this program's, and would be replaced.
        assertContains(
                "would be signed",
                shell.run("sign", jar, "--key", "release", "--dry-run").with(0).out());
        assertContains(
                "would be signed",
                shell.run("sign", jar, "--key", "security", "--add", "--dry-run")
                        .with(0)
                        .out());
    }

    @Test
    void sign_offline_needsNoStore() throws Exception {
        shell.run("key", "export", "release", "--private", "--out", home.resolve("k.pem"))
                .with(0);
        shell.run("key", "export", "release", "--out", home.resolve("p.pem")).with(0);

        shell.run("sign", jar, "--format", "2", "--private-key", home.resolve("k.pem"))
                .with(0);

        shell.run("verify", jar, "--public-key", home.resolve("p.pem")).with(0);
        assertContains(
                "it cannot be 2 signers",
                shell.run("verify", jar, "--public-key", home.resolve("p.pem"), "--required-signers", "2")
                        .with(2)
                        .err());
    }

    /** The commands of the page about signatures. */
    @Test
    void documentedCommands_work() throws Exception {
        String page = Files.readString(Path.of("docs/signatures.md"));
        String block = page.split("```\n", 3)[1];
        List<String> commands = block.lines().toList();
        assertEquals(3, commands.size(), block);
        Files.move(jar, home.resolve("shop.jar"));

        for (String command : commands) {
            List<Object> words = new ArrayList<>(List.of(command.split(" ")));
            assertEquals("cloacina", words.remove(0));
            words.replaceAll(word -> word.equals("shop.jar") ? home.resolve("shop.jar") : word);
            shell.run(words.toArray()).with(0);
        }
    }

    /** Version 1 stays the default. */
    @Test
    void sign_withoutFormat_isVersion1() throws Exception {
        shell.run("sign", jar, "--key", "release").with(0);
        assertTrue(Files.readString(sig).startsWith("{\"version\":1,\"algorithm\":\"ed25519\","));
        shell.run("sign", jar, "--key", "release", "--format", "1").with(0);
        assertTrue(Files.readString(sig).startsWith("{\"version\":1,\"algorithm\":\"ed25519\","));
    }
}
