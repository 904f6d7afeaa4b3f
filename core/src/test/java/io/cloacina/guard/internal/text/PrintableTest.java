// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void of_ordinaryText_staysAsItIs() {
        assertEquals("a b-ü鍵𝄞\\'\"", Printable.of("a b-ü鍵𝄞\\'\""));
    }

    @Test
    void of_whatSteersATerminal_isEscaped() {
        assertEquals("\\u001b[0m\\u0007\\u007f\\u009b", Printable.of("\u001b[0m\u0007\u007f\u009b"));
        assertEquals("\\u000a\\u000d\\u0085\\u2028\\u2029", Printable.of("\n\r\u0085\u2028\u2029"));
    }

    @Test
    void of_bidiInvisibleAndHalfCharacters_areEscaped() {
        assertEquals("\\u202e\\u2066\\u200b\\ufeff", Printable.of("\u202e\u2066\u200b\ufeff"));
        assertEquals("a\\ud800b", Printable.of("a\ud800b"));
        assertEquals("\\U000e0001", Printable.of("\udb40\udc01"));
    }
}
