// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/** A glob, and in the next line a path: the glob matches it where the JDK's does. */
public final class PathGlobFuzz {

    /** The JDK's time grows with the power of the stars. */
    private static final int MOST_STARS = 4;

    private static final int LONGEST = 200;

    private PathGlobFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int end = text.indexOf('\n');
        String glob = end < 0 ? text : text.substring(0, end);
        Path path;
        try {
            path = Path.of(end < 0 ? "/srv/plugins/any.jar" : text.substring(end + 1));
        } catch (InvalidPathException e) {
            return;
        }
        boolean matches;
        try {
            PathGlob.require(glob);
            matches = PathGlob.anyMatches(List.of(glob), path);
        } catch (PatternSyntaxException e) {
            return;
        }
        assertEquals(matches, new PathGlob(glob, File.separatorChar == '\\').matches(path.toString()));
        // The JDK takes a character 0 for the end of the glob; no path has one.
        boolean comparable = glob.indexOf('\0') < 0
                && glob.chars().filter(c -> c == '*').count() <= MOST_STARS
                && bytes.length <= LONGEST;
        if (comparable) {
            PathMatcher jdk = FileSystems.getDefault().getPathMatcher("glob:" + glob);
            assertEquals(jdk.matches(path), matches);
        }
    }
}
