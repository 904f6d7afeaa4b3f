// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object (RFC 8259), strictly: no field twice in one object, nothing behind it. Values are maps, lists,
 * texts, {@link JsonNumber}, booleans and null.
 *
 * <p>For signatures, which are small and which a host without any other library must be able to read; and no library is
 * initialised as fast. Messages tell the place and repeat nothing of the text.
 */
public final class JsonReader {

    /** As deep as values may lie in each other. */
    private static final int MAX_DEPTH = 100;

    private final String text;
    private int position;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    /** A number as it is written: what it means is the reader's to say. */
    public record JsonNumber(String text) {}

    /**
     * Reads the one object that {@code text} is.
     *
     * @param into gets its fields, each as soon as its name is read: so it has the first of them even if this fails
     * @throws IllegalArgumentException if it is no JSON object, or not only that; the message says what is wrong
     */
    public static void readObject(String text, Map<String, Object> into) {
        JsonReader reader = new JsonReader(text);
        reader.skipSpace();
        if (reader.peek() != '{') {
            throw new IllegalArgumentException("it is not a JSON object");
        }
        reader.object(into);
        reader.skipSpace();
        if (reader.position < text.length()) {
            throw new IllegalArgumentException("something follows the JSON object");
        }
    }

    /** NUL, which no value begins with, at the end. */
    private char peek() {
        return position < text.length() ? text.charAt(position) : 0;
    }

    private void skipSpace() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
            position++;
        }
    }

    private IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException("it is not JSON: " + what + " at character " + (position + 1));
    }

    private void expect(char wanted) {
        skipSpace();
        if (peek() != wanted) {
            throw malformed("no [" + wanted + "]");
        }
        position++;
    }

    /** Whether there is another element, after the first. */
    private boolean isContinued(char end) {
        skipSpace();
        if (peek() == end) {
            position++;
            return false;
        }
        expect(',');
        return true;
    }

    /** Whether there is a first element. */
    private boolean isBegun(char begin, char end) {
        expect(begin);
        if (++depth > MAX_DEPTH) {
            throw malformed("values lie in each other more than " + MAX_DEPTH + " deep");
        }
        skipSpace();
        if (peek() == end) {
            position++;
            return false;
        }
        return true;
    }

    private void object(Map<String, Object> into) {
        for (boolean more = isBegun('{', '}'); more; more = isContinued('}')) {
            skipSpace();
            String name = string();
            if (into.containsKey(name)) {
                throw malformed("a field that is there twice ends");
            }
            into.put(name, null);
            expect(':');
            into.put(name, value());
        }
        depth--;
    }

    private List<Object> array() {
        List<Object> elements = new ArrayList<>();
        for (boolean more = isBegun('[', ']'); more; more = isContinued(']')) {
            elements.add(value());
        }
        depth--;
        return elements;
    }

    private @Nullable Object value() {
        skipSpace();
        switch (peek()) {
            case '{' -> {
                Map<String, Object> fields = new LinkedHashMap<>();
                object(fields);
                return fields;
            }
            case '[' -> {
                return array();
            }
            case '"' -> {
                return string();
            }
            case 't' -> {
                return word("true", true);
            }
            case 'f' -> {
                return word("false", false);
            }
            case 'n' -> {
                return word("null", null);
            }
            default -> {
                return number();
            }
        }
    }

    private @Nullable Object word(String word, @Nullable Object meaning) {
        if (!text.startsWith(word, position)) {
            throw malformed("no value");
        }
        position += word.length();
        return meaning;
    }

    private JsonNumber number() {
        int begin = position;
        if (peek() == '-') {
            position++;
        }
        if (peek() == '0') {
            position++;
        } else {
            digits();
        }
        if (peek() == '.') {
            position++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            position++;
            if (peek() == '+' || peek() == '-') {
                position++;
            }
            digits();
        }
        return new JsonNumber(text.substring(begin, position));
    }

    private void digits() {
        int begin = position;
        while (peek() >= '0' && peek() <= '9') {
            position++;
        }
        if (position == begin) {
            throw malformed("no value");
        }
    }

    private String string() {
        if (peek() != '"') {
            throw malformed("no [\"]");
        }
        position++;
        StringBuilder value = new StringBuilder();
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (c == '"') {
                return value.toString();
            }
            if (c < ' ') {
                position--;
                throw malformed("a control character in a text");
            }
            value.append(c == '\\' ? escaped() : c);
        }
        throw malformed("the end of a text is missing");
    }

    private char escaped() {
        char c = peek();
        position++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unit();
            default -> {
                position--;
                throw malformed("an unknown escape in a text");
            }
        };
    }

    /** One UTF-16 unit, from four hexadecimal digits. */
    private char unit() {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = peek() < 0x80 ? Character.digit(peek(), 16) : -1;
            if (digit < 0) {
                throw malformed("an unknown escape in a text");
            }
            unit = unit << 4 | digit;
            position++;
        }
        return (char) unit;
    }
}
