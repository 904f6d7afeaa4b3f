// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import java.nio.charset.StandardCharsets;

/** Text as one word of a POSIX shell, safe to print on a terminal and to paste into one. */
public final class ShellWord {

    private static final String PLAIN = "/._+:@%=,-";

    private ShellWord() {}

    /**
     * As it is where that is safe, else in single quotes; and where something could not be seen for what it is (control
     * characters, what changes the direction of writing, combining marks) in {@code $'…'} with the bytes of its UTF-8 in
     * octal, which bash, zsh, ksh and POSIX of 2024 know.
     */
    public static String of(String text) {
        boolean plain = !text.isEmpty();
        boolean seen = true;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            plain &= isPlain(c);
            seen &= isSeen(c);
        }
        if (plain) {
            return text;
        }
        return seen ? "'" + text.replace("'", "'\\''") + "'" : escaped(text);
    }

    private static boolean isPlain(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || PLAIN.indexOf(c) >= 0;
    }

    // A letter that is written from right to left would show the words around it in another order.
    private static boolean isSeen(int c) {
        return c >= ' ' && c < 0x7f
                || Character.isLetterOrDigit(c)
                        && Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT;
    }

    private static String escaped(String text) {
        StringBuilder word = new StringBuilder("$'");
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '\'' || c == '\\') {
                word.append('\\').appendCodePoint(c);
            } else if (c >= ' ' && c < 0x7f) {
                word.appendCodePoint(c);
            } else {
                // Three octal digits end by themselves; after hexadecimal ones, a following digit would be swallowed.
                for (byte one : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    word.append('\\').append(octal(one & 0xff));
                }
            }
        }
        return word.append('\'').toString();
    }

    private static String octal(int value) {
        return "" + (char) ('0' + (value >> 6)) + (char) ('0' + (value >> 3 & 7)) + (char) ('0' + (value & 7));
    }
}
