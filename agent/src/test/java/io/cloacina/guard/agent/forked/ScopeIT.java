// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.NativeHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code cloacina.scope=application}, class archives of the command line, and {@code cloacina.strict}. */
class ScopeIT {

    private static final String MAIN = "sample.Main";

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");
    private Path application;
    private Path library;

    @BeforeEach
    void prepare() throws Exception {
        Path classes = fixture.newDirectory("main-classes");
        Packages.compile(classes, MAIN, """
                package sample;
                public class Main {
                    public static void main(String[] arguments) throws Exception {
                        System.out.println("MAIN");
                        Class.forName("sample.Plugin");
                    }
                }
                """);
        application = Packages.zip(classes, fixture.file("application.jar"));
        library = packages.jar("library.jar", marker, "good");
    }

    private Result run(Jdk jdk, Path... classPath) throws Exception {
        return fixture.enforcing(jdk)
                .set("cloacina.scope", "application")
                .onlyClassPath((Object[]) classPath)
                .run(MAIN);
    }

    @EachJdk
    void application_allSigned_runs_oneUnsigned_stopsBeforeMain(Jdk jdk) throws Exception {
        packages.sign(application);
        Result stopped = run(jdk, application, library);
        assertEquals(78, stopped.status(), stopped::toString);
        assertEquals("", stopped.out());
        assertTrue(stopped.err().contains("library.jar"), stopped::toString);
        assertEquals(1, stopped.events("package.load.failure").size(), stopped::toString);
        assertFalse(Files.exists(marker));

        packages.sign(library);
        Result runs = run(jdk, application, library);
        assertEquals("MAIN\n", runs.out(), runs::toString);
        assertEquals("good", Files.readString(marker));
        assertEquals(2, runs.events("package.load.success").size(), runs::toString);
    }

    @EachJdk
    void classPath_withAnEmptyElement_hasTheCurrentDirectory_unsignedStopsBeforeMain(Jdk jdk) throws Exception {
        Path there = Files.createDirectory(fixture.directory().resolve("sample"));
        Files.copy(fixture.file("library.jar-classes").resolve("sample/Plugin.class"), there.resolve("Plugin.class"));

        packages.sign(application);
        Result stopped = run(jdk, application, Path.of(""));

        assertEquals(78, stopped.status(), stopped::toString);
        assertEquals("", stopped.out());
        assertFalse(Files.exists(marker));
    }

    @EachJdk
    void application_whoseDirectoryIsUnsigned_stopsBeforeMain_signed_runs(Jdk jdk) throws Exception {
        Path classes = fixture.file("library.jar-classes");
        packages.sign(application);
        Result stopped = run(jdk, application, classes);
        assertEquals(78, stopped.status(), stopped::toString);

        packages.sign(classes);
        Result runs = run(jdk, application, classes);
        assertEquals("MAIN\n", runs.out(), runs::toString);
        assertEquals("good", Files.readString(marker));
    }

    @EachJdk
    void application_withUnsignedJarInItsManifest_doesNotLoadThat(Jdk jdk) throws Exception {
        Path classes = fixture.file("main-classes");
        Files.createDirectories(classes.resolve("META-INF"));
        Files.writeString(classes.resolve("META-INF/MANIFEST.MF"), "Manifest-Version: 1.0\nClass-Path: library.jar\n");
        packages.sign(Packages.zip(classes, application));

        Result result = run(jdk, application);

        assertTrue(result.out().startsWith("MAIN\n"), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        result.events("package.load.failure").get(0).assertHas("package_path", library);
    }

    @EachJdk
    void classArchive_unsigned_stopsTheJvm(Jdk jdk) throws Exception {
        Path archive = Files.write(fixture.file("classes.jsa"), new byte[100]);
        GuardedJvm jvm = fixture.enforcing(jdk).option("-Xshare:auto").option("-XX:SharedArchiveFile=" + archive);

        Result stopped = jvm.run(UrlHost.class, Packages.PLUGIN);
        assertEquals(78, stopped.status(), stopped::toString);
        assertTrue(stopped.err().contains("classes.jsa"), stopped::toString);

        packages.sign(archive);
        assertEquals(0, jvm.run(UrlHost.class, Packages.PLUGIN).status());
    }

    @EachJdk
    void flagsFile_isReadLikeTheCommandLine(Jdk jdk) throws Exception {
        Path archive = Files.write(fixture.file("classes.jsa"), new byte[100]);
        Path flags = Files.writeString(fixture.file("flags"), "SharedArchiveFile=" + archive + "\n");

        Result stopped = fixture.enforcing(jdk)
                .option("-Xshare:auto")
                .option("-XX:Flags=" + flags)
                .run(UrlHost.class, Packages.PLUGIN);

        assertEquals(78, stopped.status(), stopped::toString);
        assertTrue(stopped.err().contains("classes.jsa"), stopped::toString);

        Files.writeString(flags, jdk.feature() >= 21 ? "-EnableDynamicAgentLoading\n" : "+DisableAttachMechanism\n");
        Result strict = fixture.jvm(jdk)
                .set("cloacina.strict", true)
                .option("-XX:Flags=" + flags)
                .run(UrlHost.class, Packages.PLUGIN);
        assertEquals(0, strict.status(), strict::toString);
    }

    @EachJdk
    void strict_withAnOpenWay_stopsTheJvm_andNamesTheFlag(Jdk jdk) throws Exception {
        String flag = jdk.feature() >= 21 ? "-XX:-EnableDynamicAgentLoading" : "-XX:+DisableAttachMechanism";
        GuardedJvm jvm = fixture.jvm(jdk).set("cloacina.strict", true);

        Result stopped = jvm.run(UrlHost.class, Packages.PLUGIN);
        assertEquals(78, stopped.status(), stopped::toString);
        assertTrue(stopped.err().contains(flag), stopped::toString);

        assertEquals(0, jvm.option(flag).run(UrlHost.class, Packages.PLUGIN).status());
    }

    @EachJdk
    void systemLibrary_ofTheConfiguredList_loadsAndIsRecorded(Jdk jdk) throws Exception {
        Path file = Files.write(fixture.file("libnothing.so"), new byte[] {1});
        Result result = fixture.enforcing(jdk)
                .set("cloacina.system_libraries", fixture.file("*.so"))
                .run(NativeHost.class, file);

        assertTrue(result.out().startsWith("REFUSED without cause"), "the linker says no, not the guard: " + result);
        result.events("package.load.success").get(0).assertHas("covered_by", "cloacina.system_libraries");
    }
}
