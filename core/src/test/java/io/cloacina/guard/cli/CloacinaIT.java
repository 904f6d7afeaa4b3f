// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.DetachedSignature;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packaged program, as a process of its own. */
class CloacinaIT {

    private static final Path JAR = Path.of("target/cloacina.jar").toAbsolutePath();
    private static final Path OWN_JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    @TempDir
    Path home;

    private Path java = OWN_JAVA;

    @BeforeEach
    void makeKek() throws Exception {
        assertTrue(Files.exists(JAR), "the jar is packaged");
        new Shell(home).kekFile("kek");
    }

    private record Done(int status, String out, String err) {
        Done with(int expected) {
            assertEquals(expected, status, () -> "out: " + out + "\nerr: " + err);
            assertFalse((out + err).contains("\tat "), () -> "a stack trace: " + out + err);
            return this;
        }

        Map<String, Object> json() {
            return Shell.json(out.strip());
        }
    }

    private ProcessBuilder process(List<String> options, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("CLOACINA_") || name.startsWith("JAVA_TOOL"));
        builder.environment().put("HOME", home.toString());
        builder.environment().put("CLOACINA_ORG_ID", Shell.ORG.toString());
        return builder;
    }

    private Done cloacina(Object... arguments) throws Exception {
        return finish(process(List.of("-XX:TieredStopAtLevel=1"), arguments));
    }

    private Done finish(ProcessBuilder builder) throws IOException, InterruptedException {
        Path err = Files.createTempFile(home, "err", "");
        Process process = builder.redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Done(process.waitFor(), out, Files.readString(err));
    }

    private String openssl(Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(home.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "OpenSSL is not installed");
            throw e;
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }

    /** A java of each feature release from 17 on, where distributions put them. */
    static Stream<Path> javas() throws IOException {
        Map<String, Path> found = new TreeMap<>();
        found.put(String.valueOf(Runtime.version().feature()), OWN_JAVA);
        Path folder = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(folder)) {
            try (Stream<Path> homes = Files.list(folder)) {
                for (Path jdk : (Iterable<Path>) homes.sorted()::iterator) {
                    Path release = jdk.resolve("release");
                    if (Files.isReadable(release)) {
                        Files.readAllLines(release).stream()
                                .filter(line -> line.startsWith("JAVA_VERSION=\""))
                                .map(line -> line.substring(14).split("[.\"]")[0])
                                .filter(feature -> Integer.parseInt(feature) >= 17)
                                .forEach(feature -> found.putIfAbsent(feature, jdk.resolve("bin/java")));
                    }
                }
            }
        }
        return found.values().stream();
    }

    @ParameterizedTest
    @MethodSource("javas")
    void program_onEveryJava_livesTheLifeOfAKeyWithoutAWordTooMany(Path someJava) throws Exception {
        java = someJava;
        Path jar = Files.writeString(home.resolve("a.jar"), "jar");
        Done created = cloacina("key", "create", "release", "--kek-file", "kek").with(0);
        assertEquals("", created.err());
        Files.writeString(
                home.resolve("release.pem"),
                cloacina("key", "export", "release").with(0).out());
        cloacina("trust", "add", "release.pem", "--name", "release").with(0);
        assertEquals(
                "",
                cloacina("sign", jar, "--key", "release", "--kek-file", "kek")
                        .with(0)
                        .err());
        Done verified = cloacina("verify", jar, "--json").with(0);
        assertEquals("", verified.err());
        assertEquals("release", verified.json().get("signer_name"));

        Files.writeString(jar, "JAR");
        assertEquals(
                "tampered_package",
                cloacina("verify", jar, "--json").with(1).json().get("failure_reason"));
        assertTrue(cloacina("verify", "--no-such-option").with(2).err().contains("--help"));
        cloacina("verify", jar, "--store", "sqlite://" + home.resolve("nope.db"))
                .with(3);
        assertTrue(cloacina("--version")
                .with(0)
                .out()
                .matches("cloacina \\d+\\.\\d+\\.\\d+\\S*, commit ([0-9a-f]{12}|unknown) .*\\R"));
        assertEquals(
                List.of(
                        "key.signing.created",
                        "key.exported",
                        "key.trusted.added",
                        "package.signed",
                        "verification.success",
                        "verification.failure",
                        "verification.failure"),
                new Shell(home).eventTypes());
    }

    @ParameterizedTest
    @MethodSource("javas")
    void verify_offlineOrByStore_loadsNoClassItDoesNotNeed(Path someJava) throws Exception {
        java = someJava;
        Path jar = Files.writeString(home.resolve("a.jar"), "jar");
        cloacina("key", "create", "release", "--kek-file", "kek").with(0);
        cloacina("trust", "add", "--key", "release").with(0);
        cloacina("key", "export", "release", "--out", "release.pem").with(0);
        cloacina("sign", jar, "--key", "release", "--kek-file", "kek").with(0);

        List<String> offline = classesOf("verify", jar, "--public-key", "release.pem");
        assertTrue(offline.contains("io.cloacina.guard.internal.verify.PackageVerifier"));
        assertEquals(List.of(), startingWith(offline, "org.jdbi.", "org.sqlite.", "org.postgresql.", "picocli."));
        assertFalse(offline.contains("java.sql.Connection"));

        List<String> byStore = classesOf("verify", jar);
        assertTrue(byStore.contains("org.sqlite.jdbc4.JDBC4Connection"));
        assertEquals(List.of(), startingWith(byStore, "org.jdbi.v3.core.statement.", "org.postgresql.", "jdk.jfr."));
        assertEquals(List.of(), startingWith(byStore, "java.lang.ProcessBuilder", "java.lang.runtime.ObjectMethods"));
    }

    /** The classes of a verification that succeeds. */
    private List<String> classesOf(Object... arguments) throws Exception {
        Path log = home.resolve("classes.log");
        finish(process(List.of("-Xlog:class+load:file=" + log), arguments)).with(0);
        return Files.readAllLines(log).stream()
                .map(line -> line.substring(line.lastIndexOf("] ") + 2).split(" ")[0])
                .toList();
    }

    private static List<String> startingWith(List<String> classes, String... prefixes) {
        return classes.stream()
                .filter(name -> Stream.of(prefixes).anyMatch(name::startsWith))
                // The exception that may come of other questions is named where this one is asked.
                .filter(name -> !name.startsWith("picocli.CommandLine$") || !name.endsWith("Exception"))
                .toList();
    }

    @Test
    void openssl_readsWhatWeWrite() throws Exception {
        Path jar = Files.writeString(home.resolve("a.jar"), "jar");
        cloacina("key", "create", "release", "--kek-file", "kek").with(0);
        cloacina("key", "export", "release", "--out", "public.pem").with(0);
        cloacina("key", "export", "release", "--private", "--out", "secret.pem", "--kek-file", "kek")
                .with(0);
        cloacina("sign", jar, "--private-key", "secret.pem").with(0);

        DetachedSignature signature =
                DetachedSignature.read(home.resolve("a.jar.sig")).orElseThrow();
        Files.write(
                home.resolve("hash"),
                PackageHash.ofContent(Files.readAllBytes(jar)).bytes());
        Files.write(home.resolve("signature"), signature.signature());

        String said = openssl(
                "pkeyutl",
                "-verify",
                "-pubin",
                "-inkey",
                "public.pem",
                "-rawin",
                "-in",
                "hash",
                "-sigfile",
                "signature");
        assertTrue(said.contains("Verified Successfully"), said);
        assertEquals(Files.readString(home.resolve("public.pem")), openssl("pkey", "-in", "secret.pem", "-pubout"));
    }

    @Test
    void openssl_writesWhatWeRead() throws Exception {
        openssl("genpkey", "-algorithm", "ed25519", "-out", "secret.pem");
        openssl("pkey", "-in", "secret.pem", "-pubout", "-out", "public.pem");
        Path jar = Files.writeString(home.resolve("a.jar"), "jar");
        PackageHash hash = PackageHash.ofContent(Files.readAllBytes(jar));
        Files.write(home.resolve("hash"), hash.bytes());
        openssl("pkeyutl", "-sign", "-inkey", "secret.pem", "-rawin", "-in", "hash", "-out", "signature");

        Map<String, Object> key = cloacina("key", "import", "theirs", "secret.pem", "--kek-file", "kek", "--json")
                .with(0)
                .json();
        Files.write(
                home.resolve("a.jar.sig"),
                new DetachedSignature(
                                hash,
                                new io.cloacina.guard.crypto.Fingerprint((String) key.get("key_fingerprint")),
                                Files.readAllBytes(home.resolve("signature")),
                                Instant.parse("2026-01-28T12:00:00Z"))
                        .encode());

        cloacina("verify", jar, "--public-key", "public.pem").with(0);
        // Ed25519 gives one signature, whoever makes it: ours is equal, and the file stays.
        byte[] before = Files.readAllBytes(home.resolve("a.jar.sig"));
        cloacina("sign", jar, "--key", "theirs", "--kek-file", "kek").with(0);
        assertEquals(new String(before), Files.readString(home.resolve("a.jar.sig")));
    }

    @Test
    void sign_packageOf1GiB_needs64MegabytesOfHeap() throws Exception {
        Path large = home.resolve("large.jar");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            // A hole: it costs no disk.
            file.setLength(1L << 30);
        }
        cloacina("key", "create", "release", "--kek-file", "kek").with(0);
        cloacina("trust", "add", "--key", "release").with(0);

        Done signed = finish(process(List.of("-Xmx64m"), "sign", large, "--key", "release", "--kek-file", "kek"))
                .with(0);
        finish(process(List.of("-Xmx64m"), "verify", large)).with(0);

        // SHA-256 of 1 GiB of zeros.
        assertTrue(
                signed.out().contains("49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14"),
                signed.out());
        assertEquals("", signed.err(), "no progress bar where there is no terminal");
    }

    @Test
    void sign_eightProcessesOnOneSqliteFile_loseNothing() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            processes.add(process(List.of("-XX:TieredStopAtLevel=1"), "key", "create", "k" + i, "--kek-file", "kek")
                    .redirectErrorStream(true)
                    .start());
        }
        finishAll(processes);
        assertEquals(8L, cloacina("store", "status", "--json").with(0).json().get("signing_keys"));

        for (int i = 0; i < 8; i++) {
            Path folder = Files.createDirectory(home.resolve("packages" + i));
            for (int n = 0; n < 12; n++) {
                Files.writeString(folder.resolve(n + ".jar"), "package " + i + " " + n);
            }
            processes.add(
                    process(List.of("-XX:TieredStopAtLevel=1"), "sign", folder, "--key", "k" + i, "--kek-file", "kek")
                            .redirectErrorStream(true)
                            .start());
        }
        finishAll(processes);

        assertEquals(96L, cloacina("store", "status", "--json").with(0).json().get("package_signatures"));
        assertEquals(
                8 + 96,
                Files.readAllLines(home.resolve(".cloacina/audit.jsonl")).stream()
                        .map(Shell::json)
                        .count());
    }

    private static void finishAll(List<Process> processes) throws Exception {
        for (Process process : processes) {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), said);
        }
        processes.clear();
    }

    @Test
    void sign_killedHalfWay_leavesEverySigWholeOrAbsent() throws Exception {
        cloacina("key", "create", "release", "--kek-file", "kek").with(0);
        Path packages = Files.createDirectory(home.resolve("packages"));
        for (int n = 0; n < 500; n++) {
            Files.writeString(packages.resolve(n + ".jar"), "package " + n);
        }

        Process process = process(List.of(), "sign", packages, "--key", "release", "--kek-file", "kek")
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (int n = 0; n < 20; n++) {
                lines.readLine();
            }
            process.destroyForcibly();
        }
        assertEquals(128 + 9, process.waitFor());

        int whole = 0;
        for (int n = 0; n < 500; n++) {
            Path sig = packages.resolve(n + ".jar.sig");
            if (Files.exists(sig)) {
                DetachedSignature.read(sig).orElseThrow();
                whole++;
            }
        }
        assertTrue(whole >= 20, whole + " were signed");
        cloacina("sign", packages, "--key", "release", "--kek-file", "kek").with(0);
        cloacina("store", "status").with(0);
    }

    @Test
    void offlineCommands_loadNoDatabaseAndOnlyTheirOwnCommand() throws Exception {
        Path jar = Files.writeString(home.resolve("a.jar"), "jar");
        cloacina("key", "create", "release", "--kek-file", "kek").with(0);
        cloacina("key", "export", "release", "--out", "public.pem").with(0);
        cloacina("key", "export", "release", "--private", "--out", "secret.pem", "--kek-file", "kek")
                .with(0);
        List<String> logged = List.of("-Xlog:class+load");

        for (Object[] command : new Object[][] {
            {"sign", jar, "--private-key", "secret.pem"}, {"verify", jar, "--public-key", "public.pem"}
        }) {
            String loaded = finish(process(logged, command)).with(0).out();
            assertTrue(loaded.contains("io.cloacina.guard.cli.Cloacina "), "classes are logged");
            for (String other : List.of(" org.jdbi.", " org.sqlite.", " org.postgresql.", ".KeyCommand ")) {
                assertFalse(loaded.contains(other), command[0] + " loads" + other);
            }
        }
    }

    @Test
    void bug_orBadEnvironment_isNeverAStackTrace() throws Exception {
        cloacina().with(2);
        cloacina("key", "create", "x", "--kek-file", home).with(3);
        cloacina("sign", "--json").with(2);
        cloacina("store", "init", "--store", "sqlite:///dev/null/x").with(3);
        cloacina("store", "init", "--store", "sqlite:///proc/x.db").with(3);
        cloacina("store", "init", "--store", "postgres://nobody@127.0.0.1:1/x").with(3);
        cloacina("key", "create", "x", "--kek-file", "kek", "--audit", "file:/dev/full")
                .with(3);
    }
}
