// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.text.NumberFormat;
import java.text.ParsePosition;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainDigitsTest {

    @ParameterizedTest
    @CsvSource({"17.4,0,17,2", "17.4,3,4,4", "15devel,0,15,2", "000000009,0,9,9", "90603,0,90603,5"})
    void parse_digits_readsThemAsTheJdkDoes(String text, int from, long value, int to) {
        NumberFormat jdk = NumberFormat.getIntegerInstance(Locale.ROOT);
        jdk.setGroupingUsed(false);
        for (NumberFormat format : new NumberFormat[] {new PlainDigits(), jdk}) {
            ParsePosition position = new ParsePosition(from);
            assertEquals(value, format.parse(text, position));
            assertEquals(to, position.getIndex());
            assertEquals(-1, position.getErrorIndex());
        }
    }

    @ParameterizedTest
    @CsvSource({"devel,0", "'',0", "17,2", "1234567890,0", "\u0661\u0667,0"})
    void parse_noDigits_isAnError(String text, int from) {
        ParsePosition position = new ParsePosition(from);

        assertNull(new PlainDigits().parse(text, position));

        assertEquals(from, position.getIndex());
        assertEquals(from, position.getErrorIndex());
    }

    @Test
    void format_anything_isRefused() {
        assertThrows(UnsupportedOperationException.class, () -> new PlainDigits().format(1));
        assertThrows(UnsupportedOperationException.class, () -> new PlainDigits().format(1.5));
    }
}
