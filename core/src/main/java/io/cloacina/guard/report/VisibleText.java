package io.cloacina.guard.report;

import java.util.Locale;

/** Text from outside as it may be shown to people: nothing in it steers a terminal or turns the direction of writing. */
public final class VisibleText {

    private VisibleText() {}

    /**
     * The text with everything escaped that could steer a terminal, break a line or turn the direction of writing, and
     * with half characters: {@code U+001B} becomes a backslash, {@code u} and four digits.
     */
    public static String of(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (isShown(c)) {
                shown.appendCodePoint(c);
            } else {
                shown.append(escaped(c));
            }
        }
        return shown.toString();
    }

    static String escaped(int codePoint) {
        return String.format(Locale.ROOT, codePoint > 0xffff ? "\\U%08x" : "\\u%04x", codePoint);
    }

    static boolean isShown(int codePoint) {
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
