// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What an application gets that depends on core: no logging backend, no driver, no parser of command lines. */
class PublishedCoreTest {

    private static final Path MODULE =
            Path.of(System.getProperty("basedir", "")).toAbsolutePath();

    @TempDir
    Path folder;

    private record Said(int status, String out, String err) {}

    private static String jar(String artifact) {
        for (String element : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (Path.of(element).getFileName().toString().matches(artifact + "-\\d.*\\.jar")) {
                return element;
            }
        }
        throw new IllegalStateException("the tests do not have " + artifact);
    }

    private static String child(Element element, String name) {
        NodeList found = element.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent();
    }

    /** The artifacts that come with core to whoever depends on it. */
    private static TreeSet<String> required() throws Exception {
        TreeSet<String> required = new TreeSet<>();
        Element project = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(MODULE.resolve("pom.xml").toFile())
                .getDocumentElement();
        NodeList dependencies = project.getElementsByTagName("dependency");
        for (int i = 0; i < dependencies.getLength(); i++) {
            Element dependency = (Element) dependencies.item(i);
            String scope = child(dependency, "scope");
            if (!child(dependency, "optional").equals("true") && (scope.isEmpty() || scope.equals("runtime"))) {
                required.add(child(dependency, "artifactId"));
            }
        }
        return required;
    }

    private Said run(Class<?> main, List<String> options, String... elements) throws Exception {
        List<String> classPath = new ArrayList<>(List.of(
                MODULE.resolve("target/classes").toString(),
                // Of the tests, only what is run.
                copied(main).toString()));
        classPath.addAll(List.of(elements));
        return run(main, options, classPath);
    }

    private Path copied(Class<?> main) throws Exception {
        String name = main.getName().replace('.', '/') + ".class";
        Path copy = folder.resolve("host").resolve(name);
        Files.createDirectories(copy.getParent());
        Files.copy(
                Path.of(main.getProtectionDomain().getCodeSource().getLocation().toURI())
                        .resolve(name),
                copy);
        return folder.resolve("host");
    }

    private Said run(Class<?> main, List<String> options, List<String> classPath) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(options);
        command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath), main.getName(), folder.toString()));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        int status = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Said(status, Files.readString(out), Files.readString(err));
    }

    @Test
    void dependencies_ofCore_areNoBackendNoDriverAndNoCommandLine() throws Exception {
        assertEquals(new TreeSet<>(List.of("bcprov-jdk18on", "jackson-core", "jdbi3-core", "slf4j-api")), required());
        assertFalse(
                Files.exists(MODULE.resolve("target/classes/META-INF/services/org.slf4j.spi.SLF4JServiceProvider")));
        assertFalse(Files.exists(MODULE.resolve("target/classes/logback.xml")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void logbackOfAnApplication_beforeOrBehindCore_isLeftAlone(boolean before) throws Exception {
        Path file = Files.writeString(
                folder.resolve("host.xml"),
                "<configuration><appender name='HOST' class='ch.qos.logback.core.ConsoleAppender'>"
                        + "<encoder><pattern>LOG %level %logger{0} %msg%n</pattern></encoder></appender>"
                        + "<logger name='org.jdbi' level='TRACE'/>"
                        + "<root level='INFO'><appender-ref ref='HOST'/></root></configuration>");
        List<String> classPath = new ArrayList<>(List.of(
                MODULE.resolve("target/classes").toString(),
                jar("bcprov-jdk18on"),
                jar("jackson-core"),
                jar("jdbi3-core"),
                jar("geantyref"),
                jar("slf4j-api")));
        List<String> logback = List.of(jar("logback-classic"), jar("logback-core"));
        classPath.addAll(before ? 0 : classPath.size(), logback);
        classPath.add(jar("sqlite-jdbc"));
        classPath.add(copied(EmbeddingHost.class).toString());

        Said said = run(EmbeddingHost.class, List.of("-Dlogback.configurationFile=" + file), classPath);

        assertEquals(0, said.status(), said::toString);
        assertTrue(said.out().startsWith("LOG INFO EmbeddingHost before\n"), said::toString);
        assertTrue(said.out().contains("\nLOG TRACE Jdbi "), "JDBI logs as the application says");
        assertTrue(
                said.out()
                        .endsWith("LOG INFO EmbeddingHost after\n"
                                + "LEVEL ROOT INFO\nAPPENDER ROOT HOST\nLEVEL org.jdbi TRACE\nJUL INFO\n"),
                said::toString);
        assertFalse(said.err().contains("SLF4J"), said::toString);
    }

    /** Neither JDBI nor a driver, nor anything that logs. */
    @Test
    void offlineVerification_needsNoMoreThanBouncyCastleAndJackson() throws Exception {
        Said said = run(OfflineHost.class, List.of(), jar("bcprov-jdk18on"), jar("jackson-core"));

        assertEquals(new Said(0, "Verified\n", ""), said);
    }

    @Test
    void sinkOfLogback_withoutLogback_saysWhatIsMissing() throws Exception {
        Said said = run(SinkHost.class, List.of(), jar("jackson-core"));

        assertEquals(0, said.status(), said::toString);
        assertTrue(
                said.out()
                        .startsWith(
                                "[logback:host.xml] needs ch.qos.logback:logback-classic and the module java.xml: "),
                said::toString);
    }
}
