// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One line of the audit log.
 *
 * @param fields those that hold text, a number or a truth value, as text; null values and nested objects are left out,
 *     but of {@value #TRUNCATED} the names in it stay, with a space before and after each
 */
record Event(Instant time, String type, Map<String, String> fields) {

    /** The field that holds the names of those whose text was cut when the event was written. */
    static final String TRUNCATED = "truncated";

    Event {
        Objects.requireNonNull(time);
        Objects.requireNonNull(type);
    }

    /** Null if it is absent. */
    @Nullable
    String field(String name) {
        return fields.get(name);
    }

    /** Whether there was more of it than the audit log holds. */
    boolean isCut(String name) {
        String cut = fields.get(TRUNCATED);
        return cut != null && cut.contains(" " + name + " ");
    }

    boolean is(String name) {
        return "true".equals(fields.get(name));
    }
}
