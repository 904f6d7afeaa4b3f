// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A Spring Boot application in one JAR, started with {@code -jar}. That JAR is the start class path, so the default scope
 * leaves it and the libraries inside it alone; the plugins that it loads are verified.
 */
class SpringBootIT {

    private static final String APPLICATION = """
            package sample;
            import io.cloacina.guard.agent.hosts.Outcome;
            import java.net.*;
            import java.nio.file.Path;
            public class Application {
                public static void main(String[] arguments) throws Exception {
                    System.out.println(org.apache.commons.lang3.StringUtils.reverse("draug")
                            + " in " + Application.class.getClassLoader().getClass().getSimpleName());
                    Outcome.print("native", () -> java.sql.DriverManager.getConnection("jdbc:sqlite::memory:"));
                    for (String name : new String[] {"signed", "unsigned", "tampered"}) {
                        URLClassLoader loader = new URLClassLoader(
                                new URL[] {Path.of(arguments[0], name + ".jar").toUri().toURL()});
                        Outcome.print(name, () -> Class.forName("sample.Plugin", true, loader));
                    }
                }
            }
            """;

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();

    /** As Spring Boot's Maven plugin lays it out: its loader on top, libraries stored inside. */
    private Path fatJar() throws Exception {
        Path classes = fixture.newDirectory("application");
        Packages.compile(
                classes,
                "sample.Application",
                APPLICATION,
                Packages.library("commons-lang3"),
                GuardedJvm.testClasses());
        Path outcome = classes.resolve("io/cloacina/guard/agent/hosts/Outcome.class");
        Files.createDirectories(outcome.getParent());
        Files.copy(GuardedJvm.testClasses().resolve("io/cloacina/guard/agent/hosts/Outcome.class"), outcome);
        Path jar = fixture.file("application.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out);
                ZipFile loader =
                        new ZipFile(Packages.library("spring-boot-loader").toFile());
                Stream<Path> files = Files.walk(classes)) {
            zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
            zip.write("""
                    Manifest-Version: 1.0
                    Main-Class: org.springframework.boot.loader.launch.JarLauncher
                    Start-Class: sample.Application
                    Spring-Boot-Classes: BOOT-INF/classes/
                    Spring-Boot-Lib: BOOT-INF/lib/
                    """.getBytes());
            for (ZipEntry entry : loader.stream()
                    .filter(entry -> entry.getName().startsWith("org/"))
                    .toList()) {
                zip.putNextEntry(new ZipEntry(entry.getName()));
                try (InputStream in = loader.getInputStream(entry)) {
                    in.transferTo(zip);
                }
            }
            zip.putNextEntry(new ZipEntry("BOOT-INF/classes/"));
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry("BOOT-INF/classes/" + classes.relativize(file)));
                zip.write(Files.readAllBytes(file));
            }
            zip.putNextEntry(new ZipEntry("BOOT-INF/lib/"));
            for (String library : new String[] {"commons-lang3", "sqlite-jdbc", "slf4j-api"}) {
                store(zip, "BOOT-INF/lib/" + library + ".jar", Packages.library(library));
            }
        }
        return jar;
    }

    private static void store(ZipOutputStream zip, String name, Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
    }

    private Path plugins() throws IOException {
        Path plugins = fixture.newDirectory("plugins");
        packages.sign(packages.jar("plugins/signed.jar", marker("signed"), "ran"));
        packages.jar("plugins/unsigned.jar", marker("unsigned"), "ran");
        packages.sign(packages.jar("plugins/tampered.jar", marker("before"), "before"));
        packages.jar("plugins/tampered.jar", marker("tampered"), "ran");
        return plugins;
    }

    private Path marker(String name) {
        return fixture.file("marker-" + name);
    }

    @EachJdk
    void fatJar_unsigned_startedByDashJar_runsUnderScopePlugins_andItsPluginsAreVerified(Jdk jdk) throws Exception {
        Path jar = fatJar();
        Path plugins = plugins();

        Result result = fixture.enforcing(jdk).run(jar.toString(), plugins);

        assertTrue(result.out().startsWith("guard in LaunchedClassLoader\n"), result::toString);
        assertTrue(result.out().contains("native LOADED\n"), result::toString);
        assertTrue(result.out().contains("\nsigned LOADED\n"), result::toString);
        assertTrue(result.out().contains("\nunsigned REFUSED cloacina-guard refused"), result::toString);
        assertTrue(result.out().contains("\ntampered REFUSED cloacina-guard refused"), result::toString);
        assertTrue(Files.exists(marker("signed")), result::toString);
        assertFalse(Files.exists(marker("unsigned")), result::toString);
        assertFalse(Files.exists(marker("tampered")), result::toString);
        assertEquals(2, result.events("package.load.failure").size(), result::toString);

        Result unguarded = fixture.enforcing(jdk).withoutAgent().run(jar.toString(), plugins);
        assertTrue(Files.exists(marker("unsigned")) && Files.exists(marker("tampered")), unguarded::toString);
    }

    /** Loaded as a package it needs a signature like any other, which then covers what lies inside. */
    @EachJdk
    void fatJar_loadedAsAPackage_isVerifiedAsAWhole(Jdk jdk) throws Exception {
        Path jar = fatJar();
        Path plugins = plugins();
        Path starter = fixture.newDirectory("starter");
        Packages.compile(
                starter, "sample.Starter", """
                package sample;
                import io.cloacina.guard.agent.hosts.Outcome;
                import java.net.*;
                import java.nio.file.Path;
                                public class Starter {
                    public static void main(String[] arguments) throws Exception {
                        URL[] urls = {
                                org.springframework.boot.loader.net.protocol.jar.JarUrl.create(
                                        new java.io.File(arguments[0]), "BOOT-INF/classes/"),
                                org.springframework.boot.loader.net.protocol.jar.JarUrl.create(
                                        new java.io.File(arguments[0]), "BOOT-INF/lib/commons-lang3.jar"),
                                org.springframework.boot.loader.net.protocol.jar.JarUrl.create(
                                        new java.io.File(arguments[0]), "BOOT-INF/lib/slf4j-api.jar"),
                                org.springframework.boot.loader.net.protocol.jar.JarUrl.create(
                                        new java.io.File(arguments[0]), "BOOT-INF/lib/sqlite-jdbc.jar")};
                        org.springframework.boot.loader.net.protocol.Handlers.register();
                        ClassLoader loader = new org.springframework.boot.loader.launch.LaunchedClassLoader(
                                false, urls, ClassLoader.getPlatformClassLoader());
                        Thread.currentThread().setContextClassLoader(loader);
                        Outcome.print("application", () -> Class.forName("sample.Application", true, loader)
                                .getMethod("main", String[].class)
                                .invoke(null, (Object) new String[] {arguments[1]}));
                    }
                }
                """, Packages.library("spring-boot-loader"), GuardedJvm.testClasses());
        GuardedJvm jvm = fixture.enforcing(jdk).classPath(starter, Packages.library("spring-boot-loader"));

        Result unsigned = jvm.run("sample.Starter", jar, plugins);
        assertTrue(unsigned.out().startsWith("application REFUSED cloacina-guard refused [" + jar), unsigned::toString);

        packages.sign(jar);
        Result signed = jvm.run("sample.Starter", jar, plugins);
        assertTrue(
                signed.out().startsWith("guard in LaunchedClassLoader\nnative LOADED\nsigned LOADED\nunsigned REFUSED"),
                signed::toString);
    }
}
