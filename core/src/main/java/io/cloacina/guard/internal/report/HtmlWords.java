// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers, times and names as the page shows them. */
final class HtmlWords {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private HtmlWords() {}

    static long sum(long[] outcomes) {
        long sum = 0;
        for (long one : outcomes) {
            sum += one;
        }
        return sum;
    }

    static String plural(long count, String noun) {
        return number(count) + " " + noun + (count == 1 ? "" : "s");
    }

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String decimal(double number, int places) {
        return String.format(Locale.ROOT, "%." + places + "f", number);
    }

    /** Cut off, not rounded: 100 % is all of them. */
    static String percent(long part, long whole) {
        if (part == whole || part == 0) {
            return part == 0 ? "0 %" : "100 %";
        }
        long thousandths = Math.max(1, part * 1000 / whole);
        return (thousandths % 10 == 0 ? "" + thousandths / 10 : thousandths / 10 + "." + thousandths % 10) + " %";
    }

    static String span(long seconds) {
        if (seconds < 60) {
            return plural(seconds, "second");
        }
        if (seconds < 3600) {
            return plural(seconds / 60, "minute");
        }
        return seconds < 86_400 ? plural(seconds / 3600, "hour") : plural(seconds / 86_400, "day");
    }

    static String time(@Nullable Instant time) {
        return TIME.format(time);
    }

    static String cut(String text) {
        int most = 90;
        return text.length() <= most
                ? text
                : text.substring(0, most / 2) + " … " + text.substring(text.length() - most / 2);
    }
}
