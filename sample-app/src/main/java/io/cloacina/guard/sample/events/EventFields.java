// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.events;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads chosen fields of every event in a file.
 *
 * <p>A field that is absent or null is {@code -}. Events quote names that an attacker may have chosen, so characters
 * that could move the cursor, turn the writing direction or pass for a line break appear as their JSON escape.
 */
public final class EventFields {

    private EventFields() {}

    /**
     * The fields of every event, in the order asked for.
     *
     * @throws IOException also if a line is not an event; the message says which
     */
    public static List<List<String>> read(Path file, List<String> fields) throws IOException {
        try (BufferedReader events = Files.newBufferedReader(file)) {
            return read(events, fields);
        } catch (JsonException notAnEvent) {
            throw new IOException("[" + file + "] " + notAnEvent.getMessage(), notAnEvent);
        }
    }

    static List<List<String>> read(BufferedReader events, List<String> fields) throws IOException {
        List<List<String>> read = new ArrayList<>();
        for (String line = events.readLine(); line != null; line = events.readLine()) {
            Map<?, ?> event = parse(line, read.size() + 1);
            read.add(fields.stream().map(field -> show(event.get(field))).toList());
        }
        return read;
    }

    private static Map<?, ?> parse(String line, int number) {
        try {
            if (Json.parse(line) instanceof Map<?, ?> event) {
                return event;
            }
        } catch (JsonException malformed) {
            throw new JsonException("line [" + number + "]: " + malformed.getMessage());
        }
        throw new JsonException("line [" + number + "]: not an object");
    }

    private static String show(Object value) {
        if (value == null) {
            return "-";
        }
        var shown = new StringBuilder();
        value.toString().codePoints().forEach(point -> {
            switch (Character.getType(point)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> {
                    for (char unit : Character.toChars(point)) {
                        shown.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
                    }
                }
                default -> shown.appendCodePoint(point);
            }
        });
        return shown.toString();
    }
}
