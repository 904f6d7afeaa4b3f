package io.cloacina.guard.cli;

import io.cloacina.guard.report.VisibleText;

/** Text from outside (names, paths, messages that quote them) as it may be shown on a terminal. */
final class Printable {

    private Printable() {}

    /** As {@link VisibleText#of}. */
    static String of(String text) {
        return VisibleText.of(text);
    }
}
