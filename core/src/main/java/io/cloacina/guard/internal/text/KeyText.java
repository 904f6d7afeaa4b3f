// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells text that looks like a key from file names and other words, and shows what a user gave without repeating such
 * text: what once stands in a log or in a chained record cannot be taken back from there.
 *
 * <p>A key is PEM (also without its line feeds), 64 hexadecimal digits or more, and base64 or URL-safe base64 of 32 bytes or
 * more. In base64 that nothing else marks, capitals, small letters and digits take turns as they do not in words. Public keys
 * and hashes look the same as secrets, so they are not repeated either where they are not expected.
 */
public final class KeyText {

    /** What stands in place of text that looks like a key. */
    public static final String HIDDEN = "(not shown: it looks like a key)";

    /** 32 bytes in base64 without padding. */
    private static final int SHORTEST_BASE64 = 43;

    /** Some less, because a key may have been copied without its ends. */
    private static final int SHORTEST = 40;

    private static final int HEX_DIGITS = 64;

    /** In 43 random characters of base64 there are 23 changes between kinds of characters, give or take 3. */
    private static final int FEWEST_CHANGES = 11;

    /** In a long text, where words may happen to look like a key for a while. */
    private static final int FEWEST_CHANGES_WITHIN = 16;

    private static final int UUID_LENGTH = 36;
    private static final int MD5_LENGTH = 32;
    private static final int SHA1_LENGTH = 40;

    private KeyText() {}

    /** Whether {@code text} holds anything that looks like a key. */
    public static boolean isIn(String text) {
        return !shown(text).equals(text);
    }

    /**
     * {@code text} with {@link #HIDDEN} in place of whatever looks like a key. Control characters stay as they are.
     *
     * @param text null is shown as {@code null}
     */
    public static String shown(@Nullable String text) {
        if (text == null || text.length() < SHORTEST && !isMarked(text)) {
            return String.valueOf(text);
        }
        StringBuilder shown = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            int end = endOfKey(text, at);
            if (end > at) {
                shown.append(HIDDEN);
                at = end;
                continue;
            }
            int next = at + 1;
            int wordEnd = endOfWord(text, at);
            while (next < wordEnd && endOfPairs(text, next) == next) {
                next++;
            }
            shown.append(text, at, next);
            at = next;
        }
        return shown.toString();
    }

    private static boolean isMarked(String text) {
        return text.contains("-----BEGIN") || text.toUpperCase(Locale.ROOT).contains("PRIVATE KEY");
    }

    /** Where the key ends that begins at {@code at}; {@code at} if none does. */
    private static int endOfKey(String text, int at) {
        int pem = endOfPem(text, at);
        if (pem > at) {
            return pem;
        }
        int pairs = endOfPairs(text, at);
        if (pairs > at) {
            return pairs;
        }
        if (!isBase64(text.charAt(at)) || at > 0 && isBase64(text.charAt(at - 1))) {
            return at;
        }
        int end = endOfWord(text, at);
        int padded = end;
        while (padded < text.length() && padded < end + 2 && text.charAt(padded) == '=') {
            padded++;
        }
        return looksLikeKey(text.substring(at, end), padded > end) ? padded : at;
    }

    /** PEM, with its frame or what is left of that, to the end of the frame or of the text. */
    private static int endOfPem(String text, int at) {
        boolean framed = text.startsWith("-----BEGIN", at);
        if (!framed && !text.regionMatches(true, at, "PRIVATE KEY", 0, 11)) {
            return at;
        }
        int end = framed ? text.indexOf("-----END", at) : -1;
        if (end < 0) {
            // The body may be anywhere behind it.
            return text.length();
        }
        int close = text.indexOf("-----", end + 8);
        return close < 0 ? text.length() : close + 5;
    }

    /** 32 bytes as pairs of hexadecimal digits with one character between them. */
    private static int endOfPairs(String text, int at) {
        int position = at;
        for (int pair = 0; pair < HEX_DIGITS / 2; pair++) {
            int digits = pair == 0 ? position : position + 1;
            if (digits + 2 > text.length()
                    || !isHex(text.charAt(digits))
                    || !isHex(text.charAt(digits + 1))
                    || pair > 0 && ": -".indexOf(text.charAt(position)) < 0) {
                return at;
            }
            position = digits + 2;
        }
        return position;
    }

    private static int endOfWord(String text, int at) {
        int end = at;
        while (end < text.length() && isBase64(text.charAt(end))) {
            end++;
        }
        return Math.max(end, at + 1);
    }

    private static boolean looksLikeKey(String word, boolean padded) {
        if (hasHex(word)) {
            return true;
        }
        if (word.length() < SHORTEST) {
            return false;
        }
        if (padded && word.length() % 4 != 1 && word.indexOf('-') < 0 && word.indexOf('/') != 0) {
            return true;
        }
        String rest = withoutIds(word);
        if (rest.length() < SHORTEST) {
            return false;
        }
        int changes = changes(rest, 0, rest.length());
        if (changes * SHORTEST_BASE64 >= FEWEST_CHANGES * rest.length()) {
            return true;
        }
        for (int from = 0; from + SHORTEST_BASE64 <= rest.length(); from++) {
            if (changes(rest, from, from + SHORTEST_BASE64) >= FEWEST_CHANGES_WITHIN) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasHex(String word) {
        int digits = 0;
        for (int i = 0; i < word.length(); i++) {
            digits = isHex(word.charAt(i)) ? digits + 1 : 0;
            if (digits == HEX_DIGITS) {
                return true;
            }
        }
        return false;
    }

    /** Without UUIDs, MD5 and SHA-1: names of directories often hold one, and it has as many changes as a key. */
    private static String withoutIds(String word) {
        StringBuilder rest = new StringBuilder();
        int at = 0;
        while (at < word.length()) {
            int length = isUuid(word, at) ? UUID_LENGTH : hashLength(word, at);
            if (length > 0) {
                rest.append('-');
                at += length;
            } else {
                rest.append(word.charAt(at++));
            }
        }
        return rest.toString();
    }

    /** The length of the MD5 or SHA-1 that stands at {@code at} by itself; 0 if none does. */
    private static int hashLength(String word, int at) {
        if (at > 0 && kind(word.charAt(at - 1)) != 0) {
            return 0;
        }
        int end = at;
        while (end < word.length() && isHex(word.charAt(end))) {
            end++;
        }
        boolean alone = end == word.length() || kind(word.charAt(end)) == 0;
        return alone && (end - at == MD5_LENGTH || end - at == SHA1_LENGTH) ? end - at : 0;
    }

    private static boolean isUuid(String word, int at) {
        if (at + UUID_LENGTH > word.length()) {
            return false;
        }
        for (int i = 0; i < UUID_LENGTH; i++) {
            char c = word.charAt(at + i);
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            if (dash ? c != '-' : !isHex(c)) {
                return false;
            }
        }
        return true;
    }

    /** How often one of capitals, small letters and digits is followed by another. */
    private static int changes(String word, int from, int to) {
        int changes = 0;
        for (int i = from + 1; i < to; i++) {
            int before = kind(word.charAt(i - 1));
            int kind = kind(word.charAt(i));
            changes += before != 0 && kind != 0 && before != kind ? 1 : 0;
        }
        return changes;
    }

    private static int kind(char c) {
        return c >= 'a' && c <= 'z' ? 1 : c >= 'A' && c <= 'Z' ? 2 : c >= '0' && c <= '9' ? 3 : 0;
    }

    private static boolean isBase64(char c) {
        return kind(c) != 0 || c == '+' || c == '/' || c == '-' || c == '_';
    }

    private static boolean isHex(char c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }
}
