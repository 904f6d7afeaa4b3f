// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.text.Fields;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event, still without time and id. Fields keep the order in which they were given.
 *
 * <p>Immutable; {@link #with} gives a new event.
 */
public final class AuditEvent {

    private final String type;
    private final @Nullable UUID orgId;
    private final @Nullable UUID id;
    private final Fields<Object> fields;

    private AuditEvent(String type, @Nullable UUID orgId, @Nullable UUID id, Fields<Object> fields) {
        this.type = type;
        this.orgId = orgId;
        this.id = id;
        this.fields = fields;
    }

    /**
     * @param type such as {@code package.load.success}
     * @param orgId whose trust or keys it is about, or null
     */
    static AuditEvent of(String type, @Nullable UUID orgId) {
        return new AuditEvent(Objects.requireNonNull(type), orgId, null, Fields.none());
    }

    /**
     * @param value null, a Boolean, a Number that is an integer, or a map of such values; anything else is written as
     *     its text
     */
    AuditEvent with(String field, @Nullable Object value) {
        return new AuditEvent(type, orgId, id, fields.plus(field, value));
    }

    /** This event, recorded as {@code event_id} {@code given}: one that may be recorded twice is seen to be the same. */
    public AuditEvent withId(UUID given) {
        return new AuditEvent(type, orgId, given, fields);
    }

    /**
     * This event, recorded by another process than the one that made the change.
     *
     * @param changedAt when that was
     */
    public AuditEvent recovered(Instant changedAt) {
        return with(FieldNames.RECOVERED, true).with(FieldNames.CHANGED_AT, changedAt);
    }

    /** What {@link #ofText} reads back, without time and id. */
    public String toText() {
        return EventText.of(this);
    }

    /**
     * The event that {@link #toText} wrote, with texts for all that is neither a number nor true or false.
     *
     * @throws IllegalArgumentException if it is none, or one with nested fields
     */
    public static AuditEvent ofText(String text) {
        return EventText.parse(text);
    }

    /** Null for one that gets its id when it is recorded. */
    @Nullable
    UUID id() {
        return id;
    }

    public String type() {
        return type;
    }

    /** May be null. */
    public @Nullable UUID orgId() {
        return orgId;
    }

    /** The fields beyond the common ones, in order. */
    public Map<String, Object> fields() {
        return fields;
    }

    Fields<Object> inOrder() {
        return fields;
    }
}
