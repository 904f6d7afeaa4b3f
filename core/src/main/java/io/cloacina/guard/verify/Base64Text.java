// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import java.util.Base64;

/** Base64 (RFC 4648), standard or URL-safe, in the one text that the bytes have in that alphabet: padded, in one line. */
final class Base64Text {

    private Base64Text() {}

    /** @throws IllegalArgumentException with what is wrong and what would be right, as the end of a sentence */
    static byte[] decode(String text) {
        boolean standard = text.indexOf('+') >= 0 || text.indexOf('/') >= 0;
        boolean urlSafe = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
        if (standard && urlSafe) {
            throw new IllegalArgumentException(
                    "mixes the two alphabets of base64; either + and / are right, or - and _");
        }
        byte[] bytes;
        try {
            bytes = (urlSafe ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not base64", e);
        }
        // The JDK's decoders let missing padding and stray low bits pass.
        String canonical = (urlSafe ? Base64.getUrlEncoder() : Base64.getEncoder()).encodeToString(bytes);
        if (!canonical.equals(text)) {
            throw new IllegalArgumentException("is not canonical base64: padded with =, and without stray bits");
        }
        return bytes;
    }
}
