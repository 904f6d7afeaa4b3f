// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventFieldsTest {

    @Test
    void fields_arePrintedInTheOrderAskedFor_andAbsentOnesAsDash() throws IOException {
        assertEquals(
                "x\t-\ttrue\n-\t-\tfalse\n",
                print("{\"b\":true,\"a\":\"x\"}\n{\"b\":false,\"a\":null}\n", "a", "missing", "b"));
    }

    @Test
    void value_thatCouldDriveATerminal_isShownEscaped() throws IOException {
        assertEquals(
                "/p/\\u001b[2J\\u0009\\u000a\\u202ereverse\\udb40\\udc01 \u20ac\n",
                print("{\"a\":\"/p/\\u001b[2J\\t\\n\\u202ereverse\\udb40\\udc01 \\u20ac\"}\n", "a"));
    }

    @Test
    void line_thatIsNoObject_isNamedByItsNumber() {
        var mistake = assertThrows(JsonException.class, () -> print("{}\n[]\n", "a"));
        assertEquals("line [2]: not an object", mistake.getMessage());
        var torn = assertThrows(JsonException.class, () -> print("{}\n{}\n{\"a\":\"b", "a"));
        assertEquals("line [3]: expected the end of the string at character [8]", torn.getMessage());
    }

    private static String print(String events, String... fields) throws IOException {
        var printed = new ByteArrayOutputStream();
        EventFields.print(
                new BufferedReader(new StringReader(events)),
                List.of(fields),
                new PrintStream(printed, true, StandardCharsets.UTF_8));
        return printed.toString(StandardCharsets.UTF_8);
    }
}
