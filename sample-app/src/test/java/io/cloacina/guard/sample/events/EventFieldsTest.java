// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFieldsTest {

    @TempDir
    private Path work;

    @Test
    void fields_areReadInTheOrderAskedFor_andAbsentOnesAsDash() throws IOException {
        assertEquals(
                List.of(List.of("x", "-", "true"), List.of("-", "-", "false")),
                read("{\"b\":true,\"a\":\"x\"}\n{\"b\":false,\"a\":null}\n", "a", "missing", "b"));
    }

    @Test
    void value_thatCouldDriveATerminal_isShownEscaped() throws IOException {
        assertEquals(
                List.of(List.of("/p/\\u001b[2J\\u0009\\u000a\\u202ereverse\\udb40\\udc01 \u20ac")),
                read("{\"a\":\"/p/\\u001b[2J\\t\\n\\u202ereverse\\udb40\\udc01 \\u20ac\"}\n", "a"));
    }

    @Test
    void line_thatIsNoObject_isNamedByFileAndNumber() throws IOException {
        Path file = Files.writeString(work.resolve("events.jsonl"), "{}\n[]\n");
        var mistake = assertThrows(IOException.class, () -> EventFields.read(file, List.of("a")));
        assertEquals("[" + file + "] line [2]: not an object", mistake.getMessage());
        var torn = assertThrows(JsonException.class, () -> read("{}\n{}\n{\"a\":\"b", "a"));
        assertEquals("line [3]: expected the end of the string at character [8]", torn.getMessage());
    }

    private static List<List<String>> read(String events, String... fields) throws IOException {
        return EventFields.read(new BufferedReader(new StringReader(events)), List.of(fields));
    }
}
