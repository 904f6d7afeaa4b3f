// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.text.Fields;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Cuts texts, and keeps the whole length of each. */
final class CutTexts {
    private final int limit;
    private Fields<Object> lengths = Fields.none();

    /** @param limit in UTF-16 characters */
    CutTexts(int limit) {
        this.limit = limit;
    }

    /** The name and whole length of each text that was cut. */
    Fields<Object> lengths() {
        return lengths;
    }

    Object bounded(String name, Object value) {
        if (value == null
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Instant
                || value instanceof byte[]) {
            return value;
        }
        if (value instanceof Map<?, ?> map) {
            Fields<?> fields = map instanceof Fields<?> same ? same : Fields.of(map);
            Fields<Object> bounded = Fields.none();
            for (int i = 0; i < fields.size(); i++) {
                bounded = bounded.plus(fields.name(i), bounded(name + "." + fields.name(i), fields.value(i)));
            }
            return bounded;
        }
        if (value instanceof List<?> list) {
            List<Object> bounded = new ArrayList<>();
            for (int i = 0; i < list.size(); i++) {
                bounded.add(bounded(name + "." + i, list.get(i)));
            }
            return bounded;
        }
        String text = value.toString();
        if (text.length() > limit) {
            lengths = lengths.plus(name, text.length());
            text = text.substring(0, Character.isHighSurrogate(text.charAt(limit - 1)) ? limit - 1 : limit);
        }
        return text;
    }
}
