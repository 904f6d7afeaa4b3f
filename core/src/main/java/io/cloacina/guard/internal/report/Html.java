// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.text.Printable;
import java.io.IOException;

/** Writes HTML in which only what this program wrote itself is markup. Not safe for use by several threads. */
final class Html {

    private final Appendable out;

    Html(Appendable out) {
        this.out = out;
    }

    /** Markup, with nothing from outside in it. */
    Html raw(String markup) throws IOException {
        out.append(markup);
        return this;
    }

    /** Text from anywhere, as content of an element: what cannot be seen for what it is, is marked. */
    Html text(String text) throws IOException {
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (Printable.isShown(c)) {
                escaped(c);
            } else {
                out.append("<span class=\"esc\">")
                        .append(Printable.of(Character.toString(c)))
                        .append("</span>");
            }
        }
        return this;
    }

    /** Text from anywhere, as an attribute in double quotes, or as content of an element that holds only text. */
    Html value(String text) throws IOException {
        String visible = Printable.of(text);
        for (int i = 0; i < visible.length(); ) {
            int c = visible.codePointAt(i);
            i += Character.charCount(c);
            escaped(c);
        }
        return this;
    }

    private void escaped(int c) throws IOException {
        switch (c) {
            case '&' -> out.append("&amp;");
            case '<' -> out.append("&lt;");
            case '>' -> out.append("&gt;");
            case '"' -> out.append("&quot;");
            case '\'' -> out.append("&#39;");
            default -> out.append(Character.toString(c));
        }
    }
}
