// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameGlobTest {

    @ParameterizedTest
    @CsvSource({
        "org.example:shop,org.example:shop,true",
        "org.example:shop,org.example:shops,false",
        "org.example:*,org.example:shop,true",
        "org.example:*,org.example:,true",
        "org.example:*,org.examples:shop,false",
        "*,anything at all,true",
        "*:shop,org.example:shop,true",
        "*:shop,org.example:shop:shop,true",
        "*:shop,org.example:shop:x,false",
        "a*b*c,a-b-b-c,true",
        "a*b*c,acb,false",
        "a?c,a\uD83D\uDE00c,true",
        "a?c,ac,false",
        "[a],a,false",
        "a.c,abc,false"
    })
    void matches_wholeNames(String glob, String name, boolean expected) {
        assertEquals(expected, NameGlob.matches(glob, name));
    }

    @Test
    void matches_manyStars_takesNoLongTime() {
        assertFalse(NameGlob.matches("*a".repeat(100) + "b", "a".repeat(255)));
    }

    @Test
    void limit_withoutGlobs_allowsNothing() {
        assertFalse(KeyLimit.ofLines("\n \n", null).allows("a"));
        assertFalse(KeyLimit.ofLines("", null).allows(null));
        assertTrue(KeyLimit.ofLines(null, null).allows(null));
        assertTrue(new KeyLimit(List.of("b", "a"), null).allows("a"));
        assertFalse(new KeyLimit(List.of("*"), null).allows(null));
    }
}
