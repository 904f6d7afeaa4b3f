// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemTest {

    // RFC 8410, section 10.
    private static final String RFC_PUBLIC = """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
            -----END PUBLIC KEY-----
            """;
    private static final String RFC_PRIVATE = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            -----END PRIVATE KEY-----
            """;
    private static final String RFC_PRIVATE_WITH_PUBLIC = """
            -----BEGIN PRIVATE KEY-----
            MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
            Z9w7lshQhqowtrbLDFw4rXAxZuE=
            -----END PRIVATE KEY-----
            """;

    @TempDir
    Path folder;

    private final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());
    private final String publicPem = Pem.write(key.publicKey());

    @Test
    void read_examplesOfTheRfc_giveTheSameKey() throws Exception {
        Ed25519PublicKey expected = Pem.readPublicKey(ascii(RFC_PUBLIC));

        assertEquals(expected, Pem.readPrivateKey(ascii(RFC_PRIVATE)).publicKey());
        assertEquals(
                expected, Pem.readPrivateKey(ascii(RFC_PRIVATE_WITH_PUBLIC)).publicKey());
        assertEquals(RFC_PUBLIC, Pem.write(expected));
        assertArrayEquals(ascii(RFC_PRIVATE), Pem.exposePrivateKey(Pem.readPrivateKey(ascii(RFC_PRIVATE))));
    }

    @Test
    void read_explicitPublicPart_isAccepted() throws Exception {
        Ed25519PrivateKey rfc = Pem.readPrivateKey(ascii(RFC_PRIVATE));
        assertEquals(
                rfc.publicKey(),
                Pem.readPrivateKey(secondVersion("a123032100", rfc)).publicKey());
        assertEquals(
                rfc.publicKey(),
                Pem.readPrivateKey(secondVersion("812100", rfc)).publicKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a123032100", "812100"})
    void read_publicPartOfAnotherKey_isRefused(String tag) {
        byte[] pem = secondVersion(tag, key);

        MalformedKeyException e = assertThrows(MalformedKeyException.class, () -> Pem.readPrivateKey(pem));

        assertEquals("the public part of the private key does not belong to it", e.getMessage());
    }

    /** The RFC's seed with the public part of {@code of}. */
    private static byte[] secondVersion(String tag, Ed25519PrivateKey of) {
        String seed = "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
        String rest = "020101300506032b657004220420" + seed + tag
                + HexFormat.of().formatHex(of.publicKey().raw());
        String der = "30" + HexFormat.of().toHexDigits((byte) (rest.length() / 2)) + rest;
        return ascii("-----BEGIN PRIVATE KEY-----\n"
                + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(der))
                + "\n-----END PRIVATE KEY-----\n");
    }

    @Test
    void read_whatMailAndEditorsDo_isTolerated() throws Exception {
        String[] variants = {
            publicPem.replace("\n", "\r\n"),
            publicPem.strip(),
            "\ufeff" + publicPem,
            "Our release key, since May:\n\n" + publicPem,
            publicPem + "\nregards\n",
            publicPem.replace("\n", "  \t\n"),
            publicPem.replaceFirst("(?m)^MC", "MC\n"),
        };
        for (String variant : variants) {
            assertEquals(key.publicKey(), Pem.readPublicKey(variant.getBytes(StandardCharsets.UTF_8)), variant);
        }
    }

    @Test
    void read_moreThanOneKey_isRefused() {
        byte[] two = ascii(publicPem + RFC_PUBLIC);
        MalformedKeyException e = assertThrows(MalformedKeyException.class, () -> Pem.readPublicKey(two));
        assertEquals("there is more than one key; exactly one is wanted", e.getMessage());
        assertThrows(MalformedKeyException.class, () -> Pem.readPrivateKey(ascii(RFC_PRIVATE + publicPem)));
    }

    @Test
    void read_otherThings_areRefusedWithTheReason() {
        assertPublicRefused("", "this is not PEM: there is no line [-----BEGIN …-----]");
        assertPublicRefused("hello", "this is not PEM: there is no line [-----BEGIN …-----]");
        assertPublicRefused(RFC_PRIVATE, "this is a private key; a public key is wanted");
        assertPublicRefused("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "the PEM holds no key");
        assertPublicRefused("-----BEGIN PUBLIC KEY-----\nMCow\n", "the PEM block [PUBLIC KEY] has no end");
        assertPublicRefused(publicPem.replace("END PUBLIC", "END PRIVATE"), "the PEM block [PUBLIC KEY] has no end");
        assertPublicRefused(publicPem.replace("MCow", "MC!w"), "the PEM block is not base64");
        assertPublicRefused(publicPem.replace("=", ""), "the PEM block is not canonical base64");
        assertPublicRefused(
                "-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n",
                "this is a [RSA PUBLIC KEY]; an Ed25519 [PUBLIC KEY] is wanted");
        MalformedKeyException e = assertThrows(
                MalformedKeyException.class,
                () -> Pem.readPrivateKey(
                        ascii("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")));
        assertEquals("the private key is encrypted; decrypt it first (openssl pkey)", e.getMessage());
    }

    @Test
    void read_weakPublicKey_isRejected() {
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getEncoder()
                        .encodeToString(HexFormat.of().parseHex("302a300506032b6570032100" + "00".repeat(32)))
                + "\n-----END PUBLIC KEY-----\n";
        assertThrows(RejectedKeyException.class, () -> Pem.readPublicKey(ascii(pem)));
    }

    @Test
    void read_withAnyByteOfTheFrameBent_isRefused() {
        byte[] der = HexFormat.of()
                .parseHex("302a300506032b6570032100"
                        + HexFormat.of().formatHex(key.publicKey().raw()));
        for (int bit = 0; bit < 12 * 8; bit++) {
            byte[] bent = der.clone();
            bent[bit / 8] ^= (byte) (1 << bit % 8);
            byte[] pem = ascii("-----BEGIN PUBLIC KEY-----\n"
                    + Base64.getEncoder().encodeToString(bent) + "\n-----END PUBLIC KEY-----\n");
            assertThrows(MalformedKeyException.class, () -> Pem.readPublicKey(pem), "bit " + bit);
        }
    }

    @Test
    void openssl_ourKeys_areReadAndSignedWith() throws Exception {
        assumeOpenSsl();
        Path privatePem = Files.write(folder.resolve("private.pem"), Pem.exposePrivateKey(key));
        byte[] hash = PackageHash.ofContent(new byte[] {7}).bytes();
        Path message = Files.write(folder.resolve("hash"), hash);
        Path signature = folder.resolve("signature");

        assertEquals(publicPem, run("openssl", "pkey", "-in", privatePem.toString(), "-pubout"));
        assertEquals(
                new String(Pem.exposePrivateKey(key), StandardCharsets.US_ASCII),
                run("openssl", "pkey", "-in", privatePem.toString()));
        run(
                "openssl",
                "pkeyutl",
                "-sign",
                "-rawin",
                "-inkey",
                privatePem.toString(),
                "-in",
                message.toString(),
                "-out",
                signature.toString());
        assertArrayEquals(key.sign(hash), Files.readAllBytes(signature));
    }

    @Test
    void openssl_itsKeys_areRead() throws Exception {
        assumeOpenSsl();
        byte[] privatePem = ascii(run("openssl", "genpkey", "-algorithm", "ed25519"));
        Path file = Files.write(folder.resolve("private.pem"), privatePem);
        byte[] pem = ascii(run("openssl", "pkey", "-in", file.toString(), "-pubout"));

        assertEquals(Pem.readPrivateKey(privatePem).publicKey(), Pem.readPublicKey(pem));
    }

    @Test
    void openssl_otherAlgorithms_areRefusedByName() throws Exception {
        assumeOpenSsl();
        String[][] others = {
            {"RSA", "-algorithm", "RSA"},
            {"EC", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
            {"X25519", "-algorithm", "X25519"},
            {"Ed448", "-algorithm", "ED448"},
        };
        for (String[] other : others) {
            List<String> command = new ArrayList<>(List.of("openssl", "genpkey"));
            command.addAll(List.of(other).subList(1, other.length));
            byte[] privatePem = ascii(run(command.toArray(String[]::new)));
            Path file = Files.write(folder.resolve("private.pem"), privatePem);
            byte[] pem = ascii(run("openssl", "pkey", "-in", file.toString(), "-pubout"));
            String expected = "the key is of algorithm [" + other[0] + "]; Ed25519 is wanted";

            assertEquals(
                    expected,
                    assertThrows(MalformedKeyException.class, () -> Pem.readPublicKey(pem))
                            .getMessage());
            assertEquals(
                    expected,
                    assertThrows(MalformedKeyException.class, () -> Pem.readPrivateKey(privatePem))
                            .getMessage());
        }
    }

    private static void assertPublicRefused(String pem, String reason) {
        MalformedKeyException e = assertThrows(
                MalformedKeyException.class, () -> Pem.readPublicKey(pem.getBytes(StandardCharsets.UTF_8)), pem);
        assertEquals(reason, e.getMessage());
    }

    private static void assumeOpenSsl() {
        boolean there;
        try {
            run("openssl", "version");
            there = true;
        } catch (IOException | InterruptedException e) {
            there = false;
        }
        assumeTrue(there, "no openssl on this machine");
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join(" ", command));
        return output;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
