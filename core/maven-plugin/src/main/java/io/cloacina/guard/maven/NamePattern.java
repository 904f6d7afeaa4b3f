// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.maven.plugin.MojoExecutionException;

/** Two words with a colon between them, in each of which {@code *} matches anything; the second may be missing. */
record NamePattern(String text, Pattern first, Pattern second) {

    /**
     * @param parameter as messages name it
     * @param form as messages show what would be right
     * @param missing what the second word is where it is missing
     * @throws MojoExecutionException if one of them has another form
     */
    static List<NamePattern> all(String parameter, List<String> texts, String form, String missing)
            throws MojoExecutionException {
        List<NamePattern> patterns = new ArrayList<>();
        for (String given : texts) {
            String text = given == null ? "" : given.strip();
            String[] words = text.split(":", -1);
            if (words[0].isEmpty() || words.length > 2) {
                throw new MojoExecutionException("<" + parameter + "> has [" + text + "], which is not " + form);
            }
            patterns.add(new NamePattern(text, glob(words[0]), glob(words.length == 2 ? words[1] : missing)));
        }
        return patterns;
    }

    private static Pattern glob(String word) {
        StringBuilder pattern = new StringBuilder();
        for (String part : word.split("\\*", -1)) {
            pattern.append(Pattern.quote(part)).append(".*");
        }
        return Pattern.compile(pattern.substring(0, pattern.length() - 2));
    }

    boolean matches(String firstWord, String secondWord) {
        return first.matcher(firstWord).matches() && second.matcher(secondWord).matches();
    }
}
