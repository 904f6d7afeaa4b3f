// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
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
import org.junit.jupiter.api.extension.RegisterExtension;

/** Packages and addresses that are seldom seen. */
class OddPackagesIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path evilMarker = fixture.file("evil-marker");
    private final List<String> arguments = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();

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
        return packages.sign(packages.jar(name, fixture.file("good-marker"), "good"));
    }

    private Path evil(String name) throws IOException {
        return packages.jar(name, evilMarker, "evil");
    }

    /** As {@code toString} of a URI has it, which leaves letters of other alphabets as they are. */
    @EachJdk
    void urls_withUnusualNames_areDecidedByTheFileTheyName(Jdk jdk) throws Exception {
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
        add("dots-url", "file:" + fixture.directory() + "/./x/.././bad.jar", "FAILED java.lang.ClassNotFoundException");
        add("host-url", "file://some.host" + bad, "FAILED java.lang.ClassNotFoundException");
        add("localhost-url", "file://localhost" + bad, "REFUSED");
        add("slashes-url", "file://" + bad, "REFUSED");
        add("instance", plain.toUri(), "LOADED");
        add("evil-instance", bad.toUri(), "REFUSED");
        add("added", plain.toUri(), "LOADED");
        add("evil-added", bad.toUri(), "REFUSED");

        runAll(fixture.enforcing(jdk));
    }

    /** Whatever they are called and whether they are signed: the JDK reads nothing from them. */
    @EachJdk
    void files_thatAreNoArchives_areNoPackages(Jdk jdk) throws Exception {
        String failed = "FAILED java.lang.ClassNotFoundException";
        for (String name : new String[] {"LICENSE", "text.jar", "empty.jar", "empty.txt", "signed.jar", "cut.jar"}) {
            Path file = fixture.file(name);
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
        add("text-layer", Files.move(fixture.file("text.jar"), fixture.file("text.module.jar")), "FAILED");
        add("last-url", fixture.file("good.jar").toUri(), "LOADED");

        Result none = runAll(fixture.enforcing(jdk).set("cloacina.pin_directory", fixture.file("pins")));
        assertEquals(List.of(), none.events("package.load.failure"), none::toString);
        assertEquals(1, none.events("package.load.success").size(), none::toString);

        // Room was made for it; what it will be is not known.
        Path huge = fixture.file("huge.jar");
        try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(200L << 20);
        }
        add("huge-url", huge.toUri(), "REFUSED");
        add(
                "archive-url",
                Files.move(evil("evil.jar"), fixture.file("evil.txt")).toUri(),
                "REFUSED");
        Path withComment = Files.copy(fixture.file("evil.txt"), fixture.file("comment.txt"));
        try (RandomAccessFile file = new RandomAccessFile(withComment.toFile(), "rw")) {
            // The longest comment that there can be.
            file.seek(file.length() - 2);
            file.write(new byte[] {-1, -1});
            file.setLength(file.length() + 65_535);
        }
        add("comment-url", withComment.toUri(), "REFUSED");

        assertEquals(
                3, runAll(fixture.enforcing(jdk)).events("package.load.failure").size());
    }

    @EachJdk
    void replacedPackage_openedAsDataAgainAndAgain_isRecordedOnce(Jdk jdk) throws Exception {
        Path jar = good("good.jar");
        Files.move(evil("evil.jar"), fixture.file("good.jar.evil"));
        add("scanned", jar, "LOADED");

        assertEquals(
                1, runAll(fixture.enforcing(jdk)).events("package.load.failure").size());
    }

    private Path withManifest(String name, String manifest) throws IOException {
        Path classes = fixture.newDirectory(name + "-only");
        Files.writeString(Files.createDirectories(classes.resolve("META-INF")).resolve("MANIFEST.MF"), manifest);
        return Packages.zip(classes, fixture.file(name));
    }

    @EachJdk
    void classPathAndIndex_ofSignedJar_needSignaturesOfTheirOwn(Jdk jdk) throws Exception {
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
            Path classes = fixture.newDirectory(name + "-index/META-INF");
            Files.writeString(
                    classes.resolve("INDEX.LIST"),
                    "JarIndex-Version: 1.0\n\nindex-" + name + ".jar\nother\n\n" + name + ".jar\nsample\n\n");
            Path jar = Packages.zip(classes.getParent(), fixture.file("index-" + name + ".jar"));
            add(name + "index-url", packages.sign(jar).toUri(), indexOutcome(jdk, name));
        }

        runAll(fixture.enforcing(jdk));
    }

    // Java 21 and later do not read it any more.
    private static String indexOutcome(Jdk jdk, String name) {
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

    @EachJdk
    void multiReleaseJar_givesTheClassForThisJdk(Jdk jdk) throws Exception {
        Path classes = fixture.newDirectory("multi");
        Files.writeString(
                Files.createDirectories(classes.resolve("META-INF")).resolve("MANIFEST.MF"),
                "Manifest-Version: 1.0\nMulti-Release: true\n");
        versioned(classes, "Plugin", "base");
        versioned(Files.createDirectories(classes.resolve("META-INF/versions/17")), "Plugin", "since 17");
        Path jar = Packages.zip(classes, fixture.file("multi.jar"));
        add("unsigned-version", Files.copy(jar, fixture.file("copy.jar")).toUri(), "REFUSED");
        add("version", packages.sign(jar).toUri(), "LOADED");

        assertTrue(runAll(fixture.enforcing(jdk)).out().contains("since 17\n"));
    }

    @EachJdk
    void packages_thatAppearOrChange_areDecidedAnew(Jdk jdk) throws Exception {
        packages.sign(Files.move(good("later.jar"), fixture.file("appears.jar.new")));
        Files.move(fixture.file("appears.jar.new.sig"), fixture.file("appears.jar.sig"));
        add("good-later", fixture.file("appears.jar"), "LOADED");
        Files.move(evil("e.jar"), fixture.file("bad.jar.new"));
        add("evil-later", fixture.file("bad.jar"), "REFUSED");
        packages.sign(Files.move(fixture.file("later.jar-classes"), fixture.file("tree.new")));
        Files.move(fixture.file("tree.new.sig"), fixture.file("tree.sig"));
        add("folder-later", fixture.file("tree"), "LOADED");
        Files.move(fixture.file("e.jar-classes"), fixture.file("badtree.new"));
        add("evilfolder-later", fixture.file("badtree"), "REFUSED");
        for (String way : new String[] {"replaced", "updated"}) {
            for (String version : new String[] {"1", "2"}) {
                Path classes = fixture.newDirectory(way + version);
                versioned(classes, "Plugin", version);
                versioned(classes, "More", version);
                packages.sign(Packages.zip(classes, fixture.file(way + (version.equals("1") ? ".jar" : ".jar.2"))));
            }
            add(way, fixture.file(way + ".jar"), "LOADED");
        }
        Path read = good("read.jar");
        Files.move(evil("x.jar"), fixture.file("read.jar.evil"));
        add("read", read, "LOADED");
        Path provider = packages.classes("provider", fixture.file("good-marker"), "good");
        Files.writeString(
                Files.createDirectories(provider.resolve("META-INF/services")).resolve("java.lang.Runnable"),
                Packages.PLUGIN);
        add(
                "service",
                packages.sign(Packages.zip(provider, fixture.file("provider.jar")))
                        .toUri(),
                "LOADED");

        runAll(fixture.enforcing(jdk));
    }

    @EachJdk
    void file_overHttpThatIsNoArchive_isNoPackage(Jdk jdk) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] answer = "not found, says the proxy".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        Path temporary = fixture.newDirectory("temporary");
        try {
            add(
                    "http-url",
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/good.jar",
                    "FAILED java.lang.ClassNotFoundException");
            Result result = runAll(fixture.enforcing(jdk).option("-Djava.io.tmpdir=" + temporary));
            assertEquals(List.of(), result.events("package.load.failure"), result::toString);
        } finally {
            server.stop(0);
        }
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @EachJdk
    void jar_overHttp_isRefusedWithoutSignatureInTheStore(Jdk jdk) throws Exception {
        byte[] good = Files.readAllBytes(good("good.jar"));
        byte[] signature = Files.readAllBytes(fixture.file("good.jar.sig"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] answer = exchange.getRequestURI().getPath().endsWith(".sig") ? signature : good;
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        Path temporary = fixture.newDirectory("temporary");
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/good.jar";
            add("http-url", url, "REFUSED cloacina-guard refused [" + url + "] (signature_not_found)");
            add("again-url", url, "REFUSED cloacina-guard refused [" + url + "] (signature_not_found)");
            runAll(fixture.enforcing(jdk).option("-Djava.io.tmpdir=" + temporary));
        } finally {
            server.stop(0);
        }
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
