// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.verify.SignedStatement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sign --format 2} and its options. */
class SignStatementTest {

    private static final String POM = "META-INF/maven/org.example/shop/pom.properties";
    private static final String PROPERTIES = "groupId=org.example\nartifactId=shop\nversion=1.2.3\n";

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private Path jar;
    private Path sig;

    @BeforeEach
    void openShellWithTwoTrustedKeys() throws Exception {
        for (String name : List.of("release", "security")) {
            shell.run("key", "create", name).with(0);
            shell.run("trust", "add", "--key", name).with(0);
        }
        jar = jar("packages/shop.jar", POM, PROPERTIES);
        sig = Path.of(jar + ".sig");
    }

    /** @param entries each name is followed by its text */
    private Path jar(String path, String... entries) throws IOException {
        Path file = home.resolve(path);
        Files.createDirectories(file.getParent());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < entries.length; i += 2) {
                zip.putNextEntry(new ZipEntry(entries[i]));
                zip.write(entries[i + 1].getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    private static SignedStatement read(Path file) throws Exception {
        return SignedStatement.parse(Files.readAllBytes(file));
    }

    private Done sign(Object... more) {
        List<Object> words = new ArrayList<>(List.of("sign", jar, "--format", "2", "--key", "release"));
        words.addAll(List.of(more));
        return shell.run(words.toArray());
    }

    private static void assertContains(String part, String text) {
        assertTrue(text.contains(part), text);
    }

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
    void add_secondKey_bothCountInFileAndStore() throws Exception {
        sign().with(0);
        byte[] payload = read(sig).envelope().payload();
        shell.run("verify", jar, "--required-signers", "2").with(1);

        shell.run("sign", jar, "--add", "--key", "security").with(0);

        assertArrayEquals(payload, read(sig).envelope().payload());
        assertEquals(2, read(sig).envelope().signatures().size());
        for (String source : List.of("database", "detached")) {
            Done done = shell.run("verify", jar, "--required-signers", "2", "--source", source, "--json")
                    .with(0);
            List<?> signers = (List<?>) done.json().get("signers");
            assertEquals(2, Set.copyOf(signers).size(), done.out());
            assertTrue(signers.stream().allMatch(key -> key.toString().matches("[0-9a-f]{64}")), done.out());
        }
        Map<String, Object> three = shell.run("verify", jar, "--required-signers", "3", "--json")
                .with(1)
                .json();
        assertEquals("too_few_signers", three.get("failure_reason"));
        assertContains("signed by 2 different trusted keys", (String) three.get("error"));

        byte[] before = Files.readAllBytes(sig);
        Map<String, Object> again = shell.run("sign", jar, "--add", "--key", "security", "--json")
                .with(0)
                .json();
        assertEquals(true, again.get("unchanged"));
        assertArrayEquals(before, Files.readAllBytes(sig));
        // Nor does the first key's signing again take the second's signature away.
        sign().with(0);
        assertArrayEquals(before, Files.readAllBytes(sig));
    }

    @Test
    void add_nothingThere_isRefusedWithTheCommandForTheFirst() {
        Done done = shell.run("sign", jar, "--add", "--key", "security").with(1);

        assertContains("sign --format 2", done.err());
        assertEquals("package.sign.failure", shell.lastEvent().get("event_type"));
    }

    @Test
    void add_packageHasChanged_isRefused() throws Exception {
        sign().with(0);
        jar("packages/shop.jar", POM, PROPERTIES, "more", "more");

        assertContains(
                "is not about [" + jar + "] as it is now",
                shell.run("sign", jar, "--add", "--key", "security").with(1).err());
    }

    @Test
    void add_storedOnly_addsInTheStore() throws Exception {
        shell.run("sign", jar, "--key", "release").with(0);
        byte[] version1 = Files.readAllBytes(sig);
        sign("--keep-v1").with(0);

        shell.run("sign", jar, "--add", "--key", "security").with(0);

        assertArrayEquals(version1, Files.readAllBytes(sig));
        shell.run("verify", jar, "--required-signers", "2", "--source", "database")
                .with(0);
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
    void together_oneStatementAboutAll_verifiesEachOfThem() throws Exception {
        Path other = jar("packages/other.jar", POM, PROPERTIES, "b", "b");
        Path out = home.resolve("all.sig");

        List<Map<String, Object>> signed = shell.run(
                        "sign", jar, other, "--together", "--out", out, "--key", "release", "--json")
                .with(0)
                .jsons();

        assertEquals(2, signed.size());
        assertEquals(out.toString(), signed.get(0).get("signature_file"));
        assertEquals(2, read(out).statement().subjects().size());
        assertFalse(Files.exists(sig));
        for (Path one : List.of(jar, other)) {
            shell.run("verify", one, "--signature", out, "--source", "detached").with(0);
            shell.run("verify", one, "--source", "database").with(0);
        }
        byte[] first = Files.readAllBytes(out);
        shell.run("sign", jar, other, "--together", "--out", out, "--key", "security", "--add")
                .with(0);
        assertEquals(2, read(out).envelope().signatures().size());
        assertNotEquals(first.length, Files.readAllBytes(out).length);
        for (Path one : List.of(jar, other)) {
            shell.run("verify", one, "--required-signers", "2", "--signature", out, "--source", "detached")
                    .with(0);
            shell.run("verify", one, "--required-signers", "2", "--source", "database")
                    .with(0);
        }
    }

    @Test
    void together_differentNames_asksForTheOptions() throws Exception {
        Path other = jar("packages/other.jar", POM, PROPERTIES.replace("1.2.3", "1.2.4"));
        Path out = home.resolve("all.sig");

        Done done = shell.run("sign", jar, other, "--together", "--out", out, "--key", "release")
                .with(2);

        assertContains("--package-name N and --package-version V for all of them", done.err());
    }

    @Test
    void together_oneCannotBeRead_signsNone() throws Exception {
        Path out = home.resolve("all.sig");

        shell.run("sign", jar, home.resolve("nope.jar"), "--together", "--out", out, "--key", "release")
                .with(3);

        assertFalse(Files.exists(out));
        shell.run("verify", jar).with(1);
    }

    @Test
    void together_moreThanAThousand_isRefused() throws Exception {
        for (int i = 0; i < 1001; i++) {
            shell.file("many/" + i + ".so", "x" + i);
        }
        Path out = home.resolve("all.sig");

        Done done = shell.run(
                        "sign",
                        home.resolve("many"),
                        "--together",
                        "--out",
                        out,
                        "--key",
                        "release",
                        "--package-name",
                        "many",
                        "--package-version",
                        "1",
                        "--no-store")
                .with(1);

        assertContains("sign fewer together", done.err());
        assertFalse(Files.exists(out));
    }

    @Test
    void tree_format2_writesOneSigBesideTheDirectory() throws Exception {
        shell.file("classes/META-INF/maven/org.example/shop/pom.properties", PROPERTIES);
        Path tree = home.resolve("classes");

        shell.run("sign", "--tree", tree, "--format", "2", "--key", "release").with(0);

        assertEquals(
                "org.example:shop",
                read(home.resolve("classes.sig")).statement().name());
        shell.run("verify", "--tree", tree, "--source", "detached").with(0);
        shell.run("verify", "--tree", tree, "--source", "database").with(0);
    }

    @Test
    void nested_format2_signsWhatIsInsideAsPartOfTheArchive() throws Exception {
        byte[] inner = Files.readAllBytes(jar("packages/inner.jar", "a", "a"));
        Path war = home.resolve("packages/shop.war");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(war))) {
            zip.putNextEntry(new ZipEntry(POM));
            zip.write(PROPERTIES.getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("WEB-INF/lib/inner.jar"));
            zip.write(inner);
        }

        shell.run("sign", "--nested", war, "--format", "2", "--key", "release").with(0);

        Map<String, Object> verdict = shell.run("verify", home.resolve("packages/inner.jar"), "--json")
                .with(0)
                .json();
        assertEquals("org.example:shop", verdict.get("package_name"));
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

    @ParameterizedTest
    @ValueSource(strings = {"0", "10", "two", "-1"})
    void verify_requiredSignersOutOfRange_isAUsageError(String number) {
        assertContains(
                "1 to 9",
                shell.run("verify", jar, "--required-signers=" + number).with(2).err());
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
