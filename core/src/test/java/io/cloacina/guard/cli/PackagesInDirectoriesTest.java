// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code sign} and {@code verify} mean by a directory. */
class PackagesInDirectoriesTest {

    private static final List<String> PACKAGES = List.of(
            "a.jar",
            "b.war",
            "c.ear",
            "d.rar",
            "e.hpi",
            "f.jpi",
            "g.nar",
            "h.kar",
            "i.zip",
            "libj.so",
            "libk.so.1",
            "libl.so.1.2.3",
            "m.dylib",
            "n.dll",
            "o.jnilib",
            "p.cloacina",
            "Q.JAR");
    private static final List<String> OTHERS = List.of(
            "readme.txt", "jar", "a.jar.asc", "x.sos", "lib.so.1a", "lib.so.", "y.jars", "z.class", ".gitignore");

    @RegisterExtension
    final Shell shell = new Shell();

    private Path plugins;

    @BeforeEach
    void makePlugins() throws Exception {
        plugins = shell.home.resolve("plugins");
        for (String name : PACKAGES) {
            shell.file("plugins/deep/" + name, name);
        }
        for (String name : OTHERS) {
            shell.file("plugins/deep/" + name, name);
        }
        shell.createTrustedKey("release");
    }

    private List<String> signed(Object... options) {
        return named("sign", true, options);
    }

    private List<String> named(String verb, boolean withKey, Object... options) {
        List<Object> words = new ArrayList<>(List.of(verb, plugins, "--json"));
        if (withKey) {
            words.addAll(List.of("--key", "release"));
        }
        words.addAll(List.of(options));
        Done done = shell.run(words.toArray());
        return done.jsons().stream()
                .map(one -> plugins.relativize(Path.of((String) one.get("package_path")))
                        .toString())
                .map(name -> name.replace("deep/", ""))
                .sorted()
                .toList();
    }

    @Test
    void directory_meansWhatIsCalledAsPackagesAre() {
        List<String> expected = PACKAGES.stream().sorted().toList();

        assertEquals(expected, signed());
        assertEquals(expected, signed());
        assertEquals(expected, named("verify", false));
        shell.run("verify", plugins).with(0);
    }

    @Test
    void include_takesThePlaceOfTheNames_andExcludeLeavesOut() throws Exception {
        shell.file("plugins/top.jar", "top");
        shell.file("plugins/deep/er/more.plugin", "more");

        assertEquals(List.of("er/more.plugin"), signed("--include", "*.plugin"));
        assertEquals(List.of("readme.txt", "top.jar"), signed("--include", "*.txt", "--include", "t*.jar"));
        assertEquals(List.of("a.jar"), signed("--include", "*.jar", "--exclude", "top*"));
        assertEquals(List.of("top.jar"), signed("--exclude", "deep/**"));
        assertEquals(List.of("a.jar"), named("verify", false, "--include", "deep/*.jar"));
        assertEquals(List.of("top.jar"), signed("--include", "{top,Q}.{jar,JAR}", "--exclude", "deep/[QR].*"));
        Done nothing = shell.run("sign", plugins, "--key", "release", "--include", "*.none")
                .with(1);
        assertTrue(nothing.err().contains("that --include and --exclude leave"), nothing.err());
    }

    @Test
    void signatures_areNeverSigned() throws Exception {
        signed();

        List<String> all = signed("--include", "*");

        assertTrue(all.containsAll(OTHERS), all::toString);
        assertTrue(all.stream().noneMatch(name -> name.endsWith(".sig")), all::toString);
    }

    @Test
    void globs_thatAreNone_orHaveNothingToChooseFrom_areUsageErrors() {
        Path jar = plugins.resolve("deep/a.jar");
        assertTrue(shell.run("sign", plugins, "--key", "release", "--include", "[")
                .with(2)
                .err()
                .contains("--include [[] is no glob"));
        shell.run("verify", plugins, "--exclude", "{a").with(2);
        shell.run("sign", plugins, "--key", "release", "--exclude", "").with(2);
        for (String verb : List.of("sign", "verify")) {
            List<Object> words = new ArrayList<>(List.of(verb, jar, "--include", "*.jar"));
            if (verb.equals("sign")) {
                words.addAll(List.of("--key", "release"));
            }
            Done done = shell.run(words.toArray()).with(2);
            assertTrue(done.err().contains("choose in directories, and none is named"), done.err());
        }
        assertFalse(Files.exists(Path.of(jar + ".sig")));
    }

    @Test
    void dryRun_meansTheSame() {
        assertEquals(List.of("a.jar"), signed("--include", "a.*", "--exclude", "*.asc", "--dry-run"));
    }
}
