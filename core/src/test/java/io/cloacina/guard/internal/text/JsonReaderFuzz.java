// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.text.JsonReader.JsonNumber;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/** A JSON object: refused where Jackson refuses it, or the same values as Jackson's. */
public final class JsonReaderFuzz {

    private static final JsonFactory JACKSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private JsonReaderFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return;
        }
        Map<String, Object> read = new LinkedHashMap<>();
        String refusal = null;
        try {
            JsonReader.readObject(text, read);
        } catch (IllegalArgumentException e) {
            refusal = e.getMessage();
        }
        Map<String, Object> expected;
        try {
            expected = jackson(text);
        } catch (StreamConstraintsException e) {
            // It has limits of its own.
            return;
        } catch (JacksonException e) {
            assertTrue(refusal != null, e::toString);
            return;
        }
        if (refusal == null) {
            assertEquals(expected, read);
        } else {
            assertTrue(expected == null || refusal.contains(" deep"), refusal);
        }
    }

    /** Null if it is something else, or something follows. */
    private static Map<String, Object> jackson(String text) {
        try (JsonParser json = JACKSON.createParser(ObjectReadContext.empty(), text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            Map<String, Object> fields = object(json);
            return json.nextToken() == null ? fields : null;
        }
    }

    private static Map<String, Object> object(JsonParser json) {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            fields.put(name, value(json, json.nextToken()));
        }
        return fields;
    }

    private static Object value(JsonParser json, JsonToken token) {
        return switch (token) {
            case START_OBJECT -> object(json);
            case START_ARRAY -> {
                List<Object> elements = new ArrayList<>();
                for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
                    elements.add(value(json, next));
                }
                yield elements;
            }
            case VALUE_STRING -> json.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new JsonNumber(json.getString());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new IllegalStateException(token.toString());
        };
    }
}
