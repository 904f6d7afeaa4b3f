// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Times as text: RFC 3339, read with 0 to 9 digits of fraction and any offset if they lie in the
 * years 0 to 9999 in UTC, written in UTC with microseconds.
 *
 * <p>Written out, without the formatters and patterns of the JDK: a time is read and written on the way of the first
 * load of a JVM, and those are a hundred classes.
 */
public final class Rfc3339 {

    private static final String FORM = "dddd-dd-ddTdd:dd:dd";
    private static final int MOST_DIGITS = 9;

    // Near the ends an offset leads out of the years that have four digits, and so could be read but not written.
    private static final Instant EARLIEST = Instant.ofEpochSecond(-62_167_219_200L); // 0000-01-01T00:00:00Z
    private static final Instant LATEST = Instant.ofEpochSecond(253_402_300_799L, 999_999_999); // the end of 9999

    private Rfc3339() {}

    /** @throws IllegalArgumentException if {@code text} is not an RFC 3339 time */
    public static Instant parse(String text) {
        if (text.length() <= FORM.length() || !hasForm(text, 0, FORM)) {
            throw malformed(text, null);
        }
        int at = FORM.length();
        int nanos = 0;
        if (text.charAt(at) == '.') {
            int from = ++at;
            for (; at < text.length() && isDigit(text.charAt(at)); at++) {
                if (at - from == MOST_DIGITS) {
                    throw malformed(text, null);
                }
                nanos = 10 * nanos + text.charAt(at) - '0';
            }
            if (at == from) {
                throw malformed(text, null);
            }
            for (int digits = at - from; digits < MOST_DIGITS; digits++) {
                nanos *= 10;
            }
        }
        Instant time;
        try {
            time = LocalDateTime.of(
                            number(text, 0, 4),
                            number(text, 5, 2),
                            number(text, 8, 2),
                            number(text, 11, 2),
                            number(text, 14, 2),
                            number(text, 17, 2),
                            nanos)
                    .toInstant(offset(text, at));
        } catch (DateTimeException e) {
            throw malformed(text, e);
        }
        if (time.isBefore(EARLIEST) || time.isAfter(LATEST)) {
            throw malformed(text, null);
        }
        return time;
    }

    private static ZoneOffset offset(String text, int at) {
        String rest = text.substring(at);
        if (rest.equals("Z") || rest.equals("z")) {
            return ZoneOffset.UTC;
        }
        boolean ahead = rest.startsWith("+");
        if (rest.length() != "+dd:dd".length() || !hasForm(rest, 1, "dd:dd") || !ahead && !rest.startsWith("-")) {
            throw malformed(text, null);
        }
        int minutes = number(rest, 4, 2);
        if (minutes > 59) {
            throw malformed(text, null);
        }
        int seconds = 3600 * number(rest, 1, 2) + 60 * minutes;
        return ZoneOffset.ofTotalSeconds(ahead ? seconds : -seconds);
    }

    /** Whether {@code form} stands at {@code from}: a {@code d} is any digit, and the T may be lower-case or a space. */
    private static boolean hasForm(String text, int from, String form) {
        for (int i = 0; i < form.length(); i++) {
            char wanted = form.charAt(i);
            char c = text.charAt(from + i);
            boolean fits = wanted == 'd' ? isDigit(c) : c == wanted || wanted == 'T' && (c == 't' || c == ' ');
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int number(String text, int from, int digits) {
        return Integer.parseInt(text, from, from + digits, 10);
    }

    private static IllegalArgumentException malformed(String text, @Nullable Throwable cause) {
        return new IllegalArgumentException("not an RFC 3339 time: [" + text + "]", cause);
    }

    /** {@code 2026-01-28T12:00:00.123456Z}; what is finer than a microsecond is cut off. */
    public static String format(Instant time) {
        return digits(time).append('Z').toString();
    }

    /** {@code 2026-01-28T12:00:00.123456+00:00}; what is finer than a microsecond is cut off. */
    public static String formatWithOffset(Instant time) {
        return digits(time).append("+00:00").toString();
    }

    private static StringBuilder digits(Instant time) {
        LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(32);
        if (utc.getYear() > 9999) {
            text.append('+');
        }
        append(text, utc.getYear(), 4).append('-');
        append(text, utc.getMonthValue(), 2).append('-');
        append(text, utc.getDayOfMonth(), 2).append('T');
        append(text, utc.getHour(), 2).append(':');
        append(text, utc.getMinute(), 2).append(':');
        append(text, utc.getSecond(), 2).append('.');
        return append(text, utc.getNano() / 1000, 6);
    }

    private static StringBuilder append(StringBuilder text, int value, int digits) {
        String plain = Integer.toString(Math.abs(value));
        if (value < 0) {
            text.append('-');
        }
        for (int i = plain.length(); i < digits; i++) {
            text.append('0');
        }
        return text.append(plain);
    }
}
