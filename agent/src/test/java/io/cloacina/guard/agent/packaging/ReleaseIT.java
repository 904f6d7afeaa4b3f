// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** What {@code mvn -Prelease verify} puts together. */
class ReleaseIT {

    private static final Path BASE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    private static final Path LAUNCHER = BASE.resolve("src/main/release/cloacina");
    private static final Path COMMAND_LINE = BASE.resolveSibling("core").resolve("target/cloacina.jar");

    /** With a blank, as directories have. */
    @TempDir(factory = Blanks.class)
    Path folder;

    static final class Blanks implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            return Files.createTempDirectory("a release");
        }
    }

    private record Said(int status, String text) {}

    private static Said run(Path directory, Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), text);
    }

    private Path key() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        write("public.pem", "PUBLIC KEY", pair.getPublic().getEncoded());
        return write("private.pem", "PRIVATE KEY", pair.getPrivate().getEncoded());
    }

    private Path write(String name, String label, byte[] bytes) throws IOException {
        return Files.writeString(
                folder.resolve(name),
                "-----BEGIN " + label + "-----\n" + Base64.getEncoder().encodeToString(bytes) + "\n-----END " + label
                        + "-----\n");
    }

    private Path release(Path key) throws Exception {
        Path directory = folder.resolve("release");
        Release.make(directory, List.of(GuardedJvm.agentJar(), COMMAND_LINE, LAUNCHER), key);
        return directory;
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void release_isCheckedByItsSums_andByItsSignatures() throws Exception {
        Path directory = release(key());

        assertEquals(
                List.of(
                        "SHA256SUMS",
                        "SHA256SUMS.sig",
                        "cloacina",
                        "cloacina-guard.jar",
                        "cloacina-guard.jar.sig",
                        "cloacina.jar",
                        "cloacina.jar.sig",
                        "cloacina.sig"),
                names(directory));
        Said sums = run(directory, Map.of(), "sha256sum", "--strict", "-c", "SHA256SUMS");
        assertEquals(0, sums.status(), sums::text);
        assertEquals(
                3, sums.text().lines().filter(line -> line.endsWith(": OK")).count(), sums::text);
        for (String file : List.of("SHA256SUMS", "cloacina", "cloacina-guard.jar", "cloacina.jar")) {
            Said verified = run(directory, home(), "./cloacina", "verify", file, "--public-key", "../public.pem");
            assertEquals(0, verified.status(), verified::text);
        }

        Files.writeString(directory.resolve("SHA256SUMS"), "");
        Said changed = run(directory, home(), "./cloacina", "verify", "SHA256SUMS", "--public-key", "../public.pem");
        assertEquals(1, changed.status(), changed::text);
    }

    @Test
    void release_withoutAKey_isNotSigned_andIsMadeAnew() throws Exception {
        Path directory = release(null);
        Files.writeString(directory.resolve("left-from-before.jar"), "old");

        assertEquals(List.of("SHA256SUMS", "cloacina", "cloacina-guard.jar", "cloacina.jar"), names(release(null)));
    }

    @Test
    void release_withAKeyThatIsNone_orAFileThatIsNotThere_isNotMade() throws Exception {
        Path key = Files.writeString(folder.resolve("wrong.pem"), "a secret that is no key");

        String wrong = assertThrows(IOException.class, () -> release(key)).getMessage();
        assertTrue(wrong.contains("cannot be signed with [" + key + "]"), wrong);
        assertFalse(wrong.contains("a secret"), wrong);
        assertEquals(List.of(), names(folder.resolve("release")));

        Path missing = folder.resolve("missing.jar");
        String none = assertThrows(
                        IOException.class,
                        () -> Release.make(folder.resolve("release"), List.of(LAUNCHER, missing), null))
                .getMessage();
        assertTrue(none.contains("missing.jar"), none);
        assertEquals(List.of(), names(folder.resolve("release")));
    }

    private static Map<String, String> home() {
        return Map.of("JAVA_HOME", System.getProperty("java.home"));
    }

    @Test
    void launcher_throughLinks_runsTheJarBesideIt_withItsArguments() throws Exception {
        Path directory = release(null);
        Path elsewhere = Files.createDirectory(folder.resolve("bin"));
        Files.createSymbolicLink(elsewhere.resolve("one"), Path.of("../release/cloacina"));
        Files.createSymbolicLink(elsewhere.resolve("two"), elsewhere.resolve("one"));

        for (String called : List.of("./one", elsewhere.resolve("two").toString())) {
            Said version = run(elsewhere, home(), called, "--version");
            assertEquals(0, version.status(), version::text);
            assertTrue(version.text().contains("cloacina"), version::text);
        }
        Said strange = run(elsewhere, home(), "./two", "verify", "--public-key", "no such; echo $HOME", "any.jar");
        assertTrue(strange.text().contains("no such; echo $HOME"), strange::text);
        assertFalse(strange.status() == 0, strange::text);
        String path = directory
                + File.pathSeparator
                + Path.of(System.getProperty("java.home"), "bin")
                + File.pathSeparator
                + System.getenv("PATH");
        Said byPath = run(elsewhere, Map.of("PATH", path), "sh", "-c", "cloacina --version");
        assertEquals(0, byPath.status(), byPath::text);
    }

    @Test
    void launcher_withoutJavaOrJar_saysWhatToDo() throws Exception {
        Path directory = release(null);
        // What it needs, and no java.
        Path tools = Files.createDirectory(folder.resolve("tools"));
        for (String tool : List.of("sh", "dirname", "readlink")) {
            Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin").resolve(tool));
        }
        Map<String, String> bare = Map.of("PATH", tools.toString());

        Said none = run(directory, bare, "./cloacina", "--version");
        assertEquals(3, none.status(), none::text);
        assertTrue(none.text().contains("no java on the PATH"), none::text);

        Said wrong = run(directory, Map.of("JAVA_HOME", "/no/jdk"), "./cloacina", "--version");
        assertEquals(3, wrong.status(), wrong::text);
        assertTrue(wrong.text().contains("JAVA_HOME is [/no/jdk]"), wrong::text);

        Files.delete(directory.resolve("cloacina.jar"));
        Said alone = run(directory, home(), "./cloacina", "--version");
        assertEquals(3, alone.status(), alone::text);
        assertTrue(alone.text().contains("there is no ["), alone::text);
    }

    /** Whatever the order of the entries that the build put together: the same jar, byte for byte. */
    @Test
    void jar_thatIsPackedAgain_isTheSame() throws Exception {
        List<byte[]> made = new ArrayList<>();
        for (String name : List.of("one.jar", "two.jar")) {
            Path jar = Files.copy(GuardedJvm.agentJar(), folder.resolve(name));
            PackJar.read(jar).replace(jar);
            made.add(Files.readAllBytes(jar));
        }
        assertEquals(-1, Arrays.mismatch(made.get(0), made.get(1)));
        assertEquals(-1, Arrays.mismatch(made.get(0), Files.readAllBytes(GuardedJvm.agentJar())));
    }
}
