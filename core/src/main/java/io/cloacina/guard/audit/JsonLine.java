package io.cloacina.guard.audit;

import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * One JSON object on one line, all of it printable ASCII, with the fields in the order in which they were given. As
 * everything else is escaped, nothing in a path or a name can break a line, steer a terminal or turn the direction of
 * writing.
 *
 * <p>Not safe for use by several threads.
 */
public final class JsonLine {

    private final Map<String, Object> fields = new LinkedHashMap<>();

    /**
     * @param value null, Boolean, an integer Number, an Instant (written as RFC 3339 in UTC with microseconds), bytes
     *     (written as hex), or a map of such values; anything else is written as its text
     */
    public JsonLine with(String field, Object value) {
        fields.put(field, value);
        return this;
    }

    @Override
    public String toString() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Writer.JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            fields.forEach((name, value) -> write(json, name, value));
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, String name, Object value) {
        json.writeName(name);
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Boolean bool) {
            json.writeBoolean(bool);
        } else if (value instanceof Integer || value instanceof Long) {
            json.writeNumber(((Number) value).longValue());
        } else if (value instanceof Instant time) {
            json.writeString(Writer.MICROSECONDS.format(time.atOffset(ZoneOffset.UTC)));
        } else if (value instanceof byte[] bytes) {
            json.writeString(HexFormat.of().formatHex(bytes));
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            map.forEach((key, inner) -> write(json, key.toString(), inner));
            json.writeEndObject();
        } else {
            json.writeString(value.toString());
        }
    }

    /** Made when the first object is written. */
    private static final class Writer {
        static final DateTimeFormatter MICROSECONDS =
                DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT);
        static final JsonFactory JSON = JsonFactory.builder()
                .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .characterEscapes(new EscapeDelete())
                .build();
    }

    /** JSON allows U+007F raw; a terminal may act on it. */
    private static final class EscapeDelete extends CharacterEscapes {
        private static final long serialVersionUID = 1L;

        private final int[] ascii = standardAsciiEscapesForJSON();

        EscapeDelete() {
            ascii[0x7f] = ESCAPE_STANDARD;
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return ascii.clone();
        }

        @Override
        public SerializableString getEscapeSequence(int codePoint) {
            return null;
        }
    }
}
