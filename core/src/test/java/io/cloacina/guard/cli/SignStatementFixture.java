// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.verify.SignedStatement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A package that says how it is called, and two trusted keys. */
abstract class SignStatementFixture {

    static final String POM = "META-INF/maven/org.example/shop/pom.properties";
    static final String PROPERTIES = "groupId=org.example\nartifactId=shop\nversion=1.2.3\n";

    @RegisterExtension
    final Shell shell = new Shell();

    final Path home = shell.home;
    Path jar;
    Path sig;

    @BeforeEach
    void openShellWithTwoTrustedKeys() throws Exception {
        for (String name : List.of("release", "security")) {
            shell.run("key", "create", name).with(0);
            shell.run("trust", "add", "--key", name).with(0);
        }
        jar = jar("packages/shop.jar", POM, PROPERTIES);
        sig = Path.of(jar + ".sig");
    }

    /** @param entries each name is followed by its text */
    Path jar(String path, String... entries) throws IOException {
        Path file = home.resolve(path);
        Files.createDirectories(file.getParent());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < entries.length; i += 2) {
                zip.putNextEntry(new ZipEntry(entries[i]));
                zip.write(entries[i + 1].getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    static SignedStatement read(Path file) throws Exception {
        return SignedStatement.parse(Files.readAllBytes(file));
    }

    Done sign(Object... more) {
        List<Object> words = new ArrayList<>(List.of("sign", jar, "--format", "2", "--key", "release"));
        words.addAll(List.of(more));
        return shell.run(words.toArray());
    }

    static void assertContains(String part, String text) {
        assertTrue(text.contains(part), text);
    }
}
