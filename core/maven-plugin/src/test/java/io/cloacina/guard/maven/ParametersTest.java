// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.config.GuardConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The parameters, as the plugin's descriptor has them. */
class ParametersTest {

    private static final Path PAGE = Path.of("../docs/signing-in-builds.md");

    /** The properties of all parameters, by goal and name; a parameter without one has an empty text. */
    private static Map<String, String> properties() throws Exception {
        Map<String, String> properties = new TreeMap<>();
        NodeList goals = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(Path.of("target/classes/META-INF/maven/plugin.xml").toFile())
                .getElementsByTagName("mojo");
        for (int i = 0; i < goals.getLength(); i++) {
            Element goal = (Element) goals.item(i);
            String name = goal.getElementsByTagName("goal").item(0).getTextContent();
            NodeList values =
                    ((Element) goal.getElementsByTagName("configuration").item(0)).getElementsByTagName("*");
            Map<String, String> expressions = new TreeMap<>();
            for (int j = 0; j < values.getLength(); j++) {
                expressions.put(
                        values.item(j).getNodeName(),
                        values.item(j).getTextContent().replaceAll("[${}]", ""));
            }
            NodeList parameters = goal.getElementsByTagName("parameter");
            for (int j = 0; j < parameters.getLength(); j++) {
                String parameter = ((Element) parameters.item(j))
                        .getElementsByTagName("name")
                        .item(0)
                        .getTextContent();
                properties.put(name + " " + parameter, expressions.getOrDefault(parameter, ""));
            }
        }
        assertTrue(properties.size() > 20, properties::toString);
        return properties;
    }

    @Test
    void properties_areNoSettingsOfTheAgent_norNearlyOne() throws Exception {
        for (String property : properties().values()) {
            if (!property.isEmpty()) {
                assertTrue(property.startsWith(KnownProperties.PREFIX), property);
                assertDoesNotThrow(() -> GuardConfig.read(Map.of(property, "true"), Map.of()), property);
            }
        }
    }

    @Test
    void page_hasEveryParameter_andItsProperty() throws Exception {
        Map<String, String> documented = new TreeMap<>();
        String goals = "";
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("### ")) {
                goals = line.substring(4);
            }
            Matcher row = Pattern.compile("\\| `(\\w+)` \\| (?:`(cloacina-guard\\.[\\w.]+)`)? ?\\|.*")
                    .matcher(line);
            if (row.matches()) {
                String property = row.group(2) == null ? "" : row.group(2);
                for (String goal :
                        goals.equals("Both goals") ? new String[] {"sign", "verify"} : new String[] {goals}) {
                    documented.put(goal.replace("`", "") + " " + row.group(1), property);
                }
            }
        }

        assertEquals(properties(), documented);
    }
}
