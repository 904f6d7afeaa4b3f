// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JARs that the JDK's own jarsigner has signed, and what was done to them afterwards. */
class JarCheckTest extends JarCheckFixture {

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
}
