// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Loads by something that has a name, with their outcomes. Names beyond a number or a size, both fixed, are counted
 * together, so that memory is bounded whatever the input holds.
 */
public final class Tally {

    private static final int MOST_NAMES = 10_000;
    private static final int MOST_CHARACTERS = 4_000_000;

    private final Map<String, long[]> counts = new HashMap<>();
    private final long[] others = new long[Outcome.values().length];
    private int characters;

    Tally() {}

    /** One name with its loads. */
    public record Row(String name, long[] outcomes) {

        /** Loads of all outcomes. */
        public long loads() {
            long sum = 0;
            for (long one : outcomes) {
                sum += one;
            }
            return sum;
        }

        /** Loads that were or would be refused. */
        public long refusals() {
            return outcomes[Outcome.REFUSED.ordinal()] + outcomes[Outcome.WOULD_BE_REFUSED.ordinal()];
        }
    }

    void add(String name, Outcome outcome) {
        long[] row = counts.get(name);
        if (row == null) {
            if (counts.size() >= MOST_NAMES || characters + name.length() > MOST_CHARACTERS) {
                row = others;
            } else {
                row = new long[others.length];
                counts.put(name, row);
                characters += name.length();
            }
        }
        row[outcome.ordinal()]++;
    }

    /** How many names there are; without those that were counted together. */
    public int size() {
        return counts.size();
    }

    /** Those with most refusals first, then those with most loads; beyond {@code most}, all others as one row. */
    public List<Row> top(int most, String nameOfOthers) {
        List<Row> rows = new ArrayList<>();
        counts.forEach((name, outcomes) -> rows.add(new Row(name, outcomes.clone())));
        rows.sort((a, b) -> {
            int byRefusals = Long.compare(b.refusals(), a.refusals());
            int byLoads = byRefusals == 0 ? Long.compare(b.loads(), a.loads()) : byRefusals;
            return byLoads == 0 ? a.name().compareTo(b.name()) : byLoads;
        });
        int shown = Math.min(most, rows.size());
        long[] rest = others.clone();
        for (Row row : rows.subList(shown, rows.size())) {
            for (int i = 0; i < rest.length; i++) {
                rest[i] += row.outcomes()[i];
            }
        }
        List<Row> top = new ArrayList<>(rows.subList(0, shown));
        Row last = new Row(nameOfOthers, rest);
        if (last.loads() > 0) {
            top.add(last);
        }
        return top;
    }
}
