// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.cloacina.guard.cli.Shell.Done;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** Version 2 about more than one file: {@code sign --together}, directories, and packages in packages. */
class SignTogetherTest extends SignStatementFixture {

    @Test
    void together_oneStatementAboutAll_verifiesEachOfThem() throws Exception {
        Path other = jar("packages/other.jar", POM, PROPERTIES, "b", "b");
        Path out = home.resolve("all.sig");

        List<Map<String, Object>> signed = shell.run(
                        "sign", jar, other, "--together", "--out", out, "--key", "release", "--json")
                .with(0)
                .jsons();

        assertEquals(2, signed.size());
        assertEquals(out.toString(), signed.get(0).get("signature_file"));
        assertEquals(2, read(out).statement().subjects().size());
        assertFalse(Files.exists(sig));
        for (Path one : List.of(jar, other)) {
            shell.run("verify", one, "--signature", out, "--source", "detached").with(0);
            shell.run("verify", one, "--source", "database").with(0);
        }
        byte[] first = Files.readAllBytes(out);
        shell.run("sign", jar, other, "--together", "--out", out, "--key", "security", "--add")
                .with(0);
        assertEquals(2, read(out).envelope().signatures().size());
        assertNotEquals(first.length, Files.readAllBytes(out).length);
        for (Path one : List.of(jar, other)) {
            shell.run("verify", one, "--required-signers", "2", "--signature", out, "--source", "detached")
                    .with(0);
            shell.run("verify", one, "--required-signers", "2", "--source", "database")
                    .with(0);
        }
    }

    @Test
    void together_differentNames_asksForTheOptions() throws Exception {
        Path other = jar("packages/other.jar", POM, PROPERTIES.replace("1.2.3", "1.2.4"));
        Path out = home.resolve("all.sig");

        Done done = shell.run("sign", jar, other, "--together", "--out", out, "--key", "release")
                .with(2);

        assertContains("--package-name N and --package-version V for all of them", done.err());
    }

    @Test
    void together_oneCannotBeRead_signsNone() throws Exception {
        Path out = home.resolve("all.sig");

        shell.run("sign", jar, home.resolve("nope.jar"), "--together", "--out", out, "--key", "release")
                .with(3);

        assertFalse(Files.exists(out));
        shell.run("verify", jar).with(1);
    }

    @Test
    void together_moreThanAThousand_isRefused() throws Exception {
        for (int i = 0; i < 1001; i++) {
            shell.file("many/" + i + ".so", "x" + i);
        }
        Path out = home.resolve("all.sig");

        Done done = shell.run(
                        "sign",
                        home.resolve("many"),
                        "--together",
                        "--out",
                        out,
                        "--key",
                        "release",
                        "--package-name",
                        "many",
                        "--package-version",
                        "1",
                        "--no-store")
                .with(1);

        assertContains("sign fewer together", done.err());
        assertFalse(Files.exists(out));
    }

    @Test
    void tree_format2_writesOneSigBesideTheDirectory() throws Exception {
        shell.file("classes/META-INF/maven/org.example/shop/pom.properties", PROPERTIES);
        Path tree = home.resolve("classes");

        shell.run("sign", "--tree", tree, "--format", "2", "--key", "release").with(0);

        assertEquals(
                "org.example:shop",
                read(home.resolve("classes.sig")).statement().name());
        shell.run("verify", "--tree", tree, "--source", "detached").with(0);
        shell.run("verify", "--tree", tree, "--source", "database").with(0);
    }

    @Test
    void nested_format2_signsWhatIsInsideAsPartOfTheArchive() throws Exception {
        byte[] inner = Files.readAllBytes(jar("packages/inner.jar", "a", "a"));
        Path war = home.resolve("packages/shop.war");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(war))) {
            zip.putNextEntry(new ZipEntry(POM));
            zip.write(PROPERTIES.getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("WEB-INF/lib/inner.jar"));
            zip.write(inner);
        }

        shell.run("sign", "--nested", war, "--format", "2", "--key", "release").with(0);

        Map<String, Object> verdict = shell.run("verify", home.resolve("packages/inner.jar"), "--json")
                .with(0)
                .json();
        assertEquals("org.example:shop", verdict.get("package_name"));
    }
}
