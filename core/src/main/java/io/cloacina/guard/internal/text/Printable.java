// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

/** Text from outside (names, paths, messages that quote them) as it may be shown to people. */
public final class Printable {

    private static final String HEX_DIGITS = "0123456789abcdef";

    private Printable() {}

    /**
     * The text with everything escaped that could steer a terminal, break a line or turn the direction of writing, and
     * with half characters: {@code U+001B} becomes a backslash, {@code u} and four digits.
     */
    public static String of(String text) {
        StringBuilder shown = null;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int next = i + Character.charCount(c);
            if (!isShown(c)) {
                shown = shown == null ? new StringBuilder(text.length() + 16).append(text, 0, i) : shown;
                boolean large = c > 0xffff;
                shown.append(large ? "\\U" : "\\u");
                for (int shift = large ? 28 : 12; shift >= 0; shift -= 4) {
                    shown.append(HEX_DIGITS.charAt(c >> shift & 0xf));
                }
            } else if (shown != null) {
                shown.appendCodePoint(c);
            }
            i = next;
        }
        return shown == null ? text : shown.toString();
    }

    /** Whether {@link #of} leaves it as it is. */
    public static boolean isShown(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
