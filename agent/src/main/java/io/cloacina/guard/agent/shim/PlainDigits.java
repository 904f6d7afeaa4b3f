// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.shim;

import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import org.jspecify.annotations.Nullable;

/** Reads numbers of at most nine ASCII digits. It knows no locale. */
final class PlainDigits extends NumberFormat {

    private static final long serialVersionUID = 1L;

    private static final int MOST_DIGITS = 9;

    @Override
    public @Nullable Number parse(String text, ParsePosition position) {
        int start = position.getIndex();
        int end = start;
        long value = 0;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            value = value * 10 + (text.charAt(end) - '0');
            end++;
            if (end - start > MOST_DIGITS) {
                position.setErrorIndex(start);
                return null;
            }
        }
        if (end == start) {
            position.setErrorIndex(start);
            return null;
        }
        position.setIndex(end);
        return value;
    }

    @Override
    public StringBuffer format(double number, StringBuffer into, FieldPosition position) {
        throw new UnsupportedOperationException("it only reads");
    }

    @Override
    public StringBuffer format(long number, StringBuffer into, FieldPosition position) {
        throw new UnsupportedOperationException("it only reads");
    }
}
