// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name every setting of the agent, and no other. */
class DocumentedSettingsTest {

    private static Set<String> matches(Path document, String pattern) throws IOException {
        Set<String> found = new TreeSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(document));
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    @Test
    void configurationPage_hasARowForEachSetting() throws Exception {
        assertEquals(
                Setting.properties(), matches(Path.of("docs/configuration.md"), "(?m)^\\| `(cloacina\\.[a-z_]+)` \\|"));
    }

    @Test
    void noDocument_namesASettingThatThereIsNot() throws Exception {
        List<Path> documents = new ArrayList<>(List.of(Path.of("../README.md")));
        try (Stream<Path> pages = Files.list(Path.of("docs"))) {
            pages.filter(page -> page.toString().endsWith(".md")).forEach(documents::add);
        }
        for (Path document : documents) {
            // Not the beginning of several names (cloacina.audit…), and no class or host.
            Set<String> unknown = matches(document, "(?<![\\w./])(cloacina\\.[a-z_]++)(?![\\w.(*…])");
            unknown.removeAll(Setting.properties());
            unknown.remove("cloacina.jar");
            assertEquals(Set.of(), unknown, document.toString());
        }
    }
}
