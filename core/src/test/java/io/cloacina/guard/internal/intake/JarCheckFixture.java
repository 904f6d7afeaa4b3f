// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A JAR, and keys with which the JDK's own jarsigner signs it. */
abstract class JarCheckFixture {

    private static final String PASSWORD = "changeit";

    /** Where the keys are; another test may say where its own are. */
    static Path keys;

    @TempDir
    Path directory;

    Path jar;

    /** An authority, one below it, and signers of both and of none. */
    @BeforeAll
    static void makeKeys(@TempDir Path made) throws Exception {
        useKeysIn(made);
        key("root", "RSA", "2048", "-ext", "bc:c");
        key("middle", "EC", "256", "-ext", "bc:c", "-signer", "root");
        key("leaf", "RSA", "2048", "-ext", "eku=codeSigning", "-ext", "ku=digitalSignature", "-signer", "middle");
        key("own", "EC", "256");
        key("other", "EC", "256");
        for (String one : List.of("root", "middle", "leaf", "own", "other")) {
            export(one);
        }
    }

    static void useKeysIn(Path store) {
        keys = store;
    }

    static void key(String alias, String algorithm, String bits, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "-genkeypair", "-alias", alias, "-dname", "CN=" + alias, "-keyalg", algorithm, "-keysize", bits));
        command.addAll(List.of(more));
        keytool(command.toArray(String[]::new));
    }

    static void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(arguments));
        command.addAll(List.of("-keystore", keys.resolve("keys.p12").toString(), "-storepass", PASSWORD));
        run("keytool", command);
    }

    static Path export(String alias) throws Exception {
        Path pem = keys.resolve(alias + ".pem");
        keytool("-exportcert", "-rfc", "-alias", alias, "-file", pem.toString());
        return pem;
    }

    private static void run(String tool, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.add("-J-XX:TieredStopAtLevel=1");
        command.addAll(arguments);
        Path out = Files.createTempFile(keys, tool, ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), command.toString());
        assertEquals(0, process.exitValue(), () -> command + ": " + read(out));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    static void sign(Path file, String alias, String... more) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("-keystore", keys.resolve("keys.p12").toString(), "-storepass", PASSWORD));
        command.addAll(List.of(more));
        command.addAll(List.of(file.toString(), alias));
        run("jarsigner", command);
    }

    @BeforeEach
    void makeJar() throws Exception {
        jar = directory.resolve("plugin.jar");
        writeJar(jar);
    }

    static void writeJar(Path jar) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put(
                "META-INF/MANIFEST.MF",
                "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        entries.put("com/", new byte[0]);
        entries.put(
                "com/example/A.class",
                "a class of some length, a class of some length".getBytes(StandardCharsets.UTF_8));
        entries.put("META-INF/versions/17/com/example/A.class", "another".getBytes(StandardCharsets.UTF_8));
        entries.put("META-INF/services/x", "com.example.A".getBytes(StandardCharsets.UTF_8));
        write(jar, entries);
    }

    void write(Map<String, byte[]> entries) throws IOException {
        write(jar, entries);
    }

    static void write(Path jar, Map<String, byte[]> entries) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
    }

    Map<String, byte[]> entries() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return entries;
    }

    Evidence check(String certificate) throws Exception {
        return check(certificate, Instant.now());
    }

    Evidence check(String certificate, Instant now) throws Exception {
        return JarCheck.check(
                JarSigner.read(Files.readAllBytes(keys.resolve(certificate + ".pem"))), jar, "plugin.jar", now);
    }

    void assertRefused(Reason reason, String says, String certificate) {
        assertRefused(reason, says, certificate, Instant.now());
    }

    void assertRefused(Reason reason, String says, String certificate, Instant now) {
        IntakeRefusedException refused = assertThrows(IntakeRefusedException.class, () -> check(certificate, now));
        assertEquals(reason, refused.reason(), refused.getMessage());
        assertTrue(refused.getMessage().contains(says), refused.getMessage());
        assertTrue(refused.getMessage().startsWith("[plugin.jar] "), refused.getMessage());
    }
}
