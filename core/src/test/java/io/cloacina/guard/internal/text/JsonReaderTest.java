// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.text.JsonReader.JsonNumber;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

    private static Map<String, Object> read(String text) {
        Map<String, Object> fields = new LinkedHashMap<>();
        JsonReader.readObject(text, fields);
        return fields;
    }

    private static String refused(String text) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> read(text)).getMessage();
        assertFalse(message.contains("s3cret"), message);
        return message;
    }

    @Test
    void object_ofEveryKindOfValue_isRead() {
        Map<String, Object> fields =
                read(" {\"text\" : \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00é\",\t\"number\":-0.5E+10 ,"
                        + "\"list\":[ 1,[],{} , true,false,null],\r\n\"object\":{\"a\":{\"a\":\"\"}},\"\":0}\n");

        assertEquals("a\"\\/\b\f\n\r\té\uD83D\uDE00é", fields.get("text"));
        assertEquals(new JsonNumber("-0.5E+10"), fields.get("number"));
        assertEquals(Arrays.asList(new JsonNumber("1"), List.of(), Map.of(), true, false, null), fields.get("list"));
        assertEquals(Map.of("a", Map.of("a", "")), fields.get("object"));
        assertEquals(new JsonNumber("0"), fields.get(""));
        assertEquals(List.of("text", "number", "list", "object", ""), List.copyOf(fields.keySet()));
        assertEquals(Map.of(), read("{}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "[]", "\"s3cret\"", "1", "null", "s3cret", "}"})
    void text_thatBeginsNoObject_isRefused(String text) {
        assertEquals("it is not a JSON object", refused(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{} {}", "{},", "{}s3cret", "{}\0"})
    void whatFollowsTheObject_isRefused(String text) {
        assertEquals("something follows the JSON object", refused(text));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {                       | no ["] at character 2
                    {"a"                    | no [:] at character 5
                    {"a":                   | no value at character 6
                    {"a":}                  | no value at character 6
                    {"a":1                  | no [,] at character 7
                    {"a":1,}                | no ["] at character 8
                    {,"a":1}                | no ["] at character 2
                    {"a" 1}                 | no [:] at character 6
                    {'a':1}                 | no ["] at character 2
                    {a:1}                   | no ["] at character 2
                    {"a":[1,]}              | no value at character 9
                    {"a":[1 2]}             | no [,] at character 9
                    {"a":01}                | no [,] at character 7
                    {"a":+1}                | no value at character 6
                    {"a":.5}                | no value at character 6
                    {"a":1.}                | no value at character 8
                    {"a":1e}                | no value at character 8
                    {"a":-}                 | no value at character 7
                    {"a":NaN}               | no value at character 6
                    {"a":tru}               | no value at character 6
                    {"a":"s3cret            | the end of a text is missing at character 13
                    {"a":"\\x"}             | an unknown escape in a text at character 8
                    {"a":"\\u12g4"}         | an unknown escape in a text at character 11
                    {"a":"\\u12             | an unknown escape in a text at character 11
                    {"a":"\\                | an unknown escape in a text at character 8
                    {"a":1,"a":1}           | a field that is there twice ends at character 11
                    {"a":[{"b":1,"\\u0062"  | a field that is there twice ends at character 22
                    {"a":1/**/}             | no [,] at character 7
                    """)
    void text_thatIsMalformed_isRefusedWithItsPlace(String text, String what) {
        assertEquals("it is not JSON: " + what, refused(text));
    }

    @Test
    void controlCharacterInAText_isRefused() {
        assertEquals("it is not JSON: a control character in a text at character 8", refused("{\"a\":\"b\n\"}"));
        assertEquals("it is not JSON: no [,] at character 7", refused("{\"a\":1\u00a0}"));
    }

    @Test
    void depth_isBounded() {
        assertTrue(read("{\"a\":" + "[".repeat(99) + "]".repeat(99) + "}").containsKey("a"));
        assertTrue(read("{\"a\":[" + "[],".repeat(1_000) + "[]]}").containsKey("a"));

        assertEquals(
                "it is not JSON: values lie in each other more than 100 deep at character 106",
                refused("{\"a\":" + "[".repeat(100_000)));
    }

    @Test
    void fieldsBeforeWhatIsWrong_areGiven() {
        Map<String, Object> fields = new LinkedHashMap<>();

        assertThrows(IllegalArgumentException.class, () -> JsonReader.readObject("{\"a\":1,\"b\":?", fields));

        assertEquals(List.of("a", "b"), List.copyOf(fields.keySet()));
    }
}
