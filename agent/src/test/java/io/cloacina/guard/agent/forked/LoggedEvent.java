// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An event, read from a line of an audit log.
 *
 * @param fields texts, whole numbers as {@code Long}, true and false, nulls, lists and maps, in the order of the line
 */
public record LoggedEvent(String line, Map<String, Object> fields) {

    public static LoggedEvent parse(String line) {
        return new LoggedEvent(line, JsonLines.object(line));
    }

    public static List<LoggedEvent> parse(List<String> lines) {
        return lines.stream().map(LoggedEvent::parse).toList();
    }

    /** The events of an audit log to which a JVM may be writing: a line without its end is left out. */
    public static List<LoggedEvent> read(Path file) throws IOException {
        String text = Files.exists(file) ? Files.readString(file) : "";
        return parse(text.substring(0, text.lastIndexOf('\n') + 1).lines().toList());
    }

    public static List<LoggedEvent> ofType(String type, List<LoggedEvent> events) {
        return events.stream().filter(event -> event.type().equals(type)).toList();
    }

    public String type() {
        return text("event_type");
    }

    /** The value of a field as text; {@code null} if it is null or absent. */
    public String text(String field) {
        Object value = fields.get(field);
        return value == null ? null : value.toString();
    }

    /** Whether a field is there and has a value; numbers are compared as numbers, and paths as texts. */
    public boolean has(String field, Object value) {
        return fields.containsKey(field) && Objects.equals(fields.get(field), JsonLines.plain(value));
    }

    /** Whether the text of a field holds {@code part}. */
    public boolean mentions(String field, Object part) {
        String text = text(field);
        return text != null && text.contains(part.toString());
    }

    public LoggedEvent assertMentions(String field, Object part) {
        assertTrue(mentions(field, part), () -> "[" + field + "] does not mention [" + part + "] in " + line);
        return this;
    }

    /** Fails unless the whole text of a field matches. */
    public LoggedEvent assertMatches(String field, String pattern) {
        String text = text(field);
        assertTrue(
                text != null && text.matches(pattern),
                () -> "[" + field + "] does not match [" + pattern + "] in " + line);
        return this;
    }

    public LoggedEvent assertLacks(String field) {
        assertEquals(null, fields.get(field), () -> "[" + field + "] of " + line);
        return this;
    }

    /** The fields of an object inside the event. */
    public LoggedEvent object(String field) {
        assertTrue(fields.get(field) instanceof Map, () -> "[" + field + "] is no object in " + line);
        Map<String, Object> inner = new LinkedHashMap<>();
        ((Map<?, ?>) fields.get(field)).forEach((name, value) -> inner.put((String) name, value));
        return new LoggedEvent(line, inner);
    }

    /**
     * Fails with the name of the field and the whole line if one is otherwise.
     *
     * @param namesAndValues a name, its value, and so on
     */
    public LoggedEvent assertHas(Object... namesAndValues) {
        JsonLines.assertFields(fields, namesAndValues);
        return this;
    }

    @Override
    public String toString() {
        return line;
    }
}
