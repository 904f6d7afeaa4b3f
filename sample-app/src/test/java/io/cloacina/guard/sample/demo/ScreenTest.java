// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cloacina.guard.sample.demo.Screen.Colour;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {

    @Test
    void text_inColour_hasItOnAColouredScreenOnly() {
        var out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        assertEquals("\033[32mloaded\033[0m", new Screen(out, true).in(Colour.GOOD, "loaded"));
        assertEquals("loaded", new Screen(out, false).in(Colour.GOOD, "loaded"));
    }

    @Test
    void padded_longerThanTheWidth_staysWhole() {
        assertEquals("ab  ", Screen.padded(4, "ab"));
        assertEquals("abcde", Screen.padded(4, "abcde"));
    }

    @Test
    void wrapped_breaksAtSpaces_andLeavesALongWordWhole() {
        assertEquals(List.of("one two", "three"), Screen.wrapped(7, "one two three"));
        assertEquals(List.of("a", "/very/long", "b"), Screen.wrapped(4, "a /very/long b"));
        assertEquals(List.of("/very/long"), Screen.wrapped(4, "/very/long"));
        assertEquals(List.of(""), Screen.wrapped(4, ""));
    }
}
