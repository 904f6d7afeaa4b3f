// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object on one line (RFC 8259), all of it printable ASCII, with the fields in the order in which they were
 * given. As everything else is escaped, nothing in a path or a name can break a line, steer a terminal or turn the
 * direction of writing. A half of a surrogate pair, which no encoding of Unicode has, becomes U+FFFD.
 *
 * <p>Written by hand: the first object of a JSON library costs a JVM's start more than all the rest of the guard does.
 * Reading is the library's.
 *
 * <p>Not safe for use by several threads.
 */
public final class JsonLine {

    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private Fields<Object> fields = Fields.none();

    /**
     * @param value null, Boolean, an Integer or Long, an Instant (written as RFC 3339 in UTC with microseconds), bytes
     *     (written as hex), or a map of such values; anything else is written as its text
     */
    public JsonLine with(String field, @Nullable Object value) {
        fields = fields.plus(field, value);
        return this;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(512);
        writeFields(text, fields);
        return text.toString();
    }

    private static void writeFields(StringBuilder text, Fields<?> fields) {
        text.append('{');
        for (int i = 0; i < fields.size(); i++) {
            if (i > 0) {
                text.append(',');
            }
            writeString(text, fields.name(i));
            text.append(':');
            writeValue(text, fields.value(i));
        }
        text.append('}');
    }

    private static void writeValue(StringBuilder text, Object value) {
        if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
            text.append(value);
        } else if (value instanceof Instant time) {
            text.append('"');
            writeTime(text, time);
            text.append('"');
        } else if (value instanceof byte[] bytes) {
            text.append('"').append(HexFormat.of().formatHex(bytes)).append('"');
        } else if (value instanceof Fields<?> fields) {
            writeFields(text, fields);
        } else if (value instanceof Map<?, ?> map) {
            writeFields(text, Fields.of(map));
        } else if (value instanceof List<?> list) {
            text.append('[');
            for (int i = 0; i < list.size(); i++) {
                text.append(i == 0 ? "" : ",");
                writeValue(text, list.get(i));
            }
            text.append(']');
        } else {
            writeString(text, value.toString());
        }
    }

    /** {@code uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'}; the pattern itself would load some fifty classes. */
    private static void writeTime(StringBuilder text, Instant instant) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
        digits(text, time.getYear(), 4).append('-');
        digits(text, time.getMonthValue(), 2).append('-');
        digits(text, time.getDayOfMonth(), 2).append('T');
        digits(text, time.getHour(), 2).append(':');
        digits(text, time.getMinute(), 2).append(':');
        digits(text, time.getSecond(), 2).append('.');
        digits(text, time.getNano() / 1000, 6).append('Z');
    }

    private static StringBuilder digits(StringBuilder text, int number, int count) {
        String digits = Integer.toString(number);
        for (int i = digits.length(); i < count; i++) {
            text.append('0');
        }
        return text.append(digits);
    }

    private static void writeString(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c >= ' ' && c < 0x7f) {
                text.append(c);
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < value.length()
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                escape(text, c);
                escape(text, value.charAt(++i));
            } else {
                escape(text, Character.isSurrogate(c) ? '\ufffd' : c);
            }
        }
        text.append('"');
    }

    private static void escape(StringBuilder text, char c) {
        switch (c) {
            case '\b' -> text.append("\\b");
            case '\f' -> text.append("\\f");
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\t' -> text.append("\\t");
            default ->
                text.append("\\u")
                        .append(HEX[c >> 12])
                        .append(HEX[c >> 8 & 0xf])
                        .append(HEX[c >> 4 & 0xf])
                        .append(HEX[c & 0xf]);
        }
    }
}
