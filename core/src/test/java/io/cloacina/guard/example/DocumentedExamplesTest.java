// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.example;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the Java of the documents as it is printed, with the imports that the page names. */
class DocumentedExamplesTest {

    private static final Path README = Path.of("../README.md");
    private static final Path PAGE = Path.of("docs/java.md");
    private static final Path GUIDE = Path.of("docs/from-the-guide-to-java.md");

    /** A heading or a step of the guide, and how many lines the guide has for it. */
    private static final Pattern LINES = Pattern.compile("^(?:##|[0-9]+\\.) .*\\(([0-9]+)\\):?$");

    @TempDir
    Path directory;

    @BeforeEach
    void prepareFiles() throws IOException {
        Files.createDirectory(directory.resolve("copies"));
        Path plugins = Files.createDirectory(directory.resolve("plugins"));
        Files.writeString(plugins.resolve("butler.jar"), "the plugin");
        Files.writeString(plugins.resolve("gardener.jar"), "another plugin");
        Files.writeString(directory.resolve("kek"), "00112233445566778899aabbccddeeff".repeat(2));
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            Files.write(directory.resolve("ci-key.pem"), Pem.exposePrivateKey(key));
            Files.writeString(directory.resolve("release.pem"), Pem.write(key.publicKey()));
        }
    }

    private static List<String> blocks(Path document, String language) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher fence =
                Pattern.compile("(?ms)^ *```" + language + "$(.*?)^ *```$").matcher(Files.readString(document));
        while (fence.find()) {
            blocks.add(fence.group(1));
        }
        assertTrue(!blocks.isEmpty(), () -> "no block [" + language + "] in " + document);
        return blocks;
    }

    private void run(Path imports, List<String> blocks) throws Exception {
        String source = blocks(imports, "java imports").get(0)
                + "public class Example { public static void main(String[] arguments) throws Exception {"
                + String.join("", blocks) + "}}";
        String here = source.replace("Path.of(\"", "Path.of(\"" + directory + "/")
                .replace("\"file:", "\"file:" + directory + "/");
        Path file = Files.writeString(directory.resolve("Example.java"), here);
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        String classPath = System.getProperty("java.class.path");
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, errors, errors, "-proc:none", "-cp", classPath, "-d", "" + directory, "" + file);
        assertEquals(0, status, errors::toString);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
            loader.loadClass("Example").getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        }
    }

    @Test
    void readme_signsAndVerifiesOffline() throws Exception {
        run(PAGE, blocks(README, "java").subList(0, 1));

        assertEquals("the plugin", Files.readString(directory.resolve("copies/butler.jar")));
        assertTrue(Files.exists(directory.resolve("plugins/butler.jar.sig")));
    }

    @Test
    void page_signsAndVerifiesWithAStore() throws Exception {
        run(PAGE, blocks(PAGE, "java").subList(0, 1));

        assertEquals("the plugin", Files.readString(directory.resolve("copies/verified.jar")));
        assertTrue(Files.exists(directory.resolve("trust.db")));
        assertFalse(JsonLines.events("verification.success", Files.readAllLines(directory.resolve("audit.jsonl")))
                .isEmpty());
    }

    @Test
    void guide_runsFromTopToBottom() throws Exception {
        List<String> all = new ArrayList<>(blocks(GUIDE, "java given"));
        all.addAll(blocks(GUIDE, "java"));

        run(GUIDE, all);

        assertTrue(Files.exists(directory.resolve("my-package.so.sig")));
        assertTrue(Files.exists(directory.resolve("plugins/gardener.jar.sig")));
        assertEquals("the plugin", Files.readString(directory.resolve("copies/butler.jar")));
        List<Map<String, Object>> events =
                JsonLines.objects(Files.readAllLines(directory.resolve("audit.jsonl"))).stream()
                        .filter(event -> event.get("event_type").toString().startsWith("verification."))
                        .toList();
        assertEquals(1, events.size());
        assertFields(events.get(0), "failure_reason", "untrusted_signer");
    }

    @Test
    void guide_takesAtMostAsManyLinesAsTheOriginal() throws Exception {
        int most = 0;
        int lines = -1;
        int samples = 0;
        for (String line : Files.readAllLines(GUIDE)) {
            Matcher heading = LINES.matcher(line);
            if (heading.matches()) {
                most = Integer.parseInt(heading.group(1));
            } else if (line.matches("##.*|[0-9]\\..*")) {
                most = 0;
            } else if (line.strip().equals("```java")) {
                lines = 0;
            } else if (line.strip().equals("```") && lines >= 0) {
                assertTrue(most == 0 || lines <= most, "more than " + most + " lines above: " + line);
                samples += most == 0 ? 0 : 1;
                lines = -1;
            } else if (lines >= 0) {
                lines++;
            }
        }
        assertTrue(samples >= 14, "samples: " + samples);
    }
}
