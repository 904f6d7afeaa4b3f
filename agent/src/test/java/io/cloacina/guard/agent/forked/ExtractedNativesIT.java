// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Libraries that write their native part to a temporary file and load it from there: covered by their own JAR. */
class ExtractedNativesIT {

    private static final String[] JARS = {
        "snappy-java",
        "zstd-jni",
        "jna",
        "lz4-java",
        "sqlite-jdbc",
        "slf4j-api",
        "netty-common",
        "netty-buffer",
        "netty-resolver",
        "netty-transport",
        "netty-transport-native-unix-common",
        "netty-transport-classes-epoll",
        "netty-transport-native-epoll-linux-x86_64",
        "netty-tcnative-classes",
        "netty-tcnative-boringssl-static-linux-x86_64",
        "rocksdbjni"
    };

    private static final String[] NAMES = {"snappy", "zstd", "jna", "lz4", "sqlite", "epoll", "tcnative", "rocksdb"};

    private static final String USER = """
            package sample;
            import io.cloacina.guard.agent.hosts.Outcome;
            public class User implements Runnable {
                public static void main(String[] arguments) {
                    new User().run();
                }
                @Override public void run() {
                    byte[] data = "some text, some text, some text".getBytes();
                    Outcome.print("snappy", () -> org.xerial.snappy.Snappy.compress(data));
                    Outcome.print("zstd", () -> com.github.luben.zstd.Zstd.compress(data));
                    Outcome.print("jna", () -> com.sun.jna.NativeLibrary.getProcess());
                    Outcome.print("lz4", () -> net.jpountz.lz4.LZ4Factory.nativeInstance());
                    Outcome.print("sqlite", () -> java.sql.DriverManager.getConnection("jdbc:sqlite::memory:"));
                    Outcome.print("epoll", () -> {
                        if (!io.netty.channel.epoll.Epoll.isAvailable()) {
                            throw new IllegalStateException(io.netty.channel.epoll.Epoll.unavailabilityCause());
                        }
                        return null;
                    });
                    Outcome.print("tcnative", () -> {
                        io.netty.util.internal.NativeLibraryLoader.load(
                                "netty_tcnative_linux_x86_64",
                                io.netty.internal.tcnative.Library.class.getClassLoader());
                        return io.netty.internal.tcnative.Library.initialize("provided", null);
                    });
                    Outcome.print("rocksdb", () -> {
                        org.rocksdb.RocksDB.loadLibrary();
                        return org.rocksdb.RocksDB.rocksdbVersion();
                    });
                }
            }
            """;

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private Path user;

