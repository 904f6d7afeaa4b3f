// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Wycheproof's test vectors, where they lie beside the checkout; they are not a part of it. */
final class Vectors {

    private static final Path FOLDER = Path.of("../../shared/vectors");

    private Vectors() {}

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> groups(String file) throws IOException {
        Path path = FOLDER.resolve(file);
        assumeTrue(Files.isReadable(path), () -> "no Wycheproof vectors at [" + path + "]");
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), Files.readAllBytes(path))) {
            parser.nextToken();
            return (List<Map<String, Object>>) ((Map<String, Object>) value(parser)).get("testGroups");
        }
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> tests(Map<String, Object> group) {
        return (List<Map<String, Object>>) group.get("tests");
    }

    private static Object value(JsonParser parser) {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            Map<String, Object> object = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                object.put(name, value(parser));
            }
            return object;
        }
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            List<Object> array = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                array.add(value(parser));
            }
            return array;
        }
        return parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? (Object) parser.getIntValue() : parser.getString();
    }
}
