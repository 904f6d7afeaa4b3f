// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.events;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    @Test
    void value_ofEveryKind_isRead() {
        assertEquals(
                Map.of("a", List.of(new BigDecimal("-1.5e3"), true, false, Map.of()), "b", "", "c", List.of()),
                Json.parse(" { \"a\" : [ -1.5e3, true , false, { } ], \"b\":\"\",\"c\":[]}\r\n"));
        assertNull(Json.parse("null"));
        assertEquals(Arrays.asList(null, null), Json.parse("[null,null]"));
    }

    @Test
    void string_withEveryEscape_isDecoded() {
        assertEquals(
                "\"\\/\b\f\n\r\t\u20ac\ud83d\ude00", Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20AC\\ud83d\\uDE00\""));
    }

    @Test
    void string_endingInAnEscapedBackslash_endsThere() {
        assertEquals(Map.of("path", "C:\\", "next", "x"), Json.parse("{\"path\":\"C:\\\\\",\"next\":\"x\"}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}}",
                "{\"a\"}",
                "{\"a\":1,}",
                "{a:1}",
                "{\"a\":1,\"a\":2}",
                "[1 2]",
                "[1,]",
                "01",
                "1.",
                "+1",
                "NaN",
                "nul",
                "\"",
                "\"\\\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\\u12\"",
                "\"\\u\uff11\uff11\uff11\uff11\"",
                "\"a\tb\"",
                "\"a\0b\"",
                "\u00a01",
            })
    void text_thatIsNotJson_isRefused(String text) {
        assertThrows(JsonException.class, () -> Json.parse(text));
    }

    @Test
    void nesting_beyondTheLimit_isRefusedAndDoesNotOverflowTheStack() {
        assertThrows(JsonException.class, () -> Json.parse("[".repeat(1_000_000)));
    }

    @Test
    void mistake_isReportedWithItsPlace() {
        var mistake = assertThrows(JsonException.class, () -> Json.parse("{\"a\" 1}"));
        assertEquals("expected ':' at character [6]", mistake.getMessage());
    }
}
