package io.cloacina.guard.audit;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * One event, one line of ASCII. Everything beyond printable ASCII is escaped, so nothing in a path or a name can break a
 * line, steer a terminal or turn the direction of writing.
 */
final class EventEncoder {

    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT);

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .characterEscapes(new EscapeDelete())
            .build();

    private EventEncoder() {}

    static byte[] encode(AuditEvent event, Instant time, UUID id) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("timestamp", MICROSECONDS.format(time.atOffset(ZoneOffset.UTC)));
            json.writeStringProperty("event_type", event.type());
            json.writeStringProperty("event_id", id.toString());
            write(json, "org_id", event.orgId());
            event.fields().forEach((name, value) -> write(json, name, value));
            json.writeEndObject();
        }
        out.write('\n');
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, String name, Object value) {
        json.writeName(name);
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Boolean bool) {
            json.writeBoolean(bool);
        } else if (value instanceof Integer || value instanceof Long) {
            json.writeNumber(((Number) value).longValue());
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            map.forEach((key, inner) -> write(json, key.toString(), inner));
            json.writeEndObject();
        } else {
            json.writeString(value.toString());
        }
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
