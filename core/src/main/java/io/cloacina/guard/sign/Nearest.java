// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import java.util.Locale;
import java.util.Optional;

/** The known name that a mistyped one may have meant. */
public final class Nearest {

    private Nearest() {}

    /**
     * @param candidates must not hold secrets: one of them is shown
     * @return the candidate that is nearest to {@code wanted}, case ignored; empty if none is near enough for a slip
     */
    public static Optional<String> to(String wanted, Iterable<String> candidates) {
        String best = null;
        // Two letters that changed places are two edits.
        int least = Math.min(wanted.length(), Math.max(3, wanted.length() / 3));
        for (String candidate : candidates) {
            if (Math.abs(candidate.length() - wanted.length()) < least) {
                int distance = distance(wanted.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
                if (distance < least) {
                    best = candidate;
                    least = distance;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** Levenshtein's edit distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
