// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.text.JsonLine;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A signed statement that an audit log reached a line: with it, what was cut off up to that line shows, and so does an
 * audit log that was written anew.
 *
 * <p>As a line of JSON: {@code version} (1), {@code algorithm} ({@code ed25519}), {@code sequence}, {@code line_hash},
 * {@code created_at}, {@code key_fingerprint}, {@code signature} (base64). The signature is over the ASCII text
 *
 * <pre>
 * cloacina-guard/audit-checkpoint/1
 * SEQUENCE
 * LINE_HASH
 * CREATED_AT
 * </pre>
 *
 * with a line feed behind each line.
 *
 * @param sequence of the line
 * @param lineHash SHA-256 of the line without its line feed, 64 lower-case hexadecimal digits
 * @param createdAt in microseconds
 * @param key what it is signed with
 * @param signature 64 bytes
 */
public record Checkpoint(long sequence, String lineHash, Instant createdAt, Fingerprint key, byte[] signature) {

    private static final int SIGNATURE_SIZE_BYTES = 64;

    public Checkpoint {
        signature = signature.clone();
        boolean sound = sequence > 0
                && Fingerprint.isValid(lineHash)
                && signature.length == SIGNATURE_SIZE_BYTES
                && createdAt.equals(createdAt.truncatedTo(ChronoUnit.MICROS));
        if (!sound) {
            throw new IllegalArgumentException(
                    "a checkpoint has a sequence, a hash, a time in microseconds and 64 bytes");
        }
    }

    @Override
    public byte[] signature() {
        return signature.clone();
    }

    /** Signs that the audit log reached this line. */
    public static Checkpoint sign(long sequence, String lineHash, Instant now, Ed25519PrivateKey key) {
        Instant createdAt = now.truncatedTo(ChronoUnit.MICROS);
        byte[] signature = key.sign(message(sequence, lineHash, createdAt));
        return new Checkpoint(sequence, lineHash, createdAt, key.publicKey().fingerprint(), signature);
    }

    /** Whether {@code publicKey} is the one that is named, and has signed this. */
    public boolean isSignedBy(Ed25519PublicKey publicKey) {
        return publicKey.fingerprint().equals(key)
                && publicKey.verifies(message(sequence, lineHash, createdAt), signature);
    }

    /**
     * What is signed, for a key that is not in this process.
     *
     * @param createdAt in microseconds
     */
    public static byte[] message(long sequence, String lineHash, Instant createdAt) {
        String time = text(createdAt);
        return ("cloacina-guard/audit-checkpoint/1\n" + sequence + "\n" + lineHash + "\n" + time + "\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static @Nullable String text(Instant time) {
        return ChainLink.field(
                ",\"v\":" + new JsonLine().with("v", time).toString().substring(5), "v");
    }

    /** Its one form as a line, without a line feed. */
    public String toJson() {
        JsonLine line = new JsonLine();
        fields().forEach(line::with);
        return line.toString();
    }

    /** The names and values of {@link #toJson}, in their order. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("version", 1);
        fields.put("algorithm", "ed25519");
        fields.put("sequence", sequence);
        fields.put("line_hash", lineHash);
        fields.put("created_at", createdAt);
        fields.put("key_fingerprint", key);
        fields.put("signature", Base64.getEncoder().encodeToString(signature));
        return fields;
    }

    /** @throws IllegalArgumentException if the line is not exactly as {@link #toJson} writes it */
    public static Checkpoint parse(String line) {
        try {
            Checkpoint parsed = new Checkpoint(
                    Long.parseLong(require(line, "sequence")),
                    require(line, "line_hash"),
                    Instant.parse(require(line, "created_at")),
                    new Fingerprint(require(line, "key_fingerprint")),
                    Base64.getDecoder().decode(require(line, "signature")));
            if (parsed.toJson().equals(line)) {
                return parsed;
            }
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException("it is not a checkpoint: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("it is not a checkpoint of version 1");
    }

    private static String require(String line, String name) {
        String value = ChainLink.field(line, name);
        if (value == null) {
            throw new IllegalArgumentException("[" + name + "] is missing");
        }
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Checkpoint that
                && sequence == that.sequence
                && lineHash.equals(that.lineHash)
                && createdAt.equals(that.createdAt)
                && key.equals(that.key)
                && Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(signature);
    }
}
