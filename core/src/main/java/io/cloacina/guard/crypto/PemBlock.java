// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * One encapsulated block of RFC 7468: what stands between the lines BEGIN and END.
 *
 * @param label for instance {@code PUBLIC KEY}
 * @param content decoded
 */
record PemBlock(String label, byte[] content) {

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    /** The only block in {@code text} that holds a key; blocks of other things (certificates) do not matter. */
    static PemBlock only(byte[] text) throws MalformedKeyException {
        PemBlock found = null;
        boolean other = false;
        Lines lines = new Lines(text);
        while (lines.next()) {
            String label = lines.label(BEGIN);
            if (label == null) {
                continue;
            }
            byte[] base64 = lines.until(label);
            if (!label.endsWith("KEY")) {
                other = true;
                Arrays.fill(base64, (byte) 0);
                continue;
            }
            if (found != null) {
                found.wipe();
                Arrays.fill(base64, (byte) 0);
                throw new MalformedKeyException("there is more than one key; exactly one is wanted");
            }
            found = new PemBlock(label, decode(base64));
        }
        if (found == null) {
            throw new MalformedKeyException(
                    other ? "the PEM holds no key" : "this is not PEM: there is no line [-----BEGIN …-----]");
        }
        return found;
    }

    void wipe() {
        Arrays.fill(content, (byte) 0);
    }

    private static byte[] decode(byte[] base64) throws MalformedKeyException {
        try {
            byte[] content = Base64.getDecoder().decode(base64);
            byte[] again = Base64.getEncoder().encode(content);
            boolean canonical = Arrays.equals(again, base64);
            Arrays.fill(again, (byte) 0);
            if (!canonical) {
                Arrays.fill(content, (byte) 0);
                throw new MalformedKeyException("the PEM block is not canonical base64");
            }
            return content;
        } catch (IllegalArgumentException e) {
            throw new MalformedKeyException("the PEM block is not base64");
        } finally {
            Arrays.fill(base64, (byte) 0);
        }
    }

    /** Goes through the lines of a text without making strings of what may be secret. */
    private static final class Lines {

        private final byte[] text;
        private int start;
        private int end;
        private int next;

        Lines(byte[] text) {
            this.text = text;
            boolean marked =
                    text.length >= 3 && text[0] == (byte) 0xef && text[1] == (byte) 0xbb && text[2] == (byte) 0xbf;
            next = marked ? 3 : 0;
        }

        /** Moves to the next line, without its end and trailing white space. */
        boolean next() {
            if (next >= text.length) {
                return false;
            }
            start = next;
            end = start;
            while (end < text.length && text[end] != '\n' && text[end] != '\r') {
                end++;
            }
            next = end + 1;
            while (end > start && (text[end - 1] == ' ' || text[end - 1] == '\t')) {
                end--;
            }
            return true;
        }

        /** The label, if this line is {@code prefix label-----}; else null. */
        @Nullable
        String label(String prefix) {
            if (!startsWith(prefix) || end - start < prefix.length() + DASHES.length()) {
                return null;
            }
            String rest =
                    new String(text, start + prefix.length(), end - start - prefix.length(), StandardCharsets.US_ASCII);
            return rest.endsWith(DASHES) ? rest.substring(0, rest.length() - DASHES.length()) : null;
        }

        /** The base64 up to the line that ends the block. */
        byte[] until(String label) throws MalformedKeyException {
            byte[] base64 = new byte[text.length - Math.min(next, text.length)];
            int length = 0;
            while (next()) {
                String ended = label(END);
                if (ended != null) {
                    if (!ended.equals(label)) {
                        break;
                    }
                    byte[] exact = Arrays.copyOf(base64, length);
                    Arrays.fill(base64, (byte) 0);
                    return exact;
                }
                for (int i = start; i < end; i++) {
                    if (text[i] == ':') {
                        Arrays.fill(base64, (byte) 0);
                        throw new MalformedKeyException(
                                "the PEM block has headers, as an encrypted key of an old form does; decrypt it first"
                                        + " (openssl pkey)");
                    }
                    if (text[i] != ' ' && text[i] != '\t') {
                        base64[length++] = text[i];
                    }
                }
            }
            Arrays.fill(base64, (byte) 0);
            throw new MalformedKeyException("the PEM block [" + printable(label) + "] has no end");
        }

        private boolean startsWith(String prefix) {
            if (end - start < prefix.length()) {
                return false;
            }
            for (int i = 0; i < prefix.length(); i++) {
                if (text[start + i] != prefix.charAt(i)) {
                    return false;
                }
            }
            return true;
        }

        private static String printable(String label) {
            return label.replaceAll("[^A-Za-z0-9 ]", "?");
        }
    }
}
