// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Where the reader looks: text in columns, in colour on a terminal. */
final class Screen {

    /** The colours, each with what it says. */
    enum Colour {
        HEADING("\033[1m"),
        ASIDE("\033[2m"),
        BAD("\033[1;31m"),
        GOOD("\033[32m"),
        WARNING("\033[33m"),
        NONE("");

        private final String code;

        Colour(String code) {
            this.code = code;
        }
    }

    private static final String PLAIN = "\033[0m";

    private final PrintStream out;
    private final boolean coloured;

    Screen(PrintStream out, boolean coloured) {
        this.out = out;
        this.coloured = coloured;
    }

    /** The text in that colour, and as it is without colours. */
    String in(Colour colour, String text) {
        return coloured && colour != Colour.NONE ? colour.code + text + PLAIN : text;
    }

    void line(String text) {
        out.println(text);
    }

    void blank() {
        out.println();
    }

    void heading(String text) {
        out.println();
        out.println(in(Colour.HEADING, text));
        out.println();
    }

    void note(String text) {
        out.println("  " + text);
    }

    /** What is done, as its reader would write it. */
    void source(String text) {
        note(in(Colour.ASIDE, text));
    }

    /** The text and as many spaces as bring it to the width. */
    static String padded(int width, String text) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    /** The text in lines of at most that many characters, broken at spaces; a longer word stays whole. */
    static List<String> wrapped(int width, String text) {
        List<String> lines = new ArrayList<>();
        String rest = text.strip();
        while (rest.length() > width) {
            int end = rest.lastIndexOf(' ', width);
            if (end < 0) {
                end = rest.indexOf(' ');
            }
            if (end < 0) {
                break;
            }
            lines.add(rest.substring(0, end).stripTrailing());
            rest = rest.substring(end).strip();
        }
        lines.add(rest);
        return lines;
    }
}
