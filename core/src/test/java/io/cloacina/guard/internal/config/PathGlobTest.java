// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathGlobTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/a/b.jar /a/b.jar true",
                "/a/b.jar /a/bxjar false",
                "/a/b.jar /a/B.jar false",
                "/a/b.jar /a/b.jar/c false",
                "/a/*.jar /a/b.jar true",
                "/a/*.jar /a/.jar true",
                "/a/*.jar /a/b/c.jar false",
                "/a/** /a/b/c.jar true",
                "/a/** /a false",
                "/a/**/c /a/b/b/c true",
                "/a/**/c /a/c false",
                "/a**c /ac true",
                "**/c /x/y/c true",
                "** / true",
                "* / false",
                "/a/? /a/b true",
                "/a/? /a/bb false",
                "/a?b /a/b false",
                "/a/? /a/😀 true",
                "/[ab] /b true",
                "/[ab] /c false",
                "/[a-c]x /bx true",
                "/[a-c]x /dx false",
                "/[!a-c]x /dx true",
                "/[!a-c]x /ax false",
                "/a[!b]c /a/c false",
                "/[-a] /- true",
                "/[a-] /- true",
                "/[!-a] /- false",
                "/[^a] /^ true",
                "/[^a] /b false",
                "/[\\*] /\\ true",
                "/{a,bc,}x /bcx true",
                "/{a,bc,}x /x true",
                "/{a,bc}x /abcx false",
                "/{a*,b**}/c /b/d/c true",
                "/{a*,b**}/c /ad/d/c false",
                "/{a} /a true",
                "/a,b} /a,b} true",
                "/\\* /* true",
                "/\\* /x false",
                "/\\{a /{a true",
                "/a.(b)+$ /a.(b)+$ true",
            })
    @EnabledOnOs(OS.LINUX)
    void matches_table_asTheJdk(String glob, String path, boolean expected) {
        assertEquals(expected, new PathGlob(glob, false).matches(path));
        assertEquals(expected, jdk(glob).matches(Path.of(path)), "the JDK itself");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void matches_madeUpGlobsAndPaths_asTheJdk() {
        Random random = new Random(1);
        int globs = 0;
        int matched = 0;
        for (int i = 0; i < 20_000; i++) {
            String glob = text(random, "/a/b**?[]!-{},\\^c", 12);
            if (glob.contains("-[") || glob.contains("-\\")) {
                // As the end of a range these mean what they mean in the regular expression, which nobody can intend.
                continue;
            }
            PathMatcher jdk;
            try {
                jdk = jdk(glob);
            } catch (PatternSyntaxException e) {
                assertThrows(PatternSyntaxException.class, () -> new PathGlob(glob, false), glob);
                continue;
            }
            globs++;
            PathGlob own = new PathGlob(glob, false);
            for (int j = 0; j < 10; j++) {
                Path path = Path.of("/" + text(random, "//aabbc-^!,}{]\\\n", 7));
                boolean expected = jdk.matches(path);
                matched += expected ? 1 : 0;
                assertEquals(expected, own.matches(path.toString()), "[" + glob + "] of [" + path + "]");
            }
        }
        assertTrue(globs > 1_000 && matched > 500, globs + " globs, " + matched + " matches");
    }

    private static String text(Random random, String letters, int most) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(most); length >= 0; length--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    private static PathMatcher jdk(String glob) {
        return FileSystems.getDefault().getPathMatcher("glob:" + glob);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "C:\\\\A\\\\** c:\\a\\b\\C.dll true",
                "C:/A/* c:\\a\\b.dll true",
                "C:/A/* c:\\a\\b\\c.dll false",
                "C:/[a-c]? C:\\Bé true",
                "C:/[!a-c] C:\\B false",
                "C:/? C:\\\\ false",
            })
    void matches_pathsOfWindows_ignoreCaseAndHaveTheirSeparator(String glob, String path, boolean expected) {
        assertEquals(expected, new PathGlob(glob, true).matches(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a\\",
                "/[",
                "/[]",
                "/[!]",
                "/[a",
                "/[a-",
                "/[b-a]",
                "/[a/b]",
                "/{a",
                "/{a,{b}}",
                "/[a-c-e]",
                "/[^-a]",
                "/[a-[]"
            })
    void glob_malformed_isRefused(String glob) {
        assertThrows(PatternSyntaxException.class, () -> new PathGlob(glob, false));
    }

    @Test
    void matches_manyStarsAndALongPath_takesNoPowerOfItsLength() {
        String path = "/" + "a".repeat(4_000);
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            assertFalse(new PathGlob("**a".repeat(100) + "b", false).matches(path));
            assertFalse(new PathGlob("*a".repeat(100) + "b", false).matches(path));
            assertFalse(new PathGlob("/" + "{a,aa}".repeat(100) + "**{a,a}b", false).matches(path));
            assertTrue(new PathGlob("**a".repeat(100), false).matches(path));
        });
    }

    @Test
    void anyMatches_directory_isTakenByItsName() {
        List<String> globs = List.of("/x/y/**");
        assertTrue(File.separatorChar == '\\' || PathGlob.anyMatches(globs, Path.of("/x/y/z/w.so")));
        assertFalse(PathGlob.anyMatches(globs, Path.of("/x/yz/w.so")));
        assertFalse(PathGlob.anyMatches(globs, Path.of("/x/y/line\nfeed.so")), "as in the middle of a glob");
        assertFalse(PathGlob.anyMatches(List.of(), Path.of("/x")));
    }
}
