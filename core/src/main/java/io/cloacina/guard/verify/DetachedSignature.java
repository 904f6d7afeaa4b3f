// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.file.AtomicFile;
import io.cloacina.guard.internal.text.Rfc3339;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A detached signature, version 1: one JSON object in the file {@code <package file name>.sig} beside the package.
 *
 * <pre>
 * { "version": 1, "algorithm": "ed25519",
 *   "package_hash": hex, "key_fingerprint": hex,
 *   "signature": base64 of 64 bytes, "signed_at": RFC 3339 }
 * </pre>
 *
 * @param signature 64 bytes over the 32 raw bytes of {@code packageHash}
 */
public record DetachedSignature(
        PackageHash packageHash, Fingerprint keyFingerprint, byte[] signature, Instant signedAt) {

    /** The largest file that is read. */
    public static final int MAX_SIZE_BYTES = 64 * 1024;

    /** Size of an Ed25519 signature. */
    public static final int SIGNATURE_SIZE_BYTES = 64;

    private static final String ALGORITHM = "algorithm";
    private static final String PACKAGE_HASH = "package_hash";
    private static final String KEY_FINGERPRINT = "key_fingerprint";
    private static final String SIGNATURE = "signature";
    private static final String SIGNED_AT = "signed_at";
    static final List<String> TEXT_FIELDS = List.of(ALGORITHM, PACKAGE_HASH, KEY_FINGERPRINT, SIGNATURE, SIGNED_AT);

    /** What is written before each value, and after the last. */
    private static final String[] BEFORE = {
        "{\"version\":1,\"algorithm\":\"ed25519\",\"package_hash\":\"",
        "\",\"key_fingerprint\":\"",
        "\",\"signature\":\"",
        "\",\"signed_at\":\"",
        "\"}\n"
    };

    public DetachedSignature {
        Objects.requireNonNull(packageHash);
        Objects.requireNonNull(keyFingerprint);
        Objects.requireNonNull(signedAt);
        signature = signature.clone();
        if (signature.length != SIGNATURE_SIZE_BYTES) {
            throw new IllegalArgumentException("a signature has 64 bytes, not [" + signature.length + "]");
        }
    }

    @Override
    public byte[] signature() {
        return signature.clone();
    }

    /** The file in which the detached signature of {@code packageFile} is looked for and written. */
    public static Path pathFor(Path packageFile) {
        return packageFile.resolveSibling(packageFile.getFileName() + ".sig");
    }

    /**
     * @return empty if there is no such file
     * @throws MalformedSignatureException also if the file is there but is too large or cannot be read
     */
    public static Optional<DetachedSignature> read(Path file) throws MalformedSignatureException {
        Optional<byte[]> content = SignatureFile.read(file, MAX_SIZE_BYTES);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(content.get()));
        } catch (MalformedSignatureException e) {
            throw new MalformedSignatureException("[" + file + "]: " + e.getMessage(), e);
        }
    }

    /** @throws MalformedSignatureException if {@code content} is not exactly one detached signature of version 1 */
    public static DetachedSignature parse(byte[] content) throws MalformedSignatureException {
        if (content.length > MAX_SIZE_BYTES) {
            throw new MalformedSignatureException("it is larger than 64 KiB");
        }
        Map<String, String> texts = asWritten(new String(content, StandardCharsets.ISO_8859_1));
        return of(texts == null ? SignatureJson.read(content) : texts);
    }

    /**
     * The texts of a file that is, byte for byte, as {@link #encode} writes it, which most are; null if it is another. For
     * that no JSON parser is needed, whose classes take longer to initialise than all else on the way to a first verdict
     * (on Java 25 twenty-five milliseconds for {@code BigDecimal} alone).
     */
    private static @Nullable Map<String, String> asWritten(String text) {
        if (!text.startsWith(BEFORE[0])) {
            return null;
        }
        String[] values = new String[BEFORE.length - 1];
        int position = BEFORE[0].length();
        for (int i = 0; i < values.length; i++) {
            int end = text.indexOf('"', position);
            if (end < 0 || !text.startsWith(BEFORE[i + 1], end)) {
                return null;
            }
            values[i] = text.substring(position, end);
            position = end + BEFORE[i + 1].length();
        }
        if (position != text.length()) {
            return null;
        }
        for (String value : values) {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (c < ' ' || c > '~' || c == '\\') {
                    return null;
                }
            }
        }
        return Map.of(
                ALGORITHM,
                "ed25519",
                PACKAGE_HASH,
                values[0],
                KEY_FINGERPRINT,
                values[1],
                SIGNATURE,
                values[2],
                SIGNED_AT,
                values[3]);
    }

    private static String written(String... values) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            text.append(BEFORE[i]).append(values[i]);
        }
        return text.append(BEFORE[values.length]).toString();
    }

    private static DetachedSignature of(Map<String, String> texts) throws MalformedSignatureException {
        String algorithm = text(texts, ALGORITHM);
        String hash = text(texts, PACKAGE_HASH);
        String signer = text(texts, KEY_FINGERPRINT);
        String signature = text(texts, SIGNATURE);
        String time = text(texts, SIGNED_AT);
        if (!algorithm.equals("ed25519")) {
            throw new MalformedSignatureException("[algorithm] is not \"ed25519\"");
        }
        if (!PackageHash.isValid(hash)) {
            throw new MalformedSignatureException("[package_hash] is not 64 lower-case hexadecimal digits");
        }
        if (!Fingerprint.isValid(signer)) {
            throw new MalformedSignatureException("[key_fingerprint] is not 64 lower-case hexadecimal digits");
        }
        Instant signedAt;
        try {
            signedAt = Rfc3339.parse(time);
        } catch (IllegalArgumentException e) {
            throw new MalformedSignatureException("[signed_at] is not an RFC 3339 time", e);
        }
        return new DetachedSignature(new PackageHash(hash), new Fingerprint(signer), base64(signature), signedAt);
    }

    private static String text(Map<String, String> texts, String field) throws MalformedSignatureException {
        String text = texts.get(field);
        if (text == null) {
            throw new MalformedSignatureException("[" + field + "] is missing");
        }
        return text;
    }

    // The JDK's decoder lets missing padding and stray low bits pass; only what encodes to the same text is canonical.
    private static byte[] base64(String text) throws MalformedSignatureException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedSignatureException("[signature] is not base64", e);
        }
        if (!Base64.getEncoder().encodeToString(bytes).equals(text)) {
            throw new MalformedSignatureException("[signature] is not canonical base64");
        }
        if (bytes.length != SIGNATURE_SIZE_BYTES) {
            throw new MalformedSignatureException("[signature] has " + bytes.length + " bytes, not 64");
        }
        return bytes;
    }

    /**
     * Writes it into a file, usually {@link #pathFor} the package: whole or not at all. What was there is replaced.
     *
     * @throws IOException if it cannot be written; then what was there is still there
     */
    public void writeTo(Path file) throws IOException {
        AtomicFile.prepare(file, encode()).commit();
    }

    /** The file's content: UTF-8, in the order of the record, with a line feed at the end. */
    public byte[] encode() {
        return written(
                        packageHash.hex(),
                        keyFingerprint.hex(),
                        Base64.getEncoder().encodeToString(signature),
                        Rfc3339.format(signedAt))
                .getBytes(StandardCharsets.US_ASCII);
    }
}
