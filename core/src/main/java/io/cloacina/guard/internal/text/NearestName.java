// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which of several names was probably meant. */
public final class NearestName {

    private NearestName() {}

    /** The one of {@code names} that takes the fewest changes of a character, whatever the case; null if there are none. */
    public static @Nullable String of(String given, Iterable<String> names) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String name : names) {
            int distance = distance(given.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                best = name;
                bestDistance = distance;
            }
        }
        return best;
    }

    /**
     * The one of {@code names} that a mistyped {@code given} probably meant, whatever the case.
     *
     * @param names must not hold secrets: one of them is shown
     * @return empty if none is near enough for a slip
     */
    public static Optional<String> near(String given, Iterable<String> names) {
        String best = of(given, names);
        if (best == null) {
            return Optional.empty();
        }
        int most = Math.min(given.length(), Math.max(3, given.length() / 3));
        return distance(given.toLowerCase(Locale.ROOT), best.toLowerCase(Locale.ROOT)) < most
                ? Optional.of(best)
                : Optional.empty();
    }

    /** Levenshtein's edit distance, in which two neighbours that have changed places count once. */
    public static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                row[j] = Math.min(last[j - 1] + (same ? 0 : 1), Math.min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
        }
        return row[b.length()];
    }
}
