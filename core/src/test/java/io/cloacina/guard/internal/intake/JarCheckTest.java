// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JARs that the JDK's own jarsigner has signed, and what was done to them afterwards. */
class JarCheckTest {

    private static final String PASSWORD = "changeit";

    /** Where the keys are; another test may say where its own are. */
    private static Path keys;

    @TempDir
    Path directory;

    private Path jar;

    /** An authority, one below it, and signers of both and of none. */
    @BeforeAll
    static void makeKeys(@TempDir Path made) throws Exception {
        useKeysIn(made);
        key("root", "RSA", "2048", "-ext", "bc:c");
        key("middle", "EC", "256", "-ext", "bc:c", "-signer", "root");
        key("leaf", "RSA", "2048", "-ext", "eku=codeSigning", "-ext", "ku=digitalSignature", "-signer", "middle");
        key("own", "EC", "256");
        key("other", "EC", "256");
        for (String one : List.of("root", "middle", "leaf", "own", "other")) {
            export(one);
        }
    }

    static void useKeysIn(Path store) {
        keys = store;
    }

    static void key(String alias, String algorithm, String bits, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "-genkeypair", "-alias", alias, "-dname", "CN=" + alias, "-keyalg", algorithm, "-keysize", bits));
        command.addAll(List.of(more));
        keytool(command.toArray(String[]::new));
    }

    private static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addAll(List.of("-keystore", keys.resolve("keys.p12").toString(), "-storepass", PASSWORD));
        run("keytool", command);
    }

    static Path export(String alias) throws Exception {
        Path pem = keys.resolve(alias + ".pem");
        keytool("-exportcert", "-rfc", "-alias", alias, "-file", pem.toString());
        return pem;
    }

    private static void run(String tool, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.add("-J-XX:TieredStopAtLevel=1");
        command.addAll(arguments);
        Path out = Files.createTempFile(keys, tool, ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), command.toString());
        assertEquals(0, process.exitValue(), () -> command + ": " + read(out));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    static void sign(Path file, String alias, String... more) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("-keystore", keys.resolve("keys.p12").toString(), "-storepass", PASSWORD));
        command.addAll(List.of(more));
        command.addAll(List.of(file.toString(), alias));
        run("jarsigner", command);
    }

    @BeforeEach
    void makeJar() throws Exception {
        jar = directory.resolve("plugin.jar");
        writeJar(jar);
    }

    static void writeJar(Path jar) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put(
                "META-INF/MANIFEST.MF",
                "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        entries.put("com/", new byte[0]);
        entries.put(
                "com/example/A.class",
                "a class of some length, a class of some length".getBytes(StandardCharsets.UTF_8));
        entries.put("META-INF/versions/17/com/example/A.class", "another".getBytes(StandardCharsets.UTF_8));
        entries.put("META-INF/services/x", "com.example.A".getBytes(StandardCharsets.UTF_8));
        write(jar, entries);
    }

    private void write(Map<String, byte[]> entries) throws IOException {
        write(jar, entries);
    }

    private static void write(Path jar, Map<String, byte[]> entries) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
    }

    private Map<String, byte[]> entries() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    private Evidence check(String certificate) throws Exception {
        return check(certificate, Instant.now());
    }

    private Evidence check(String certificate, Instant now) throws Exception {
        return JarCheck.check(
                JarSigner.read(Files.readAllBytes(keys.resolve(certificate + ".pem"))), jar, "plugin.jar", now);
    }

    private void assertRefused(Reason reason, String says, String certificate) {
        assertRefused(reason, says, certificate, Instant.now());
    }

    private void assertRefused(Reason reason, String says, String certificate, Instant now) {
        IntakeRefusedException refused = assertThrows(IntakeRefusedException.class, () -> check(certificate, now));
        assertEquals(reason, refused.reason(), refused.getMessage());
        assertTrue(refused.getMessage().contains(says), refused.getMessage());
        assertTrue(refused.getMessage().startsWith("[plugin.jar] "), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"own, own", "leaf, leaf", "leaf, middle", "leaf, root"})
    void jar_signedUnderTheCertificate_counts(String alias, String certificate) throws Exception {
        sign(jar, alias);

        Evidence evidence = check(certificate);

        assertEquals("jar-signer", evidence.kind());
        assertEquals("CN=" + alias, evidence.detail());
        assertEquals(64, evidence.identity().length());
    }

    @Test
    void jar_signedByTwo_countsForEach() throws Exception {
        sign(jar, "own");
        sign(jar, "leaf");

        assertEquals("CN=own", check("own").detail());
        assertEquals("CN=leaf", check("root").detail());
    }

    @ParameterizedTest
    @CsvSource({"own, other", "own, root", "leaf, own", "middle, leaf"})
    void jar_signedByAnother_isRefused(String alias, String certificate) throws Exception {
        sign(jar, alias);

        assertRefused(Reason.UNKNOWN_SIGNER, "is signed by [CN=" + alias + "]", certificate);
    }

    @Test
    void jar_notSigned_isRefused() {
        assertRefused(Reason.NO_EVIDENCE, "is no signed JAR", "own");
    }

    @Test
    void jar_withAnEntryMore_isRefused() throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        entries.put("com/example/Evil.class", new byte[] {1});
        write(entries);

        assertRefused(Reason.UNSIGNED_CONTENT, "[com/example/Evil.class] that is not signed", "own");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "META-INF/SIG-X",
                "META-INF/EVIL.SF",
                "META-INF/sub/X.RSA",
                "META-INF/versions/17/Evil.class",
                "META-INF/INDEX.LIST"
            })
    void jar_withAnEntryMoreInMetaInf_isRefused(String name) throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        entries.put(name, "Signature-Version: 1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        write(entries);

        assertRefused(Reason.UNSIGNED_CONTENT, "[" + name + "] that is not signed", "own");
    }

    @Test
    void jar_withADirectoryThatHasContent_isRefused() throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        entries.put("com/", new byte[] {1});
        write(entries);

        assertRefused(Reason.UNSIGNED_CONTENT, "[com/] that is not signed", "own");
    }

    @Test
    void jar_withAnEntryLess_isRefused() throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        entries.remove("META-INF/services/x");
        write(entries);

        assertRefused(Reason.UNSIGNED_CONTENT, "lacks an entry [META-INF/services/x] that was signed", "own");
    }

    @ParameterizedTest
    @ValueSource(strings = {"com/example/A.class", "META-INF/versions/17/com/example/A.class"})
    void jar_withAnEntryChanged_isRefused(String name) throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        entries.put(name, "evil".getBytes(StandardCharsets.UTF_8));
        write(entries);

        assertRefused(Reason.INVALID_EVIDENCE, "", "own");
    }

    @Test
    void jar_whoseManifestWasChangedInItsMainPart_isRefused() throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        String manifest = new String(entries.get(JarFile.MANIFEST_NAME), StandardCharsets.UTF_8);
        entries.put(
                JarFile.MANIFEST_NAME,
                manifest.replace("Multi-Release: true", "Class-Path: evil.jar\r\nMulti-Release: true")
                        .getBytes(StandardCharsets.UTF_8));
        write(entries);

        assertRefused(Reason.INVALID_EVIDENCE, "is not what was signed", "own");
    }

    @Test
    void jar_whoseManifestGotASectionMore_isRefused() throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        entries.put(
                JarFile.MANIFEST_NAME,
                PgpMaker.join(
                        entries.get(JarFile.MANIFEST_NAME),
                        "Name: com/example/\r\nSealed: true\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
        write(entries);

        assertRefused(Reason.UNSIGNED_CONTENT, "the manifest was changed after [META-INF/OWN.SF]", "own");
    }

    @Test
    void jar_whoseSignatureFileWasChanged_isRefused() throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        String file = new String(entries.get("META-INF/OWN.SF"), StandardCharsets.UTF_8);
        entries.put("META-INF/OWN.SF", file.replace("Created-By", "Credited-By").getBytes(StandardCharsets.UTF_8));
        write(entries);

        assertRefused(Reason.INVALID_EVIDENCE, "is not what was signed", "own");
    }

    @Test
    void jar_withTheSignatureOfAnotherJar_isRefused() throws Exception {
        sign(jar, "own");
        Map<String, byte[]> good = entries();
        makeJar();
        Map<String, byte[]> entries = entries();
        entries.put("com/example/A.class", "evil".getBytes(StandardCharsets.UTF_8));
        write(entries);
        sign(jar, "other");
        entries = entries();
        entries.put("META-INF/OWN.SF", good.get("META-INF/OWN.SF"));
        entries.put("META-INF/OWN.EC", good.get("META-INF/OWN.EC"));
        write(entries);

        assertRefused(Reason.INVALID_EVIDENCE, "is not what was signed", "own");
    }

    @ParameterizedTest
    @CsvSource({"-digestalg, SHA-1", "-digestalg, MD5", "-sigalg, SHA1withECDSA"})
    void jar_signedWithAWeakAlgorithm_isRefused(String option, String algorithm) throws Exception {
        sign(jar, "own", option, algorithm);

        assertRefused(Reason.WEAK_EVIDENCE, algorithm.startsWith("MD5") ? "MD5" : "SHA", "own");
    }

    @Test
    void jar_signedWithAShortKey_isRefused() throws Exception {
        key("short", "RSA", "1024");
        export("short");
        sign(jar, "short");

        assertRefused(Reason.WEAK_EVIDENCE, "has a key (RSA) of 1024 bits", "short");
    }

    @Test
    void certificate_thatHasExpiredOrIsOfTomorrow_isRefused() throws Exception {
        sign(jar, "leaf");

        for (String certificate : List.of("leaf", "middle", "root")) {
            assertRefused(
                    Reason.EXPIRED_EVIDENCE,
                    "has expired on",
                    certificate,
                    Instant.now().plus(Duration.ofDays(400)));
            assertRefused(
                    Reason.EXPIRED_EVIDENCE,
                    "is not valid before",
                    certificate,
                    Instant.now().minus(Duration.ofDays(2)));
        }
    }

    @Test
    void certificate_thatIsNotForCode_isRefused() throws Exception {
        key("server", "EC", "256", "-ext", "eku=serverAuth");
        export("server");
        sign(jar, "server");

        assertRefused(Reason.UNUSABLE_KEY, "is not meant for signing code", "server");
    }

    @Test
    void certificate_ofWhoIsNoAuthority_doesNotCountForWhatItHasIssued() throws Exception {
        key("issued", "EC", "256", "-signer", "own");
        sign(jar, "issued");

        assertRefused(Reason.UNUSABLE_KEY, "is neither the signer's nor one of an authority", "own");
    }

    @Test
    void certificate_thatAnotherAuthorityOfTheSameNameHasIssued_doesNotCount() throws Exception {
        Path real = export("root");
        byte[] named = Files.readAllBytes(real);
        keytool("-changealias", "-alias", "root", "-destalias", "real-root");
        try {
            key("root", "RSA", "2048", "-ext", "bc:c");
            key("forged", "EC", "256", "-signer", "root");
            sign(jar, "forged");
            Files.write(real, named);

            assertRefused(Reason.UNKNOWN_SIGNER, "is signed by [CN=forged]", "root");
        } finally {
            keytool("-delete", "-alias", "root");
            keytool("-changealias", "-alias", "real-root", "-destalias", "root");
        }
    }

    private void assertAmbiguous(String says, byte[] content) throws Exception {
        Files.write(jar, content);
        IntakeRefusedException refused = assertThrows(IntakeRefusedException.class, () -> check("own"), says);
        assertTrue(refused.getMessage().contains(says), refused.getMessage());
    }

    @Test
    void archive_thatCanBeReadInSeveralWays_isRefused() throws Exception {
        sign(jar, "own");
        check("own");
        byte[] good = Files.readAllBytes(jar);
        byte[] entry = localEntry("com/example/Evil.class");

        assertAmbiguous("belong to no entry", PgpMaker.join(new byte[] {'#', '!', '\n'}, good));
        assertAmbiguous("belong to no entry", PgpMaker.join(entry, good));
        assertAmbiguous("behind its end", PgpMaker.join(good, entry));
        assertAmbiguous("no ZIP archive", Arrays.copyOf(good, good.length - 1));
        assertAmbiguous(
                "belong to no entry", PgpMaker.join(good, Arrays.copyOfRange(good, good.length - 22, good.length)));

        // An entry between the last one and the central directory, which a reader of streams finds.
        int end = good.length - 22;
        int central = number(good, end + 16);
        byte[] between =
                PgpMaker.join(Arrays.copyOf(good, central), entry, Arrays.copyOfRange(good, central, good.length));
        put(between, end + entry.length + 16, central + entry.length);
        assertAmbiguous("belong to no entry", between);

        // Another name in the local header than in the central directory.
        byte[] renamed = good.clone();
        renamed[30] = 'X';
        assertAmbiguous("otherwise where it lies", renamed);

        byte[] counted = good.clone();
        counted[end + 8]--;
        counted[end + 10]--;
        assertAmbiguous("says that it has", counted);
    }

    @Test
    void archive_withOneNameTwice_isRefused() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("com/example/B.class", new byte[] {1});
        write(entries);
        sign(jar, "own");
        byte[] twice = new String(Files.readAllBytes(jar), StandardCharsets.ISO_8859_1)
                .replace("com/example/B.class", "com/example/A.class")
                .getBytes(StandardCharsets.ISO_8859_1);

        assertAmbiguous("two entries [com/example/A.class]", twice);
    }

    @Test
    void archive_withAManifestMoreInOtherLetters_isRefused() throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        entries.put("meta-inf/manifest.mf", entries.get(JarFile.MANIFEST_NAME));
        write(entries);

        assertRefused(Reason.UNSIGNED_CONTENT, "but for capitals", "own");
    }

    @Test
    void archive_whoseManifestWouldFillTheMemory_isRefusedBeforeItIsRead() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("META-INF/OWN.SF", new byte[65 << 20]);
        write(entries);

        assertRefused(Reason.MALFORMED_EVIDENCE, "larger than any signer makes it", "own");
    }

    @Test
    void file_thatIsNoJar_isRefused() throws Exception {
        Files.write(jar, "text".getBytes(StandardCharsets.UTF_8));
        assertRefused(Reason.MALFORMED_EVIDENCE, "is no ZIP archive", "own");
        Files.write(jar, new byte[0]);
        assertRefused(Reason.MALFORMED_EVIDENCE, "is no ZIP archive", "own");
    }

    @Test
    void certificateFile_ofAnotherForm_isRefused() throws Exception {
        byte[] two = PgpMaker.join(
                Files.readAllBytes(keys.resolve("own.pem")), Files.readAllBytes(keys.resolve("other.pem")));
        assertSays("2 certificates", two);
        assertSays("no X.509 certificate", new byte[0]);
        assertSays("no X.509 certificate", "text".getBytes(StandardCharsets.UTF_8));
    }

    private static void assertSays(String text, byte[] content) {
        String message = assertThrows(IllegalArgumentException.class, () -> JarSigner.read(content))
                .getMessage();
        assertTrue(message.contains(text), message);
    }

    private static byte[] localEntry(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] header = new byte[30];
        header[0] = 'P';
        header[1] = 'K';
        header[2] = 3;
        header[3] = 4;
        header[4] = 10;
        header[26] = (byte) text.length;
        return PgpMaker.join(header, text);
    }

    private static int number(byte[] content, int at) {
        return content[at] & 0xff
                | (content[at + 1] & 0xff) << 8
                | (content[at + 2] & 0xff) << 16
                | content[at + 3] << 24;
    }

    private static void put(byte[] content, int at, int value) {
        for (int i = 0; i < 4; i++) {
            content[at + i] = (byte) (value >> 8 * i);
        }
    }
}
