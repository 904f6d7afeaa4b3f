// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Loads over time, in buckets that grow with the time they have to span, so that there are never many. */
public final class Timeline {

    private static final int MOST_BUCKETS = 4096;
    private static final int MOST_BARS = 60;
    private static final long DAY = 86_400;

    /** In seconds; each a multiple of those before it that matter, so that buckets can be put together. */
    private static final long[] WIDTHS = {
        1,
        5,
        15,
        60,
        300,
        900,
        3600,
        10_800,
        21_600,
        43_200,
        DAY,
        7 * DAY,
        28 * DAY,
        364 * DAY,
        3640 * DAY,
        36_400 * DAY
    };

    private NavigableMap<Long, long[]> buckets = new TreeMap<>();
    private int width;

    Timeline() {}

    /**
     * One bar.
     *
     * @param start of its time
     * @param outcomes loads by the ordinal of {@link Outcome}
     */
    public record Bar(Instant start, long[] outcomes) {}

    void add(Instant time, Outcome outcome) {
        long seconds = time.getEpochSecond();
        add(buckets, Math.floorDiv(seconds, WIDTHS[width]), outcome.ordinal(), 1);
        while (buckets.size() > MOST_BUCKETS && width < WIDTHS.length - 1) {
            buckets = merged(WIDTHS[width], WIDTHS[++width]);
        }
    }

    private NavigableMap<Long, long[]> merged(long from, long to) {
        TreeMap<Long, long[]> wider = new TreeMap<>();
        buckets.forEach((bucket, outcomes) -> {
            for (int i = 0; i < outcomes.length; i++) {
                add(wider, Math.floorDiv(bucket * from, to), i, outcomes[i]);
            }
        });
        return wider;
    }

    private static void add(Map<Long, long[]> buckets, long bucket, int outcome, long count) {
        buckets.computeIfAbsent(bucket, absent -> new long[Outcome.values().length])[outcome] += count;
    }

    /** Seconds that a bar spans. */
    public long barSeconds() {
        return WIDTHS[barWidth()];
    }

    private int barWidth() {
        if (buckets.isEmpty()) {
            return width;
        }
        long first = buckets.firstKey() * WIDTHS[width];
        long last = buckets.lastKey() * WIDTHS[width];
        int wide = width;
        while (wide < WIDTHS.length - 1
                && Math.floorDiv(last, WIDTHS[wide]) - Math.floorDiv(first, WIDTHS[wide]) >= MOST_BARS) {
            wide++;
        }
        return wide;
    }

    /** From the first to the last, those in between in which nothing happened too; empty if there was nothing. */
    public List<Bar> bars() {
        List<Bar> bars = new ArrayList<>();
        if (buckets.isEmpty()) {
            return bars;
        }
        long seconds = barSeconds();
        NavigableMap<Long, long[]> wide = merged(WIDTHS[width], seconds);
        for (long bucket = wide.firstKey(); bucket <= wide.lastKey(); bucket++) {
            bars.add(new Bar(
                    Instant.ofEpochSecond(bucket * seconds),
                    wide.getOrDefault(bucket, new long[Outcome.values().length])));
        }
        return bars;
    }
}
