package io.cloacina.guard.trust;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;

/** Times as text: RFC 3339, read with 0 to 9 digits of fraction and any offset, written in UTC with microseconds. */
public final class Rfc3339 {

    private static final Pattern FORM = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");
    private static final DateTimeFormatter MICROSECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS", Locale.ROOT);

    private Rfc3339() {}

    /** @throws IllegalArgumentException if {@code text} is not an RFC 3339 time */
    public static Instant parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("not an RFC 3339 time: [" + text + "]");
        }
        try {
            return OffsetDateTime.parse(text.toUpperCase(Locale.ROOT).replace(' ', 'T'))
                    .toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("not an RFC 3339 time: [" + text + "]", e);
        }
    }

    /** {@code 2026-01-28T12:00:00.123456Z}; what is finer than a microsecond is cut off. */
    public static String format(Instant time) {
        return MICROSECONDS.format(time.atOffset(ZoneOffset.UTC)) + "Z";
    }
}
