// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.util.HexFormat;

/** The one text form of a 256-bit value: 64 lower-case hexadecimal digits. */
final class Hex256 {

    private static final int DIGITS = 64;

    private Hex256() {}

    static String of(byte[] value) {
        if (value.length != DIGITS / 2) {
            throw new IllegalArgumentException("a SHA-256 has 32 bytes, not [" + value.length + "]");
        }
        return HexFormat.of().formatHex(value);
    }

    static String require(String hex, String what) {
        if (!isValid(hex)) {
            throw new IllegalArgumentException(what + " is 64 lower-case hexadecimal digits, not [" + hex + "]");
        }
        return hex;
    }

    static boolean isValid(String hex) {
        if (hex.length() != DIGITS) {
            return false;
        }
        for (int i = 0; i < DIGITS; i++) {
            char c = hex.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }
}
