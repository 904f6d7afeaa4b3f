// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A key encryption key: the 32-byte AES-256 key under which private keys are sealed. Wiped by {@link #close}.
 *
 * <p>Safe for use by many threads.
 */
public final class Kek implements AutoCloseable {

    /** Size of the key. */
    public static final int SIZE_BYTES = 32;

    private static final byte[] CHECKED = "cloacina-guard/key-check/1".getBytes(StandardCharsets.US_ASCII);
    private static final int HEX_DIGITS = 2 * SIZE_BYTES;

    private final SecretBytes key;

    private Kek(SecretBytes key) {
        this.key = key;
    }

    /**
     * From 32 raw bytes.
     *
     * @param raw copied; the caller wipes its own
     * @throws IllegalArgumentException if it is not 32 bytes long
     */
    public static Kek of(byte[] raw) {
        if (raw.length != SIZE_BYTES) {
            throw new IllegalArgumentException("a key encryption key has 32 bytes, not [" + raw.length + "]");
        }
        return new Kek(SecretBytes.copyOf(raw));
    }

    /**
     * From an environment variable: standard base64 (RFC 4648, section 4) of 32 bytes, or 64 hexadecimal digits. White
     * space around it does not matter.
     */
    public static Kek ofText(String text) throws MalformedKekException {
        byte[] ascii = text.getBytes(StandardCharsets.UTF_8);
        try {
            return ofAscii(ascii);
        } finally {
            Arrays.fill(ascii, (byte) 0);
        }
    }

    /**
     * From the content of a file: 32 raw bytes, or what {@link #ofText} takes.
     *
     * @param content left as it is; the caller wipes it
     */
    public static Kek ofFileContent(byte[] content) throws MalformedKekException {
        return content.length == SIZE_BYTES ? of(content) : ofAscii(content);
    }

    private static Kek ofAscii(byte[] text) throws MalformedKekException {
        byte[] trimmed = trim(text);
        byte[] raw = null;
        try {
            raw = trimmed.length == HEX_DIGITS
                    ? fromHex(trimmed)
                    : Base64.getDecoder().decode(trimmed);
            if (raw.length != SIZE_BYTES) {
                throw new MalformedKekException(
                        "the key encryption key is 32 bytes as base64 or 64 hexadecimal digits; this is base64 of ["
                                + raw.length + "] bytes");
            }
            return of(raw);
        } catch (IllegalArgumentException e) {
            throw new MalformedKekException("the key encryption key is 32 bytes as base64 or 64 hexadecimal digits;"
                    + " this is neither (" + trimmed.length + " characters)");
        } finally {
            Arrays.fill(trimmed, (byte) 0);
            if (raw != null) {
                Arrays.fill(raw, (byte) 0);
            }
        }
    }

    private static byte[] trim(byte[] text) {
        int from = 0;
        int to = text.length;
        while (from < to && isSpace(text[from])) {
            from++;
        }
        while (to > from && isSpace(text[to - 1])) {
            to--;
        }
        return Arrays.copyOfRange(text, from, to);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    // Not HexFormat: it wants a String, which cannot be wiped.
    private static byte[] fromHex(byte[] digits) {
        byte[] raw = new byte[digits.length / 2];
        for (int i = 0; i < raw.length; i++) {
            int high = Character.digit(digits[2 * i], 16);
            int low = Character.digit(digits[2 * i + 1], 16);
            if (high < 0 || low < 0) {
                Arrays.fill(raw, (byte) 0);
                throw new IllegalArgumentException("not a hexadecimal digit");
            }
            raw[i] = (byte) (high << 4 | low);
        }
        return raw;
    }

    /** Whether both are the same key. */
    public boolean isSameAs(Kek other) {
        return key.holdsSameAs(other.key);
    }

    /**
     * What only this key has and what does not tell it: HMAC-SHA-256 (RFC 2104) of {@code cloacina-guard/key-check/1} under
     * the key, as 64 lower-case hexadecimal digits. It says which key a store is sealed under.
     */
    public String checkValue() {
        byte[] raw = exposeCopy();
        try {
            return HexFormat.of().formatHex(Sha256.hmac(raw, CHECKED));
        } finally {
            Arrays.fill(raw, (byte) 0);
        }
    }

    byte[] exposeCopy() {
        return key.exposeCopy();
    }

    @Override
    public void close() {
        key.close();
    }

    @Override
    public String toString() {
        return "Kek";
    }
}
