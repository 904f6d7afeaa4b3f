// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The blocks of an armoured OpenPGP file (RFC 9580, section 6.2). Text around them is left out, as files of many keys have
 * it; the checksum is not looked at, as it protects nothing.
 */
final class PgpArmor {

    private static final String BEGIN = "-----BEGIN PGP ";
    private static final String END = "-----END PGP ";
    private static final String DASHES = "-----";

    private PgpArmor() {}

    /** @param type such as {@code SIGNATURE} */
    record Block(String type, byte[] content) {}

    /** Whether the content is binary: the first byte of a packet has its highest bit set, as no text in ASCII has. */
    static boolean isBinary(byte[] content) {
        return content.length > 0 && content[0] < 0 && !isByteOrderMark(content);
    }

    private static boolean isByteOrderMark(byte[] content) {
        return content.length > 2
                && content[0] == (byte) 0xef
                && content[1] == (byte) 0xbb
                && content[2] == (byte) 0xbf;
    }

    /**
     * All blocks; none if there are none.
     *
     * @throws IllegalArgumentException if one is damaged; the message says how
     */
    static List<Block> read(byte[] content) {
        List<Block> blocks = new ArrayList<>();
        String type = null;
        boolean headers = false;
        StringBuilder base64 = new StringBuilder();
        for (String line : new String(content, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            String text = line.strip();
            if (type == null) {
                if (text.startsWith(BEGIN)
                        && text.endsWith(DASHES)
                        && text.length() > BEGIN.length() + DASHES.length()) {
                    type = text.substring(BEGIN.length(), text.length() - DASHES.length());
                    headers = true;
                    base64.setLength(0);
                }
            } else if (text.equals(END + type + DASHES)) {
                blocks.add(new Block(type, decode(base64.toString())));
                type = null;
            } else if (text.startsWith(DASHES)) {
                throw new IllegalArgumentException("the end of a block of type [" + type + "] is missing");
            } else if (headers) {
                // Headers such as "Version: GnuPG v2" end with an empty line, which some programs leave out.
                headers = text.contains(": ");
                base64.append(headers ? "" : text);
            } else if (!text.startsWith("=")) {
                base64.append(text);
            }
        }
        if (type != null) {
            throw new IllegalArgumentException("the end of a block of type [" + type + "] is missing");
        }
        return blocks;
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a block is no base64", e);
        }
    }
}
