// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.maven.plugin.MojoExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamePatternTest {

    @ParameterizedTest
    @CsvSource({
        "jar, jar, '', true",
        "jar, jar, cli, false",
        "jar:cli, jar, cli, true",
        "jar:cli, jar, '', false",
        "*, so, '', true",
        "*:linux-*, so, linux-x86_64, true",
        "*:linux-*, so, windows, false",
        "j.r, jar, '', false",
        "*:*, so, x, true"
    })
    void pattern_matchesWholeWords_andAStarStandsForAnything(String text, String first, String second, boolean matches)
            throws Exception {
        NamePattern pattern =
                NamePattern.all("includes", List.of(text), "so", "").get(0);

        assertEquals(matches, pattern.matches(first, second));
    }

    @Test
    void secondWord_thatIsMissing_isWhatTheCallerSays() throws Exception {
        NamePattern pattern =
                NamePattern.all("includes", List.of("com.example.*"), "so", "*").get(0);

        assertTrue(pattern.matches("com.example.shop", "butler"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ":cli", "a:b:c"})
    void pattern_ofAnotherForm_isRefused_withTheRightOne(String text) {
        String message = assertThrows(
                        MojoExecutionException.class, () -> NamePattern.all("includes", List.of(text), "EXTENSION", ""))
                .getMessage();

        assertTrue(message.startsWith("<includes> has [") && message.endsWith("which is not EXTENSION"), message);
    }
}
