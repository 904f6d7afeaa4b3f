// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

class JsonLineTest {

    private static String readBack(String line) {
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
            assertEquals(JsonToken.START_OBJECT, parser.nextToken());
            assertEquals("text", parser.nextName());
            assertEquals(JsonToken.VALUE_STRING, parser.nextToken());
            String text = parser.getString();
            assertEquals(JsonToken.END_OBJECT, parser.nextToken());
            return text;
        }
    }

    private static void assertSurvives(String text) {
        String line = new JsonLine().with("text", text).toString();
        assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7f), line);
        assertEquals(text, readBack(line));
    }

    @Test
    void everyCharacter_isReadBackByALibrary_andPrintableAscii() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                assertSurvives(Character.toString(c));
            }
        }
    }

    @Test
    void anyMixture_isReadBackByALibrary() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            random.ints(random.nextInt(40), 0, Character.MAX_CODE_POINT + 1)
                    .map(c -> random.nextBoolean() ? c % 0x100 : c)
                    .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                    .forEach(text::appendCodePoint);
            assertSurvives(text.toString());
        }
    }

    @Test
    void halvesOfPairs_becomeTheReplacementCharacter() {
        assertEquals(
                "{\"text\":\"a\\uFFFDb\"}",
                new JsonLine().with("text", "a\ud83db").toString());
        assertEquals(
                "{\"text\":\"\\uFFFD\\uFFFD\"}",
                new JsonLine().with("text", "\udc00\ud800").toString());
        assertEquals(
                "{\"text\":\"\\uFFFD\\uD83D\\uDE00\"}",
                new JsonLine().with("text", "\ud83d\ud83d\ude00").toString());
    }

    @Test
    void values_areOfTheirJsonType() {
        Map<String, Object> inner = new LinkedHashMap<>();
        inner.put("z", "1");
        inner.put("a", null);
        String line = new JsonLine()
                .with("nothing", null)
                .with("yes", true)
                .with("int", -7)
                .with("long", Long.MIN_VALUE)
                .with("bytes", new byte[] {0, (byte) 0xab})
                .with("map", inner)
                .with("empty", Map.of())
                .with("other", 1.5)
                .toString();

        assertEquals(
                "{\"nothing\":null,\"yes\":true,\"int\":-7,\"long\":-9223372036854775808,\"bytes\":\"00ab\","
                        + "\"map\":{\"z\":\"1\",\"a\":null},\"empty\":{},\"other\":\"1.5\"}",
                line);
        assertEquals("{}", new JsonLine().toString());
    }

    @Test
    void times_haveMicroseconds() {
        Random random = new Random(2);
        DateTimeFormatter expected =
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(java.time.ZoneOffset.UTC);
        for (int i = 0; i < 1000; i++) {
            Instant time = Instant.ofEpochSecond(random.nextLong(253_402_300_800L), random.nextInt(1_000_000_000));
            assertEquals(
                    "{\"t\":\"" + expected.format(time) + "\"}",
                    new JsonLine().with("t", time).toString());
        }
    }
}
