package io.cloacina.guard.cli;

import java.util.Locale;

/** Text from outside (names, paths, messages that quote them) as it may be shown on a terminal. */
final class Printable {

    private Printable() {}

    /**
     * The text with everything escaped that could steer a terminal, break a line or turn the direction of writing, and
     * with half characters: {@code U+001B} becomes a backslash, {@code u} and four digits.
     */
    static String of(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (isShown(c)) {
                shown.appendCodePoint(c);
            } else {
                shown.append(String.format(Locale.ROOT, c > 0xffff ? "\\U%08x" : "\\u%04x", c));
            }
        });
        return shown.toString();
    }

    private static boolean isShown(int codePoint) {
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
