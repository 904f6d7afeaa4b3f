// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.OddHost;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Packages and addresses that are seldom seen. */
class OddPackagesIT {

    @TempDir
    Path folder;

    private Packages packages;
    private Path evilMarker;
    private final List<String> arguments = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();

    @BeforeEach
    void prepare() {
        packages = new Packages(folder);
        evilMarker = folder.resolve("evil-marker");
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private GuardedJvm enforcing(Jdks.Jdk jdk) throws Exception {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    private void add(String way, Object value, String outcome) {
        arguments.add(way + "=" + value);
        expected.add(way + " " + outcome);
    }

    private Result runAll(GuardedJvm jvm) throws Exception {
        Result result = jvm.run(OddHost.class, arguments.toArray());
        assertEquals(0, result.status(), result.out() + result.err());
        for (String line : expected) {
            assertTrue(("\n" + result.out()).contains("\n" + line), () -> line + "\n" + result.out() + result.err());
        }
        assertFalse(Files.exists(evilMarker), () -> "evil code ran: " + result.out());
        return result;
    }

    private Path good(String name) throws IOException {
        return packages.sign(packages.jar(name, folder.resolve("good-marker"), "good"));
    }

    private Path evil(String name) throws IOException {
        return packages.jar(name, evilMarker, "evil");
    }

    /** As {@code toString} of a URI has it, which leaves letters of other alphabets as they are. */
    @ParameterizedTest
    @MethodSource("jdks")
    void urls_withUnusualNames_areDecidedByTheFileTheyName(Jdks.Jdk jdk) throws Exception {
        int number = 0;
        for (String name : new String[] {"a b", "100%", "c++", "x#y", "a!b", "q?r", "50%20", "semi;colon", "a&b=c"}) {
            number++;
            add(number + "good-url", good("good " + name + ".jar").toUri(), "LOADED");
            add(number + "evil-url", evil("evil " + name + ".jar").toUri(), "REFUSED");
            add(
                    number + "folder-url",
                    evil("f " + name).resolveSibling("f " + name + "-classes").toUri(),
                    "REFUSED");
        }
        Path plain = good("plain.jar");
        Path bad = evil("bad.jar");
        add("jar-url", "jar:" + plain.toUri() + "!/", "LOADED");
        add("badjar-url", "jar:" + bad.toUri() + "!/", "REFUSED");
        add("query-url", bad.toUri() + "?query", "FAILED java.lang.ClassNotFoundException");
        add("fragment-url", bad.toUri() + "#fragment", "REFUSED");
        add("dots-url", "file:" + folder + "/./x/.././bad.jar", "FAILED java.lang.ClassNotFoundException");
        add("host-url", "file://some.host" + bad, "FAILED java.lang.ClassNotFoundException");
        add("localhost-url", "file://localhost" + bad, "REFUSED");
        add("slashes-url", "file://" + bad, "REFUSED");
        add("instance", plain.toUri(), "LOADED");
        add("evil-instance", bad.toUri(), "REFUSED");
        add("added", plain.toUri(), "LOADED");
        add("evil-added", bad.toUri(), "REFUSED");

        runAll(enforcing(jdk));
    }

    /** Whatever they are called and whether they are signed: the JDK reads nothing from them. */
    @ParameterizedTest
    @MethodSource("jdks")
    void files_thatAreNoArchives_areNoPackages(Jdks.Jdk jdk) throws Exception {
        String failed = "FAILED java.lang.ClassNotFoundException";
        for (String name : new String[] {"LICENSE", "text.jar", "empty.jar", "empty.txt", "signed.jar", "cut.jar"}) {
            Path file = folder.resolve(name);
            switch (name) {
                case "empty.jar", "empty.txt" -> Files.createFile(file);
                case "cut.jar" -> {
                    byte[] whole = Files.readAllBytes(evil("whole.jar"));
                    Files.write(file, Arrays.copyOf(whole, whole.length - 22));
                }
                default -> Files.writeString(file, "no archive");
            }
            if (name.startsWith("signed")) {
                packages.sign(file);
            }
            add(name + "-url", file.toUri(), failed);
            add(name + "-instance", "jar:" + file.toUri() + "!/", failed);
        }
        add("signature-url", Path.of(good("good.jar") + ".sig").toUri(), failed);
        add("text-layer", Files.move(folder.resolve("text.jar"), folder.resolve("text.module.jar")), "FAILED");
        add("last-url", folder.resolve("good.jar").toUri(), "LOADED");

        Result none = runAll(enforcing(jdk).set("cloacina.pin_directory", folder.resolve("pins")));
        assertEquals(List.of(), none.events("package.load.failure"), none::toString);
        assertEquals(1, none.events("package.load.success").size(), none::toString);

        // Room was made for it; what it will be is not known.
        Path huge = folder.resolve("huge.jar");
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(200L << 20);
        }
        add("huge-url", huge.toUri(), "REFUSED");
        add(
                "archive-url",
                Files.move(evil("evil.jar"), folder.resolve("evil.txt")).toUri(),
                "REFUSED");
        Path withComment = Files.copy(folder.resolve("evil.txt"), folder.resolve("comment.txt"));
        try (RandomAccessFile file = new RandomAccessFile(withComment.toFile(), "rw")) {
            // The longest comment that there can be.
            file.seek(file.length() - 2);
            file.write(new byte[] {-1, -1});
            file.setLength(file.length() + 65_535);
        }
        add("comment-url", withComment.toUri(), "REFUSED");

        assertEquals(3, runAll(enforcing(jdk)).events("package.load.failure").size());
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void replacedPackage_openedAsDataAgainAndAgain_isRecordedOnce(Jdks.Jdk jdk) throws Exception {
        Path jar = good("good.jar");
        Files.move(evil("evil.jar"), folder.resolve("good.jar.evil"));
        add("scanned", jar, "LOADED");

        assertEquals(1, runAll(enforcing(jdk)).events("package.load.failure").size());
    }

    private Path withManifest(String name, String manifest) throws IOException {
        Path classes = Files.createDirectories(folder.resolve(name + "-only"));
        Files.writeString(Files.createDirectories(classes.resolve("META-INF")).resolve("MANIFEST.MF"), manifest);
        return Packages.zip(classes, folder.resolve(name));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void classPathAndIndex_ofSignedJar_needSignaturesOfTheirOwn(Jdks.Jdk jdk) throws Exception {
        Path evil = evil("evil.jar");
        Path good = good("good.jar");
        packages.sign(good.resolveSibling("good.jar-classes"));
        add(
                "evil-url",
                packages.sign(withManifest("1.jar", "Manifest-Version: 1.0\nClass-Path: evil.jar\n"))
                        .toUri(),
                "REFUSED cloacina-guard refused [" + evil + "]");
        add(
                "evilfolder-url",
                packages.sign(withManifest("2.jar", "Manifest-Version: 1.0\nClass-Path: evil.jar-classes/\n"))
                        .toUri(),
                "REFUSED cloacina-guard refused [" + evil + "-classes");
        add(
                "folder-url",
                packages.sign(withManifest("3.jar", "Manifest-Version: 1.0\nClass-Path: good.jar-classes/\n"))
                        .toUri(),
                "LOADED");
        for (String name : new String[] {"evil", "good"}) {
            Path classes = Files.createDirectories(folder.resolve(name + "-index/META-INF"));
            Files.writeString(
                    classes.resolve("INDEX.LIST"),
                    "JarIndex-Version: 1.0\n\nindex-" + name + ".jar\nother\n\n" + name + ".jar\nsample\n\n");
            Path jar = Packages.zip(classes.getParent(), folder.resolve("index-" + name + ".jar"));
            add(name + "index-url", packages.sign(jar).toUri(), indexOutcome(jdk, name));
        }

        runAll(enforcing(jdk));
    }

    // Java 21 and later do not read it any more.
    private static String indexOutcome(Jdks.Jdk jdk, String name) {
        if (jdk.feature() > 17) {
            return "FAILED java.lang.ClassNotFoundException";
        }
        return name.equals("good") ? "LOADED" : "REFUSED";
    }

    private void versioned(Path classes, String className, String version) {
        Packages.compile(
                classes,
                "sample." + className,
                "package sample; public class " + className + " { public static String version() { return \"" + version
                        + "\"; } }");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void multiReleaseJar_givesTheClassForThisJdk(Jdks.Jdk jdk) throws Exception {
        Path classes = Files.createDirectories(folder.resolve("multi"));
        Files.writeString(
                Files.createDirectories(classes.resolve("META-INF")).resolve("MANIFEST.MF"),
                "Manifest-Version: 1.0\nMulti-Release: true\n");
        versioned(classes, "Plugin", "base");
        versioned(Files.createDirectories(classes.resolve("META-INF/versions/17")), "Plugin", "since 17");
        Path jar = Packages.zip(classes, folder.resolve("multi.jar"));
        add("unsigned-version", Files.copy(jar, folder.resolve("copy.jar")).toUri(), "REFUSED");
        add("version", packages.sign(jar).toUri(), "LOADED");

        assertTrue(runAll(enforcing(jdk)).out().contains("since 17\n"));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void packages_thatAppearOrChange_areDecidedAnew(Jdks.Jdk jdk) throws Exception {
        packages.sign(Files.move(good("later.jar"), folder.resolve("appears.jar.new")));
        Files.move(folder.resolve("appears.jar.new.sig"), folder.resolve("appears.jar.sig"));
        add("good-later", folder.resolve("appears.jar"), "LOADED");
        Files.move(evil("e.jar"), folder.resolve("bad.jar.new"));
        add("evil-later", folder.resolve("bad.jar"), "REFUSED");
        packages.sign(Files.move(folder.resolve("later.jar-classes"), folder.resolve("tree.new")));
        Files.move(folder.resolve("tree.new.sig"), folder.resolve("tree.sig"));
        add("folder-later", folder.resolve("tree"), "LOADED");
        Files.move(folder.resolve("e.jar-classes"), folder.resolve("badtree.new"));
        add("evilfolder-later", folder.resolve("badtree"), "REFUSED");
        for (String way : new String[] {"replaced", "updated"}) {
            for (String version : new String[] {"1", "2"}) {
                Path classes = Files.createDirectories(folder.resolve(way + version));
                versioned(classes, "Plugin", version);
                versioned(classes, "More", version);
                packages.sign(Packages.zip(classes, folder.resolve(way + (version.equals("1") ? ".jar" : ".jar.2"))));
            }
            add(way, folder.resolve(way + ".jar"), "LOADED");
        }
        Path read = good("read.jar");
        Files.move(evil("x.jar"), folder.resolve("read.jar.evil"));
        add("read", read, "LOADED");
        Path provider = packages.classes("provider", folder.resolve("good-marker"), "good");
        Files.writeString(
                Files.createDirectories(provider.resolve("META-INF/services")).resolve("java.lang.Runnable"),
                Packages.PLUGIN);
        add(
                "service",
                packages.sign(Packages.zip(provider, folder.resolve("provider.jar")))
                        .toUri(),
                "LOADED");

        runAll(enforcing(jdk));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void file_overHttpThatIsNoArchive_isNoPackage(Jdks.Jdk jdk) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] answer = "not found, says the proxy".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        Path temporary = Files.createDirectories(folder.resolve("temporary"));
        try {
            add(
                    "http-url",
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/good.jar",
                    "FAILED java.lang.ClassNotFoundException");
            Result result = runAll(enforcing(jdk).option("-Djava.io.tmpdir=" + temporary));
            assertEquals(List.of(), result.events("package.load.failure"), result::toString);
        } finally {
            server.stop(0);
        }
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void jar_overHttp_isRefusedWithoutSignatureInTheStore(Jdks.Jdk jdk) throws Exception {
        byte[] good = Files.readAllBytes(good("good.jar"));
        byte[] signature = Files.readAllBytes(folder.resolve("good.jar.sig"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] answer = exchange.getRequestURI().getPath().endsWith(".sig") ? signature : good;
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        Path temporary = Files.createDirectories(folder.resolve("temporary"));
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/good.jar";
            add("http-url", url, "REFUSED cloacina-guard refused [" + url + "] (signature_not_found)");
            add("again-url", url, "REFUSED cloacina-guard refused [" + url + "] (signature_not_found)");
            runAll(enforcing(jdk).option("-Djava.io.tmpdir=" + temporary));
        } finally {
            server.stop(0);
        }
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
