// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.crypto.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What binds a line to the one before: the last two fields of its object,
 *
 * <pre>
 * …,"sequence":N,"previous_hash":"HEX"}
 * </pre>
 *
 * <p>{@code sequence} counts from 1; {@code previous_hash} is the SHA-256 of the line before without its line feed, and
 * 64 zeros in the first. As every quotation mark inside a text is escaped, no text can look like these fields.
 *
 * @param previousHash 64 lower-case hexadecimal digits
 */
record ChainLink(long sequence, String previousHash) {

    /** The previous hash of the first line, which has none before it. */
    static final String NOTHING = "0".repeat(64);

    /** Closed by the process that goes on after it: the SHA-256 of a line that ended without a line feed. */
    static final String TORN_LINE = "torn_line";

    /** In the first line of a file: rotation has removed, or is about to remove, all lines before this one. */
    static final String KEPT_FROM = "kept_from_sequence";

    /** In the first line of a process in a file, with what else there is to say of the process. */
    static final String PROCESS_STARTED_AT = "process_started_at";

    private static final String SEQUENCE = ",\"sequence\":";
    private static final String PREVIOUS_HASH = ",\"previous_hash\":\"";
    private static final int HASH_LENGTH = 64;
    private static final int MOST_DIGITS = 18;

    void appendTo(StringBuilder line) {
        line.append(SEQUENCE)
                .append(sequence)
                .append(PREVIOUS_HASH)
                .append(previousHash)
                .append("\"}");
    }

    /** The link of a line without its line feed; null if it has none. */
    static @Nullable ChainLink of(byte[] line) {
        int end = line.length - "\"}".length();
        int hashAt = end - HASH_LENGTH;
        int numberEnd = hashAt - PREVIOUS_HASH.length();
        if (numberEnd < SEQUENCE.length()
                || line[0] != '{'
                || line[end] != '"'
                || line[end + 1] != '}'
                || !isAt(line, numberEnd, PREVIOUS_HASH)) {
            return null;
        }
        for (int i = hashAt; i < end; i++) {
            if (!(line[i] >= '0' && line[i] <= '9' || line[i] >= 'a' && line[i] <= 'f')) {
                return null;
            }
        }
        int numberAt = numberEnd;
        while (numberAt > 0 && line[numberAt - 1] >= '0' && line[numberAt - 1] <= '9') {
            numberAt--;
        }
        int digits = numberEnd - numberAt;
        if (digits == 0
                || digits > MOST_DIGITS
                || line[numberAt] == '0'
                || numberAt < SEQUENCE.length()
                || !isAt(line, numberAt - SEQUENCE.length(), SEQUENCE)) {
            return null;
        }
        return new ChainLink(
                Long.parseLong(new String(line, numberAt, digits, StandardCharsets.US_ASCII)),
                new String(line, hashAt, HASH_LENGTH, StandardCharsets.US_ASCII));
    }

    private static boolean isAt(byte[] line, int at, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (line[at + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** SHA-256 of a line without its line feed. */
    static String hash(byte[] line) {
        return hex(Sha256.ofShort(line));
    }

    /** SHA-256 of a part of {@code bytes}. */
    static String hash(byte[] bytes, int from, int to) {
        MessageDigest digest = Sha256.digest();
        digest.update(bytes, from, to - from);
        return hex(digest.digest());
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder(2 * bytes.length);
        for (byte b : bytes) {
            text.append(Character.forDigit(b >> 4 & 0xf, 16)).append(Character.forDigit(b & 0xf, 16));
        }
        return text.toString();
    }

    /**
     * The value of one of the fields that file sinks add, which stand behind all others.
     *
     * @return the text or the number, or nothing where it is null; null if the line has no such field
     */
    static @Nullable String field(String line, String name) {
        String key = ",\"" + name + "\":";
        if (!line.contains(key)) {
            // Nearly always, and faster than looking for the last one.
            return null;
        }
        int at = line.lastIndexOf(key);
        int from = at + key.length();
        boolean quoted = line.startsWith("\"", from);
        int to = quoted ? line.indexOf('"', from + 1) : from;
        while (!quoted && to < line.length() && Character.isDigit(line.charAt(to))) {
            to++;
        }
        return to < 0 ? null : line.substring(quoted ? from + 1 : from, to);
    }

    /** The last whole line of a block that ends with a line feed. */
    static byte[] lastLine(byte[] block, int end) {
        int from = end - 1;
        while (from > 0 && block[from - 1] != '\n') {
            from--;
        }
        return Arrays.copyOfRange(block, from, end - 1);
    }
}
