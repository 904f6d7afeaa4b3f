// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import java.lang.module.ModuleDescriptor.Version;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The order of versions, as {@link Version} has it. */
public final class PackageVersion {

    /** Longer numbers {@link Version} does not read right: it counts in 32 bits, and beyond those from the beginning. */
    private static final int MOST_DIGITS = 9;

    private PackageVersion() {}

    /**
     * @return {@code version}
     * @throws IllegalArgumentException if it is none; the message says what would be right, as the end of a sentence
     */
    public static String require(String version) {
        try {
            Version.parse(version);
            return version;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "is no version; one that begins with a digit, such as 1.2.3, is right", e);
        }
    }

    /**
     * Negative if {@code one} is lower than {@code other}, 0 if they are equal, else positive.
     *
     * @throws IllegalArgumentException if either is no version
     */
    public static int compare(String one, String other) {
        if (!hasLongNumber(one) && !hasLongNumber(other)) {
            return Version.parse(one).compareTo(Version.parse(other));
        }
        Pattern number = Pattern.compile("[0-9]+");
        TreeSet<BigInteger> numbers = new TreeSet<>(List.of(BigInteger.ZERO));
        for (Matcher found : List.of(number.matcher(one), number.matcher(other))) {
            while (found.find()) {
                numbers.add(new BigInteger(found.group()));
            }
        }
        List<BigInteger> ranks = new ArrayList<>(numbers);
        return Version.parse(ranked(number.matcher(one), ranks))
                .compareTo(Version.parse(ranked(number.matcher(other), ranks)));
    }

    private static boolean hasLongNumber(String version) {
        int digits = 0;
        for (int i = 0; i < version.length(); i++) {
            char c = version.charAt(i);
            digits = c >= '0' && c <= '9' ? digits + 1 : 0;
            if (digits > MOST_DIGITS) {
                return true;
            }
        }
        return false;
    }

    /** Small numbers in place of large ones, in the same order; zero stays, as it has a meaning of its own. */
    private static String ranked(Matcher numbers, List<BigInteger> ranks) {
        return numbers.replaceAll(
                found -> Integer.toString(Collections.binarySearch(ranks, new BigInteger(found.group()))));
    }
}
