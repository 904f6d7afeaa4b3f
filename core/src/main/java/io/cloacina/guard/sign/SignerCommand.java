// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.JsonReader;
import io.cloacina.guard.sign.SigningException.Reason;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A program that makes signatures. For each it gets one line of JSON on its standard input and writes one on its standard
 * output, both ended by a line feed:
 *
 * <pre>
 * {"version":1,"algorithm":"ed25519","key_fingerprint":"64 hex digits","message":"base64"}
 * {"signature":"base64 of 64 bytes"}
 * </pre>
 *
 * <p>The program is started without a shell, with the first signature, and one process makes as many signatures as it
 * likes: one that ends after a line was answered is started anew for the next. A process that has not answered within
 * five seconds gets the end of its input, for programs that read all of it first; then, too, one is started for each
 * signature. It has 60 seconds for each. A process that takes longer, ends with another status than 0, or answers
 * anything but a signature of the message by the key, has failed; after two failures in a row, and after one that took
 * too long, the program is not asked again: a token may lock itself. What it writes to its standard error is kept back,
 * and the last line of it told if it fails.
 *
 * <p>It inherits the environment, except {@code CLOACINA_KEY_ENCRYPTION_KEY}, {@code CLOACINA_NEW_KEY_ENCRYPTION_KEY}
 * and {@code CLOACINA_DATABASE_URL}.
 *
 * <p>Safe for use by many threads, one after the other. {@link #close} ends the process.
 */
public final class SignerCommand implements Signer, AutoCloseable {

    private static final Duration UNTIL_END_OF_INPUT = Duration.ofSeconds(5);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int MOST_FAILURES = 2;
    private static final int SIGNATURE_SIZE_BYTES = 64;

    private final Path program;
    private final List<String> command;
    private final Ed25519PublicKey publicKey;
    private final Duration untilEndOfInput;
    private final Duration limit;

    private @Nullable SignerProcess process;
    /** Whether a process gets the end of its input with the first line. */
    private boolean once;

    private int failures;

    SignerCommand(
            Path program,
            List<String> arguments,
            Ed25519PublicKey publicKey,
            Duration untilEndOfInput,
            Duration limit,
            boolean once) {
        this.program = program;
        this.command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(arguments);
        this.publicKey = Objects.requireNonNull(publicKey);
        this.untilEndOfInput = untilEndOfInput;
        this.limit = limit;
        this.once = once;
    }

    /**
     * Starts nothing yet.
     *
     * @param program a file; a relative path is relative to the working directory, and no {@code PATH} is searched
     * @param arguments of the program; messages never repeat them
     * @param publicKey of the key that the program signs with
     * @throws SigningException {@code SIGNER_FAILED} if there is no such file, or it is not executable
     */
    public static SignerCommand of(Path program, List<String> arguments, Ed25519PublicKey publicKey)
            throws SigningException {
        Path absolute = program.toAbsolutePath();
        @Nullable String problem = null;
        if (!Files.exists(absolute)) {
            problem = "is not there; it is the name of a file, which is not looked for in PATH";
        } else if (!Files.isRegularFile(absolute)) {
            problem = "is not a file";
        } else if (!Files.isExecutable(absolute)) {
            problem = "is not executable; chmod +x would mend it";
        }
        if (problem != null) {
            throw new SigningException(Reason.SIGNER_FAILED, "the signer command [" + program + "] " + problem, null);
        }
        for (String argument : arguments) {
            if (argument.indexOf('\0') >= 0) {
                throw new SigningException(
                        Reason.SIGNER_FAILED, "an argument of the signer command holds a NUL character", null);
            }
        }
        return new SignerCommand(absolute, arguments, publicKey, UNTIL_END_OF_INPUT, LIMIT, false);
    }

    /** This, which starts the program for each signature, and ends its input after the one line. */
    public SignerCommand oncePerSignature() {
        return new SignerCommand(program, command.subList(1, command.size()), publicKey, untilEndOfInput, limit, true);
    }

    /** Of the key that the program signs with. */
    public Ed25519PublicKey publicKey() {
        return publicKey;
    }

    /** @throws SigningException {@code SIGNER_FAILED}, {@code WRONG_SIGNATURE} */
    @Override
    public synchronized byte[] sign(byte[] message) throws SigningException {
        if (failures >= MOST_FAILURES) {
            throw failure("has failed before; it was not asked again", null);
        }
        boolean done = false;
        try {
            byte[] signature = signature(answer(line(message)));
            if (!publicKey.verifies(message, signature)) {
                throw new SigningException(
                        Reason.WRONG_SIGNATURE,
                        named() + " has made a signature that is not by the key with fingerprint ["
                                + publicKey.fingerprint() + "]",
                        null);
            }
            failures = 0;
            done = true;
            return signature;
        } finally {
            if (!done) {
                failures++;
                if (process != null) {
                    process.kill();
                    process = null;
                }
            }
        }
    }

    private String line(byte[] message) {
        return new JsonLine()
                .with("version", 1)
                .with("algorithm", "ed25519")
                .with("key_fingerprint", publicKey.fingerprint())
                .with("message", Base64.getEncoder().encodeToString(message))
                .toString();
    }

    private String answer(String line) throws SigningException {
        boolean fresh = process == null;
        SignerProcess asked = running();
        SignerProcess.Answer answer = ask(asked, line);
        if (!fresh && answer.kind() == SignerProcess.Kind.ENDED && answer.status() == 0) {
            // It makes one signature, or some, and ends.
            stop();
            asked = running();
            answer = ask(asked, line);
        }
        @Nullable
        String problem = switch (answer.kind()) {
            case LINE -> null;
            case ENDED ->
                answer.status() == 0
                        ? "ended without an answer"
                        : "ended with status [" + answer.status() + "]: " + asked.lastError();
            case TOO_LONG -> "answered with a line of more than 4 KiB";
            case SEVERAL_LINES -> "answered with more than one line";
            case TOO_LATE -> "did not answer within [" + seconds(limit) + "] seconds; it was stopped";
        };
        if (problem != null) {
            failures = answer.kind() == SignerProcess.Kind.TOO_LATE ? MOST_FAILURES : failures;
            throw failure(problem, null);
        }
        if (asked.hasEndOfInput()) {
            once = true;
            stop();
        }
        return Objects.requireNonNull(answer.line());
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString();
    }

    private SignerProcess running() throws SigningException {
        if (process == null) {
            try {
                process = SignerProcess.start(command);
            } catch (IOException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw failure(
                        "cannot be started: " + cause.getMessage() + "; a script begins with a line such as #!/bin/sh",
                        e);
            }
        }
        return process;
    }

    private SignerProcess.Answer ask(SignerProcess asked, String line) {
        return asked.ask(line, once ? Duration.ZERO : untilEndOfInput, limit);
    }

    private byte[] signature(String answer) throws SigningException {
        Map<String, Object> fields = new LinkedHashMap<>();
        try {
            JsonReader.readObject(answer, fields);
        } catch (IllegalArgumentException e) {
            throw failure("answered with what is no JSON object on one line: " + e.getMessage(), e);
        }
        if (!(fields.get("signature") instanceof String text)) {
            throw failure("answered without a text [signature]", null);
        }
        try {
            byte[] signature = Base64.getDecoder().decode(text);
            if (signature.length == SIGNATURE_SIZE_BYTES
                    && Base64.getEncoder().encodeToString(signature).equals(text)) {
                return signature;
            }
            throw failure(
                    "answered with a [signature] of [" + signature.length + "] bytes; base64 of 64 bytes is right",
                    null);
        } catch (IllegalArgumentException e) {
            throw failure("answered with a [signature] that is not base64", e);
        }
    }

    private String named() {
        return "the signer command [" + program + "]";
    }

    private SigningException failure(String what, @Nullable Throwable cause) {
        return new SigningException(Reason.SIGNER_FAILED, named() + " " + what, cause);
    }

    private void stop() {
        if (process != null) {
            process.close();
            process = null;
        }
    }

    /** Ends the input of the process, and the process if it does not end by itself. */
    @Override
    public synchronized void close() {
        stop();
    }
}
