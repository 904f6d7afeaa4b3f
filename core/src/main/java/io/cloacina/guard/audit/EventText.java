// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.text.Fields;
import io.cloacina.guard.internal.text.JsonLine;
import java.util.UUID;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** An event as text that is read back as the same event, with texts for all that is neither a number nor true or false. */
final class EventText {

    private static final String TYPE = "event_type";
    private static final String ORG = "org_id";

    private EventText() {}

    static String of(AuditEvent event) {
        JsonLine line = new JsonLine().with(TYPE, event.type()).with(ORG, event.orgId());
        Fields<Object> fields = event.inOrder();
        for (int i = 0; i < fields.size(); i++) {
            line.with(fields.name(i), fields.value(i));
        }
        return line.toString();
    }

    /** @throws IllegalArgumentException if it is not what {@link #of} writes of an event without nested fields */
    static AuditEvent parse(String text) {
        String type = null;
        UUID org = null;
        Fields<Object> fields = Fields.none();
        try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), text)) {
            require(json.nextToken() == JsonToken.START_OBJECT);
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                Object value = switch (json.nextToken()) {
                    case VALUE_NULL -> null;
                    case VALUE_TRUE -> true;
                    case VALUE_FALSE -> false;
                    case VALUE_NUMBER_INT -> json.getLongValue();
                    case VALUE_STRING -> json.getString();
                    default -> throw new IllegalArgumentException("nested");
                };
                if (name.equals(TYPE)) {
                    type = (String) value;
                } else if (name.equals(ORG)) {
                    org = value == null ? null : UUID.fromString((String) value);
                } else {
                    fields = fields.plus(name, value);
                }
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not an event", e);
        }
        if (type == null) {
            throw new IllegalArgumentException("not an event");
        }
        AuditEvent event = AuditEvent.of(type, org);
        for (int i = 0; i < fields.size(); i++) {
            event = event.with(fields.name(i), fields.value(i));
        }
        return event;
    }

    private static void require(boolean sound) {
        if (!sound) {
            throw new IllegalArgumentException("not an event");
        }
    }
}
