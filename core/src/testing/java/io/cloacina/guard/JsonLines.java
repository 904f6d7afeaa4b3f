// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads lines of JSON, each an object: events, and what commands print. Texts, whole numbers as {@code Long}, true and
 * false, nulls, lists and maps, in the order of the line.
 */
public final class JsonLines {

    private JsonLines() {}

    /** Fails unless the line is one object and nothing else. */
    public static Map<String, Object> object(String line) {
        try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
            assertEquals(JsonToken.START_OBJECT, json.nextToken(), line);
            Map<String, Object> object = members(json);
            assertEquals(null, json.nextToken(), line);
            return object;
        }
    }

    public static List<Map<String, Object>> objects(List<String> lines) {
        return lines.stream().map(JsonLines::object).toList();
    }

    /** The events of a type. */
    public static List<Map<String, Object>> events(String type, List<String> lines) {
        return objects(lines).stream()
                .filter(event -> type.equals(event.get("event_type")))
                .toList();
    }

    /**
     * Fails with the name of the field and the whole object if one is absent or otherwise.
     *
     * @param namesAndValues a name, its value, and so on
     */
    public static void assertFields(Map<String, Object> object, Object... namesAndValues) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object name = namesAndValues[i];
            Object value = namesAndValues[i + 1];
            assertTrue(object.containsKey(name), () -> "there is no [" + name + "] in " + object);
            assertEquals(plain(value), object.get(name), () -> "[" + name + "] of " + object);
        }
    }

    /** As a line has it: numbers are compared as numbers, and paths and the like as texts. */
    public static Object plain(Object value) {
        if (value instanceof Number number) {
            return number.longValue();
        }
        return value == null || value instanceof Boolean ? value : value.toString();
    }

    private static Map<String, Object> members(JsonParser json) {
        Map<String, Object> members = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            members.put(name, value(json));
        }
        return members;
    }

    private static Object value(JsonParser json) {
        return switch (json.currentToken()) {
            case START_OBJECT -> members(json);
            case START_ARRAY -> {
                List<Object> elements = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(value(json));
                }
                yield elements;
            }
            case VALUE_NULL -> null;
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT -> json.getLongValue();
            case VALUE_STRING -> json.getString();
            default -> throw new AssertionError(json.currentToken() + " in a line of JSON");
        };
    }
}
