// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys and signatures as GnuPG makes them, where it is installed. */
class GnupgTest {

    private static final Instant NOW = Instant.parse("2026-01-28T12:00:00Z");

    /** Short, because the path of a socket in it must not be long. */
    private static Path home;

    @TempDir
    Path directory;

    @BeforeAll
    static void makeKeys() throws Exception {
        try {
            new ProcessBuilder("gpg", "--version").start().waitFor();
        } catch (IOException e) {
            assumeTrue(false, "GnuPG is not installed");
        }
        home = Files.createTempDirectory(
                "gpg", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        gpg("20250101T000000", "--quick-generate-key", "good <good@x>", "ed25519", "cert", "never");
        gpg("20250101T000000", "--quick-add-key", fingerprint("good"), "rsa2048", "sign", "never");
        gpg("20250101T000000", "--quick-generate-key", "over <over@x>", "ed25519", "sign", "30d");
        gpg("20250101T000000", "--quick-generate-key", "revoked <revoked@x>", "ed25519", "sign", "never");
    }

    @AfterAll
    static void endAgent() throws Exception {
        if (home != null) {
            run(List.of("gpgconf", "--homedir", home.toString(), "--kill", "all"));
            try (Stream<Path> files = Files.walk(home)) {
                files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
    }

    private static String gpg(String time, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "gpg",
                "--homedir",
                home.toString(),
                "--batch",
                "--quiet",
                "--yes",
                "--no-tty",
                "--pinentry-mode",
                "loopback",
                "--passphrase",
                "",
                "--faked-system-time",
                time + "!"));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private static String run(List<String> command) throws Exception {
        Path out = Files.createTempFile("gpg", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            String said = Files.readString(out, StandardCharsets.ISO_8859_1);
            assertEquals(0, ended ? process.exitValue() : -1, command + ": " + said);
            return said;
        } finally {
            Files.delete(out);
        }
    }

    private static String fingerprint(String name) throws Exception {
        return gpg("20250601T000000", "--with-colons", "--list-keys", name + "@x")
                .lines()
                .filter(line -> line.startsWith("fpr:"))
                .findFirst()
                .orElseThrow()
                .split(":")[9];
    }

    private Path signed(String name, String time, String... options) throws Exception {
        Path file = Files.writeString(directory.resolve("plugin.jar"), "a plugin");
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("-u", name + "@x", "--armor", "--detach-sign", file.toString()));
        gpg(time, arguments.toArray(String[]::new));
        return file;
    }

    private static String exported(String name) throws Exception {
        return gpg("20250601T000000", "--armor", "--export", name + "@x");
    }

    private Intake.Taken check(String name, Path file) throws Exception {
        return check(exported(name).getBytes(StandardCharsets.US_ASCII), file);
    }

    private static Intake.Taken check(byte[] key, Path file) throws Exception {
        return new Intake(
                        new Intake.Named(PgpKeyFile.read(key, "key.asc"), null, null, null, null),
                        Clock.fixed(NOW, ZoneOffset.UTC))
                .check(file, read -> {});
    }

    private void assertRefused(Reason reason, String name, Path file) {
        IntakeRefusedException refused = assertThrows(IntakeRefusedException.class, () -> check(name, file));
        assertEquals(reason, refused.reason(), refused.getMessage());
    }

    @Test
    void signature_byASubkey_isTakenForThatOfItsKey() throws Exception {
        Path file = signed("good", "20250601T000000");

        assertEquals(fingerprint("good"), check("good", file).evidence().get(0).identity());
        assertRefused(Reason.UNKNOWN_SIGNER, "over", file);
        Files.writeString(file, "another plugin");
        assertRefused(Reason.INVALID_EVIDENCE, "good", file);
    }

    @Test
    void signature_withSha1_orOfText_isRefused() throws Exception {
        assertRefused(Reason.WEAK_EVIDENCE, "good", signed("good", "20250601T000000", "--digest-algo", "SHA1"));
        assertRefused(Reason.MALFORMED_EVIDENCE, "good", signed("good", "20250601T000000", "--textmode"));
    }

    @Test
    void signature_byAKeyThatHasExpiredSince_isRefused_untilItIsProlonged() throws Exception {
        Path file = signed("over", "20250110T000000");
        assertRefused(Reason.EXPIRED_EVIDENCE, "over", file);

        gpg("20250115T000000", "--quick-set-expire", fingerprint("over"), "10y");

        check("over", file);
    }

    @Test
    void signature_byAKeyThatWasRevokedSince_isRefused() throws Exception {
        Path file = signed("revoked", "20250601T000000");
        check("revoked", file);
        String exported = exported("revoked");
        Path made = home.resolve("openpgp-revocs.d").resolve(fingerprint("revoked") + ".rev");
        // GnuPG puts a colon in front, so that it is not used by mistake.
        Path certificate = Files.writeString(
                directory.resolve("revocation"), Files.readString(made).replace(":-----BEGIN", "-----BEGIN"));

        gpg("20250701T000000", "--import", certificate.toString());

        assertRefused(Reason.REVOKED_KEY, "revoked", file);
        // As cat puts them together, with the armour and the text that GnuPG writes in front.
        byte[] together = (exported + Files.readString(certificate)).getBytes(StandardCharsets.US_ASCII);
        IntakeRefusedException refused = assertThrows(IntakeRefusedException.class, () -> check(together, file));
        assertEquals(Reason.REVOKED_KEY, refused.reason(), refused.getMessage());
    }
}