    @BeforeEach
    void prepare() throws Exception {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "netty's native transport is for Linux on x86-64");
        user = fixture.newDirectory("user");
        Packages.compile(
                user,
                "sample.User",
                USER,
                Stream.concat(libraries(), Stream.of(GuardedJvm.testClasses())).toArray(Path[]::new));
    }

    private static Stream<Path> libraries() {
        return Stream.of(JARS).map(Packages::library);
    }

    /** With places of their own for what is extracted, so that no run finds what another has left. */
    private GuardedJvm enforcing(Jdk jdk) throws Exception {
        Path home = Files.createTempDirectory(fixture.directory(), "home");
        return fixture.enforcing(jdk)
                .option("-Djava.io.tmpdir=" + home)
                .option("-Djna.tmpdir=" + home)
                .option("-Duser.home=" + home);
    }

    private static void assertAllLoaded(Result result) {
        for (String name : NAMES) {
            assertTrue(result.out().contains(name + " LOADED\n"), result.out() + result.err());
        }
    }

    @EachJdk
    void libraries_onTheClassPath_loadTheirNatives(Jdk jdk) throws Exception {
        Result result =
                enforcing(jdk).classPath(user).classPath(libraries().toArray()).run("sample.User");

        assertAllLoaded(result);
        assertEquals(List.of(), result.events("package.load.failure"), result.out());
        assertEquals(
                NAMES.length,
                result.events("package.load.success").stream()
                        .filter(event -> event.mentions("covered_by", "/"))
                        .count(),
                result::toString);
    }

    @EachJdk
    void libraries_inSignedPlugins_loadTheirNatives_andUnsignedOnesDoNotLoad(Jdk jdk) throws Exception {
        Path host = fixture.newDirectory("host");
        Packages.compile(host, "host.Host", """
                package host;
                import java.net.*;
                import java.nio.file.Path;
                public class Host {
                    public static void main(String[] arguments) throws Exception {
                        URL[] urls = new URL[arguments.length];
                        for (int i = 0; i < urls.length; i++) {
                            urls[i] = Path.of(arguments[i]).toUri().toURL();
                        }
                        ClassLoader loader = new URLClassLoader(urls);
                        Thread.currentThread().setContextClassLoader(loader);
                        ((Runnable) Class.forName("sample.User", true, loader).getDeclaredConstructor().newInstance())
                                .run();
                    }
                }
                """);
        packages.sign(user);
        List<Object> arguments = new ArrayList<>();
        arguments.add(user);
        for (String name : JARS) {
            arguments.add(packages.sign(Files.copy(Packages.library(name), fixture.file(name + ".jar"))));
        }
        Result signed = enforcing(jdk).classPath(host).run("host.Host", arguments.toArray());

        assertAllLoaded(signed);
        List<LoggedEvent> covered = signed.events("package.load.success").stream()
                .filter(event -> event.mentions("covered_by", fixture.directory()))
                .toList();
        assertEquals(NAMES.length, covered.size(), signed::toString);
        assertTrue(covered.stream().allMatch(event -> event.has("signature_verified", true)), signed::toString);

        for (String name : JARS) {
            Files.delete(fixture.file(name + ".jar.sig"));
        }
        Result unsigned = enforcing(jdk).classPath(host).run("host.Host", arguments.toArray());
        assertFalse(unsigned.out().contains("LOADED"), unsigned.out());
        assertEquals(JARS.length, unsigned.events("package.load.failure").size(), unsigned::toString);
    }

    private Result runApplication(Jdk jdk, List<Path> jars) throws Exception {
        return enforcing(jdk)
                .set("cloacina.scope", "application")
                .onlyClassPath(jars.toArray())
                .run("sample.User");
    }

    @EachJdk
    void libraries_ofASignedApplication_loadTheirNatives_andOneFlippedBitStopsTheStart(Jdk jdk) throws Exception {
        Path host = fixture.file("user.jar");
        Path outcome = Path.of("io/cloacina/guard/agent/hosts");
        Files.createDirectories(user.resolve(outcome));
        for (String name : new String[] {"Outcome.class", "Outcome$Action.class"}) {
            Path file = outcome.resolve(name);
            if (Files.exists(GuardedJvm.testClasses().resolve(file))) {
                Files.copy(GuardedJvm.testClasses().resolve(file), user.resolve(file));
            }
        }
        List<Path> jars = new ArrayList<>(List.of(packages.sign(Packages.zip(user, host))));
        for (String name : JARS) {
            jars.add(packages.sign(Files.copy(Packages.library(name), fixture.file(name + ".jar"))));
        }
        Result signed = runApplication(jdk, jars);

        assertAllLoaded(signed);
        assertEquals(List.of(), signed.events("package.load.failure"), signed::toString);

        Path changed = fixture.file("rocksdbjni.jar");
        Packages.flipOneBit(changed);
        Result refused = runApplication(jdk, jars);
        assertEquals(78, refused.status(), refused::toString);
        assertEquals("", refused.out());
        assertTrue(refused.err().contains("refused [" + changed + "] (tampered_package)"), refused::toString);
    }

    /** What is not one bit the same is not covered: here the native part is where its library looks for it first. */
    @EachJdk
    void extractedFile_withOneBitFlipped_isRefused(Jdk jdk) throws Exception {
        Path extracted = fixture.newDirectory("extracted").resolve("libsnappyjava.so");
        try (ZipFile zip = new ZipFile(Packages.library("snappy-java").toFile());
                InputStream in =
                        zip.getInputStream(zip.getEntry("org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so"))) {
            Files.copy(in, extracted);
        }
        GuardedJvm jvm = enforcing(jdk)
                .option("-Dorg.xerial.snappy.lib.path=" + extracted.getParent())
                .option("-Dorg.xerial.snappy.lib.name=libsnappyjava.so")
                .classPath(user)
                .classPath(libraries().toArray());

        assertTrue(jvm.run("sample.User").out().contains("snappy LOADED\n"));

        Packages.flipOneBit(extracted);
        Result refused = jvm.run("sample.User");
        assertTrue(refused.out().contains("snappy REFUSED cloacina-guard refused [" + extracted), refused.out());
        assertEquals(1, refused.events("package.load.failure").size(), refused::toString);
        assertTrue(refused.out().contains("zstd LOADED\n"), refused.out());
    }
}
