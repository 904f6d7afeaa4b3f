// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.sign.SigningException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a program may do that is asked for signatures. The programs are scripts that know the answers. */
@DisabledOnOs(OS.WINDOWS)
class SignerCommandTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final byte[] ONE = "the first message".getBytes(UTF_8);
    private static final byte[] TWO = "the second message".getBytes(UTF_8);

    private final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());

    @TempDir
    private Path directory;

    private String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private String answer(byte[] message) {
        return "{\"signature\":\"" + base64(key.sign(message)) + "\"}";
    }

    /** A shell function that prints the answer to the line in {@code $line}. */
    private String answers() {
        return "answer() { case \"$line\" in\n"
                + "*" + base64(ONE) + "*) echo '" + answer(ONE) + "';;\n"
                + "*" + base64(TWO) + "*) echo '" + answer(TWO) + "';;\n"
                + "*) echo 'unknown message' >&2; exit 7;;\n"
                + "esac; }\n";
    }

    private Path script(String... lines) throws Exception {
        Path file = directory.resolve("signer");
        Files.writeString(file, "#!/bin/sh\n" + "echo start >> '" + starts() + "'\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    private Path starts() {
        return directory.resolve("starts");
    }

    private long started() throws Exception {
        try (var lines = Files.lines(starts())) {
            return lines.count();
        }
    }

    private SignerCommand command(String... lines) throws Exception {
        return new SignerCommand(script(lines), List.of(), key.publicKey(), LONG, LONG, false);
    }

    private SigningException failure(SignerCommand command) {
        SigningException failure = assertThrows(SigningException.class, () -> command.sign(ONE));
        assertFalse(failure.getMessage().contains("\n"), failure.getMessage());
        return failure;
    }

    private void assertFails(String message, String... lines) throws Exception {
        for (boolean once : new boolean[] {false, true}) {
            try (SignerCommand command =
                    new SignerCommand(script(lines), List.of(), key.publicKey(), LONG, LONG, once)) {
                SigningException failure = failure(command);
                assertEquals(Reason.SIGNER_FAILED, failure.reason());
                assertEquals(
                        "the signer command [" + directory.resolve("signer") + "] " + message, failure.getMessage());
            }
        }
    }

    @Test
    void process_thatReadsLineByLine_makesAllSignatures() throws Exception {
        try (SignerCommand command = command(answers(), "while IFS= read -r line; do answer; done")) {
            assertArrayEquals(key.sign(ONE), command.sign(ONE));
            assertArrayEquals(key.sign(TWO), command.sign(TWO));
            assertArrayEquals(key.sign(ONE), command.sign(ONE));
        }
        assertEquals(1, started());
    }

    @Test
    void process_thatEndsAfterOneLine_isStartedAnew() throws Exception {
        try (SignerCommand command = command(answers(), "IFS= read -r line; answer")) {
            assertArrayEquals(key.sign(ONE), command.sign(ONE));
            assertArrayEquals(key.sign(TWO), command.sign(TWO));
        }
        assertEquals(2, started());
    }

    @Test
    void process_thatReadsAllItsInput_getsItsEnd() throws Exception {
        Path script = script(answers(), "line=$(cat); answer");
        try (SignerCommand command =
                new SignerCommand(script, List.of(), key.publicKey(), Duration.ofMillis(1), LONG, false)) {
            assertArrayEquals(key.sign(ONE), command.sign(ONE));
            assertArrayEquals(key.sign(TWO), command.sign(TWO));
        }
        try (SignerCommand command = command(answers(), "line=$(cat); answer").oncePerSignature()) {
            assertArrayEquals(key.sign(ONE), command.sign(ONE));
            assertArrayEquals(key.sign(TWO), command.sign(TWO));
        }
        assertEquals(4, started());
    }

    @Test
    void line_isTheOneOfTheContract_andArgumentsAreHandedOnUnchanged() throws Exception {
        Path seen = directory.resolve("seen");
        Path script = script(
                answers(),
                "IFS= read -r line",
                "printf '%s\\n' \"$line\" \"$@\" > '" + seen + "'",
                "env | cut -d= -f1 >> '" + seen + "'",
                "answer");
        try (SignerCommand command =
                SignerCommand.of(script, List.of("--module", "a b", "$HOME; true", ""), key.publicKey())) {
            command.sign(ONE);
        }
        List<String> lines = Files.readAllLines(seen);
        assertEquals(
                "{\"version\":1,\"algorithm\":\"ed25519\",\"key_fingerprint\":\""
                        + key.publicKey().fingerprint() + "\",\"message\":\"" + base64(ONE) + "\"}",
                lines.get(0));
        assertEquals(List.of("--module", "a b", "$HOME; true", ""), lines.subList(1, 5));
        assertTrue(lines.contains("PATH"));
        assertFalse(lines.contains("CLOACINA_KEY_ENCRYPTION_KEY"));
    }

    @Test
    void message_largerThanAPipe_isHandedOver() throws Exception {
        byte[] large = new byte[200_000];
        String answer = answer(large);
        try (SignerCommand command = command("while IFS= read -r line; do echo '" + answer + "'; done")) {
            assertArrayEquals(key.sign(large), command.sign(large));
        }
        assertFails("ended without an answer", "exec < /dev/null");
    }

    @Test
    void answer_withCarriageReturnOrOtherFields_isRead() throws Exception {
        String signature = base64(key.sign(ONE));
        try (SignerCommand command =
                command("read -r line; printf '{\"key\":\"k\",\"signature\":\"" + signature + "\"}\\r\\n'")) {
            assertArrayEquals(key.sign(ONE), command.sign(ONE));
        }
        try (SignerCommand command =
                command("read -r line; printf '%s' '" + answer(ONE) + "'").oncePerSignature()) {
            assertArrayEquals(key.sign(ONE), command.sign(ONE));
        }
    }

    @Test
    void answer_thatIsNone_isToldInOneLine() throws Exception {
        assertFails(
                "answered with what is no JSON object on one line: it is not a JSON object",
                "read -r line; echo garbage");
        assertFails("answered with what is no JSON object on one line: it is not a JSON object", "read -r line; echo");
        assertFails("answered without a text [signature]", "read -r line; echo '{}'");
        assertFails("answered without a text [signature]", "read -r line; echo '{\"signature\":7}'");
        assertFails("answered with a [signature] that is not base64", "read -r line; echo '{\"signature\":\"?\"}'");
        assertFails(
                "answered with a [signature] of [3] bytes; base64 of 64 bytes is right",
                "read -r line; echo '{\"signature\":\"AAAA\"}'");
        assertFails("ended without an answer", "read -r line");
        assertFails("ended without an answer", "exit 0");
        assertFails(
                "answered with a line of more than 4 KiB",
                "read -r line; head -c 5000 /dev/zero | tr '\\0' a; echo; read -r line");
    }

    @Test
    void status_otherThan0_showsTheLastLineOfStandardError() throws Exception {
        assertFails("ended with status [3]: token is locked", "echo first >&2; echo 'token is locked' >&2; exit 3");
        assertFails("ended with status [4]: it wrote nothing to its standard error", "exit 4");
        assertFails("ended with status [5]: a\\u001b[31mb", "printf 'a\\033[31mb\\n\\n' >&2; exit 5");
        try (SignerCommand command = command("read -r line; echo '" + answer(ONE) + "'; echo late >&2; exit 6")
                .oncePerSignature()) {
            assertTrue(failure(command).getMessage().endsWith("ended with status [6]: late"));
        }
    }

    @Test
    void keyInStandardError_isNotShown() throws Exception {
        try (SignerCommand command = command("echo '" + base64(key.exposeSeed()) + "' >&2; exit 1")) {
            String message = failure(command).getMessage();
            assertFalse(message.contains(base64(key.exposeSeed())), message);
        }
    }

    @Test
    void signature_byAnotherKeyOrOfAnotherMessage_isRefused() throws Exception {
        try (SignerCommand command = command("while read -r line; do echo '" + answer(TWO) + "'; done")) {
            SigningException failure = failure(command);
            assertEquals(Reason.WRONG_SIGNATURE, failure.reason());
            assertTrue(
                    failure.getMessage()
                            .contains("is not by the key with fingerprint ["
                                    + key.publicKey().fingerprint()),
                    failure.getMessage());
        }
    }

    @Test
    void lines_thatWereNotAskedFor_areRefused() throws Exception {
        try (SignerCommand command =
                command("read -r line; echo '" + answer(ONE) + "'; echo more").oncePerSignature()) {
            assertTrue(failure(command).getMessage().endsWith("answered with more than one line"));
        }
    }

    @Test
    void process_thatHangs_isStoppedAndNotAskedAgain() throws Exception {
        Path fifo = directory.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        Path script = script("read -r line; cat '" + fifo + "'");
        for (boolean once : new boolean[] {false, true}) {
            try (SignerCommand command = new SignerCommand(
                    script, List.of(), key.publicKey(), Duration.ofMillis(1), Duration.ofMillis(200), once)) {
                assertTrue(
                        failure(command).getMessage().endsWith("did not answer within [0.2] seconds; it was stopped"));
                long before = started();
                assertTrue(failure(command).getMessage().endsWith("has failed before; it was not asked again"));
                assertEquals(before, started());
            }
        }
    }

    @Test
    void process_thatFailsTwiceInARow_isNotAskedAgain() throws Exception {
        try (SignerCommand command = command(answers(), "read -r line; answer")) {
            byte[] unknown = {1};
            assertArrayEquals(key.sign(ONE), command.sign(ONE));
            assertThrows(SigningException.class, () -> command.sign(unknown));
            assertArrayEquals(key.sign(TWO), command.sign(TWO));
            assertThrows(SigningException.class, () -> command.sign(unknown));
            assertThrows(SigningException.class, () -> command.sign(unknown));
            assertEquals(5, started());
            assertTrue(failure(command).getMessage().endsWith("has failed before; it was not asked again"));
            assertEquals(5, started());
        }
    }

    @Test
    void program_thatCannotBeStarted_isToldBeforeAnythingIsDone() throws Exception {
        assertRefused(
                directory.resolve("nowhere"),
                "is not there; it is the name of a file, which is not looked for in PATH");
        assertRefused(Path.of("sh"), "is not there; it is the name of a file, which is not looked for in PATH");
        assertRefused(directory, "is not a file");
        Path plain = Files.writeString(directory.resolve("plain"), "#!/bin/sh\n");
        assertRefused(plain, "is not executable; chmod +x would mend it");

        Files.writeString(plain, "#!/nowhere/sh\n");
        Files.setPosixFilePermissions(plain, PosixFilePermissions.fromString("rwx------"));
        try (SignerCommand command = SignerCommand.of(plain, List.of(), key.publicKey())) {
            String message = failure(command).getMessage();
            assertTrue(message.contains("cannot be started: "), message);
            assertTrue(message.endsWith("a script begins with a line such as #!/bin/sh"), message);
        }
    }

    private void assertRefused(Path program, String why) {
        SigningException refusal =
                assertThrows(SigningException.class, () -> SignerCommand.of(program, List.of(), key.publicKey()));
        assertEquals("the signer command [" + program + "] " + why, refusal.getMessage());
    }

    @Test
    void argument_withNul_isRefusedWithoutBeingRepeated() throws Exception {
        Path script = script();
        SigningException refusal =
                assertThrows(SigningException.class, () -> SignerCommand.of(script, List.of("pin\0"), key.publicKey()));
        assertEquals("an argument of the signer command holds a NUL character", refusal.getMessage());
    }
}
