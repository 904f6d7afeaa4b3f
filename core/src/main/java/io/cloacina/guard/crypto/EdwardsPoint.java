// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * What the verification rule asks of an encoded point (RFC 8032, section 5.1.2): 32 bytes, little-endian y, with the
 * sign of x in the highest bit.
 */
final class EdwardsPoint {

    private static final int SIZE_BYTES = 32;

    // The y of the eight points whose order divides 8: 0 and the two of order 8 stand for two points each (±x),
    // 1 and p-1 for one. As x is 0 there, their encodings with the sign bit set are not canonical and go the same way.
    private static final byte[][] SMALL_ORDER_Y = {
        y("0000000000000000000000000000000000000000000000000000000000000000"),
        y("0100000000000000000000000000000000000000000000000000000000000000"),
        y("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        y("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        y("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    };

    private EdwardsPoint() {}

    /** Whether y is below p = 2^255 - 19. */
    static boolean isCanonical(byte[] bytes, int offset) {
        if ((bytes[offset + 31] & 0x7f) != 0x7f) {
            return true;
        }
        for (int i = 30; i > 0; i--) {
            if (bytes[offset + i] != (byte) 0xff) {
                return true;
            }
        }
        return (bytes[offset] & 0xff) < 0xed;
    }

    static boolean isSmallOrder(byte[] bytes, int offset) {
        byte[] y = Arrays.copyOfRange(bytes, offset, offset + SIZE_BYTES);
        y[31] &= 0x7f;
        for (byte[] small : SMALL_ORDER_Y) {
            if (Arrays.equals(y, small)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] y(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
