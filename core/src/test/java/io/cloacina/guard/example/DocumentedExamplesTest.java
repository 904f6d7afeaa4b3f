// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
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

    @TempDir
    Path directory;

    @BeforeEach
    void prepareFiles() throws IOException {
        Files.createDirectory(directory.resolve("copies"));
        Files.writeString(Files.createDirectory(directory.resolve("plugins")).resolve("butler.jar"), "the plugin");
        Files.writeString(directory.resolve("kek"), "00112233445566778899aabbccddeeff".repeat(2));
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            Files.write(directory.resolve("ci-key.pem"), Pem.exposePrivateKey(key));
            Files.writeString(directory.resolve("release.pem"), Pem.write(key.publicKey()));
        }
    }

    private static String block(Path document, String language) throws IOException {
        Matcher fence = Pattern.compile("(?ms)^```" + language + "$(.*?)^```$").matcher(Files.readString(document));
        assertTrue(fence.find(), () -> "no block [" + language + "] in " + document);
        return fence.group(1);
    }

    private void run(Path document) throws Exception {
        String source =
                block(PAGE, "java imports") + "public class Example { public static void main(String[] arguments)"
                        + " throws Exception {" + block(document, "java") + "}}";
        Path file = Files.writeString(
                directory.resolve("Example.java"), source.replace("Path.of(\"", "Path.of(\"" + directory + "/"));
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
        run(README);

        assertEquals("the plugin", Files.readString(directory.resolve("copies/butler.jar")));
        assertTrue(Files.exists(directory.resolve("plugins/butler.jar.sig")));
    }

    @Test
    void page_signsAndVerifiesWithAStore() throws Exception {
        run(PAGE);

        assertEquals("the plugin", Files.readString(directory.resolve("copies/verified.jar")));
        assertTrue(Files.exists(directory.resolve("trust.db")));
    }
}
