// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import net.bytebuddy.jar.asm.ClassReader;
import org.junit.jupiter.api.Test;

/** What users get. */
class AgentJarIT {

    private static Path path() {
        return Path.of(System.getProperty("basedir", "")).resolve("target/cloacina-guard.jar");
    }

    private static JarFile open() throws Exception {
        return new JarFile(path().toFile());
    }

    @Test
    void jar_hasOnlyTheEntryClassesItsManifestAndThePack() throws Exception {
        try (JarFile jar = open()) {
            assertEquals(
                    List.of(
                            "META-INF/MANIFEST.MF",
                            "guard.boot",
                            "guard.pack",
                            "io/cloacina/guard/agent/GuardAgent$Stage.class",
                            "io/cloacina/guard/agent/GuardAgent.class"),
                    jar.stream().map(ZipEntry::getName).sorted().toList());
        }
    }

    @Test
    void pack_hasOnlyKnownLibraries_andEveryFileThatItNames() throws Exception {
        List<String> known = List.of(
                "ch/qos/logback/",
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
        GuardPack pack = new GuardPack(path().toFile());
        List<String> names = new String(pack.read("FILES"), StandardCharsets.UTF_8)
                .lines()
                .filter(name -> name.endsWith(".class"))
                .toList();
        for (String name : names) {
            assertTrue(known.stream().anyMatch(name::startsWith), () -> name + " is of an unknown library");
            byte[] bytes = pack.read(name);
            assertEquals(0xcafebabe, ByteBuffer.wrap(bytes).getInt(), name);
            assertEquals(name, new ClassReader(bytes).getClassName() + ".class");
        }
        assertTrue(names.size() > 1000, "the libraries are in");
        assertNull(pack.read("META-INF/services/java.sql.Driver"), "DriverManager must not find ours");
        assertEquals(
                "org.slf4j.nop.NOPServiceProvider",
                new String(pack.read("META-INF/services/org.slf4j.spi.SLF4JServiceProvider"), StandardCharsets.UTF_8)
                        .strip(),
                "Logback is there for a sink, and does not speak for SLF4J");
        assertNull(pack.read("no such file"));
    }

    /** Whatever a file is called: also those that make instrumented classes of the JDK. */
    @Test
    void pack_hasNoClassOfTheJdk() throws Exception {
        GuardPack pack = new GuardPack(path().toFile());
        List<String> names =
                new String(pack.read("FILES"), StandardCharsets.UTF_8).lines().toList();
        int classes = 0;
        int changes = 0;
        for (String name : names) {
            byte[] bytes = pack.read(name);
            if (name.startsWith("prepared/")) {
                changes++;
                assertFalse(new String(bytes, StandardCharsets.ISO_8859_1).contains("\u00ca\u00fe\u00ba\u00be"), name);
            } else if (bytes.length > 4 && ByteBuffer.wrap(bytes).getInt() == 0xcafebabe) {
                classes++;
                String named = new ClassReader(bytes).getClassName();
                for (String prefix : List.of("java/", "javax/", "jdk/", "sun/", "com/sun/")) {
                    assertFalse(named.startsWith(prefix), name + " is " + named);
                }
            }
        }
        assertTrue(classes > 1000, "the libraries are in");
        assertTrue(changes > 0, "there are prepared classes");
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
