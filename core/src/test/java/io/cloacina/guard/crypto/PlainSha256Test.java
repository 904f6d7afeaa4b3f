// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlainSha256Test {

    private static String hex(String message) {
        return HexFormat.of().formatHex(PlainSha256.of(message.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void of_examplesOfTheStandard_isAsThere() {
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hex("abc"));
        assertEquals(
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
                hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
    }

    @Test
    void of_everyLengthAroundBlocks_isAsOfTheJdk() {
        byte[] random = new byte[10_000];
        new Random(5).nextBytes(random);
        for (int length = 0; length <= 300; length++) {
            byte[] message = Arrays.copyOf(random, length);
            assertArrayEquals(Sha256.digest().digest(message), PlainSha256.of(message), "length " + length);
        }
        assertArrayEquals(Sha256.digest().digest(random), PlainSha256.of(random));
        assertArrayEquals(PlainSha256.of(random), Sha256.ofShort(random));
    }
}
