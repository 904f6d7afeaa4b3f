// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.events;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strict reader of one JSON text (RFC 8259).
 *
 * <p>Objects become {@link Map}, arrays {@link List}, numbers {@link BigDecimal}; nesting ends at 64 levels. A name that
 * occurs twice in an object is an error: which of its values counts would be anyone's guess.
 */
final class Json {

    private static final int MAX_DEPTH = 64;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The value: a map, list, string, number, boolean or null. */
    static Object parse(String text) {
        var json = new Json(text);
        Object value = json.value(0);
        json.skipSpace();
        if (json.at < text.length()) {
            throw json.expected("the end");
        }
        return value;
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw expected("no deeper nesting");
        }
        skipSpace();
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        take('{');
        if (taken('}')) {
            return members;
        }
        do {
            skipSpace();
            String name = string();
            if (members.containsKey(name)) {
                throw expected("a name that is not [" + name + "] again");
            }
            take(':');
            members.put(name, value(depth + 1));
        } while (taken(','));
        take('}');
        return members;
    }

    private List<Object> array(int depth) {
        List<Object> elements = new ArrayList<>();
        take('[');
        if (taken(']')) {
            return elements;
        }
        do {
            elements.add(value(depth + 1));
        } while (taken(','));
        take(']');
        return elements;
    }

    private String string() {
        if (peek() != '"') {
            throw expected("a string");
        }
        at++;
        var characters = new StringBuilder();
        while (peek() != '"') {
            char next = peek();
            if (next < ' ') {
                throw expected(at == text.length() ? "the end of the string" : "no bare control character in a string");
            }
            at++;
            characters.append(next == '\\' ? escaped() : next);
        }
        at++;
        return characters.toString();
    }

    private char escaped() {
        char letter = peek();
        at++;
        return switch (letter) {
            case '"', '\\', '/' -> letter;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> {
                at--;
                throw expected("an escape");
            }
        };
    }

    private char unicode() {
        int unit = 0;
        for (int end = at + 4; at < end; at++) {
            char letter = peek();
            int digit = letter < 128 ? Character.digit(letter, 16) : -1;
            if (digit < 0) {
                throw expected("a hexadecimal digit");
            }
            unit = unit * 16 + digit;
        }
        return (char) unit;
    }

    private BigDecimal number() {
        Matcher number = NUMBER.matcher(text).region(at, text.length());
        if (!number.lookingAt()) {
            throw expected("a value");
        }
        at = number.end();
        return new BigDecimal(number.group());
    }

    private Object word(String word, Object meaning) {
        if (!text.startsWith(word, at)) {
            throw expected(word);
        }
        at += word.length();
        return meaning;
    }

    private void take(char wanted) {
        if (!taken(wanted)) {
            throw expected("'" + wanted + "'");
        }
    }

    private boolean taken(char wanted) {
        skipSpace();
        boolean here = peek() == wanted;
        if (here) {
            at++;
        }
        return here;
    }

    /** The character at hand; NUL, which JSON allows nowhere, at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private JsonException expected(String what) {
        return new JsonException("expected " + what + " at character [" + (at + 1) + "]");
    }
}
