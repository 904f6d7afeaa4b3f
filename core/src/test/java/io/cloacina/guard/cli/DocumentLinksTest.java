// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every relative link of the documents leads to a file that exists, and to a heading that exists in it. */
class DocumentLinksTest {

    private static final Pattern FENCED = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)|src=\"([^\"]+)\"");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    /** The README, the pages, and those about the project itself. */
    static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(Path.of("../README.md")));
        for (Path directory : List.of(Path.of("docs"), Path.of("../.github"))) {
            try (Stream<Path> files = Files.list(directory)) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
            }
        }
        return documents;
    }

    private static String prose(Path document) throws IOException {
        return FENCED.matcher(Files.readString(document)).replaceAll("");
    }

    /** The fragments of a document's headings, as repository hosts make them. */
    private static Set<String> fragments(Path document) throws IOException {
        Set<String> fragments = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        Matcher heading = HEADING.matcher(prose(document));
        while (heading.find()) {
            String words = heading.group(1).strip().toLowerCase(Locale.ROOT);
            String fragment = words.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
            int before = seen.merge(fragment, 1, Integer::sum) - 1;
            fragments.add(before == 0 ? fragment : fragment + "-" + before);
        }
        return fragments;
    }

    private static String broken(Path document, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty()
                ? document
                : document.toAbsolutePath().getParent().resolve(parts[0]).normalize();
        if (!Files.exists(target)) {
            return document + " links to [" + link + "]: there is no such file";
        }
        if (parts.length == 2 && !fragments(target).contains(parts[1])) {
            return document + " links to [" + link + "]: there is no such heading, but " + fragments(target);
        }
        return null;
    }

    @Test
    void everyRelativeLink_leadsSomewhere() throws Exception {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : documents()) {
            Matcher link = LINK.matcher(prose(document));
            while (link.find()) {
                String target = link.group(1) != null ? link.group(1) : link.group(2);
                if (target.matches("[a-z]+:.*")) {
                    continue;
                }
                links++;
                String error = broken(document, target);
                if (error != null) {
                    broken.add(error);
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links >= 60, "found: " + links);
    }

    @Test
    void everyPage_isOneClickFromTheReadme() throws Exception {
        String readme = prose(Path.of("../README.md"));
        for (Path document : documents()) {
            String path = Path.of("..")
                    .toAbsolutePath()
                    .normalize()
                    .relativize(document.toAbsolutePath().normalize())
                    .toString();
            assertTrue(path.equals("README.md") || readme.contains("](" + path + ")"), path);
        }
    }

    @Test
    void aLinkThatLeadsNowhere_isFound() throws Exception {
        Path readme = Path.of("../README.md");
        assertTrue(broken(readme, "core/docs/missing.md").contains("no such file"));
        assertTrue(broken(readme, "core/docs/limits.md#missing").contains("no such heading"));
        assertEquals(null, broken(readme, "core/docs/limits.md#limits"));
    }
}
