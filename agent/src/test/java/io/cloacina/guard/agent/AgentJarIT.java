package io.cloacina.guard.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What users get. */
class AgentJarIT {

    private static JarFile open() throws Exception {
        return new JarFile(Path.of(System.getProperty("basedir", ""))
                .resolve("target/cloacina-guard.jar")
                .toFile());
    }

    @Test
    void jar_outsideItsPrefix_hasOnlyTheEntryClassesAndItsManifest() throws Exception {
        try (JarFile jar = open()) {
            Set<String> outside = jar.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .filter(name -> !name.startsWith(GuardClassLoader.PREFIX))
                    .collect(Collectors.toCollection(TreeSet::new));

            assertTrue(outside.remove("META-INF/MANIFEST.MF"));
            assertEquals(
                    Set.of(
                            "io/cloacina/guard/agent/GuardAgent.class",
                            "io/cloacina/guard/agent/GuardAgent$AllowedCall.class",
                            "io/cloacina/guard/agent/GuardClassLoader.class"),
                    outside);
        }
    }

    @Test
    void jar_hasNoEntryTwice_andOnlyKnownLibraries() throws Exception {
        List<String> known = List.of(
                "io/cloacina/guard/",
                "io/leangen/geantyref/",
                "net/bytebuddy/",
                "org/bouncycastle/",
                "org/jdbi/",
                "org/postgresql/",
                "org/slf4j/",
                "org/sqlite/",
                "picocli/",
                "tools/jackson/core/");
        Set<String> seen = new HashSet<>();
        int classes = 0;
        try (JarFile jar = open()) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                String name = entries.nextElement().getName();
                assertTrue(seen.add(name), () -> name + " is there twice");
                if (name.endsWith(".class") && name.startsWith(GuardClassLoader.PREFIX)) {
                    String inner = name.substring(GuardClassLoader.PREFIX.length());
                    assertTrue(known.stream().anyMatch(inner::startsWith), () -> name + " is of an unknown library");
                    classes++;
                }
            }
        }
        assertTrue(classes > 1000, "the libraries are in");
        assertFalse(seen.contains("guard/META-INF/services/java.sql.Driver"), "DriverManager must not find ours");
    }

    @Test
    void manifest_namesAgentAndCli() throws Exception {
        try (JarFile jar = open()) {
            Attributes attributes = jar.getManifest().getMainAttributes();

            assertEquals("io.cloacina.guard.agent.GuardAgent", attributes.getValue("Premain-Class"));
            assertEquals("io.cloacina.guard.agent.GuardAgent", attributes.getValue("Main-Class"));
            assertEquals("true", attributes.getValue("Can-Retransform-Classes"));
            assertEquals(null, attributes.getValue("Boot-Class-Path"));
            assertEquals(null, attributes.getValue("Agent-Class"), "it cannot be attached late, half-way");
        }
    }
}
