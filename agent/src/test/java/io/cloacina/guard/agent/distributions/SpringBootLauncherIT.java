// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.HIGHEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.forked.Packages;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** Spring Boot's launcher for applications that take further JARs from a directory ({@code loader.path}). */
class SpringBootLauncherIT {

    @TempDir
    Path directory;

    private Rollout rollout;
    private Path application;
    private Path plugins;

    /** The launcher on top, the application's classes inside: as Spring Boot's Maven plugin lays it out. */
    private void prepareApplication() throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        try (FileSystem loader = FileSystems.newFileSystem(Packages.library("spring-boot-loader"))) {
            Path launcher = loader.getPath("org");
            try (Stream<Path> files = Files.walk(launcher)) {
                for (Path file : files.toList()) {
                    Files.copy(file, root.resolve(file.toString()));
                }
            }
        }
        Path classes = Files.createDirectories(root.resolve("BOOT-INF/classes"));
        Packages.compile(classes, "sample.Application", """
            package sample;
            public class Application {
                public static void main(String[] names) {
                    for (String name : names) {
                        try {
                            Runnable plugin = (Runnable)
                                    Class.forName("plugin." + name).getDeclaredConstructor().newInstance();
                            plugin.run();
                        } catch (ReflectiveOperationException | LinkageError | SecurityException e) {
                            System.out.println("REFUSED " + name + " " + e.getClass().getName());
                        }
                    }
                }
            }
            """);
        Files.writeString(Files.createDirectories(root.resolve("META-INF")).resolve("MANIFEST.MF"), """
            Manifest-Version: 1.0
            Main-Class: org.springframework.boot.loader.launch.PropertiesLauncher
            Start-Class: sample.Application
            Spring-Boot-Classes: BOOT-INF/classes/
            Spring-Boot-Lib: BOOT-INF/lib/
            """);
        Files.createDirectories(root.resolve("BOOT-INF/lib"));
        application = Webapp.zip(root, directory.resolve("application.jar"));
        plugins = Files.createDirectory(directory.resolve("plugins"));
    }

    private Path plugin(String name, String text) throws Exception {
        Path classes = Files.createTempDirectory(directory, "plugin");
        Packages.compile(classes, "plugin." + name, """
            package plugin;
            public class %s implements Runnable {
                @Override public void run() {
                    System.out.println("PLUGIN %s");
                }
            }
            """.formatted(name, text));
        return Packages.zip(classes, plugins.resolve(name + ".jar"));
    }

    private RunningHost start(List<String> options, Object... names) throws Exception {
        Object[] arguments = Stream.concat(Stream.of("-Dloader.path=" + plugins, "-jar", application), Stream.of(names))
                .toArray();
        return rollout.start(directory, options, arguments);
    }

    @HostJdk(HIGHEST)
    void jarOfLoaderPath_signed_runsUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        rollout = new Rollout(jdk, directory);
        prepareApplication();
        plugin("good", "good");

        try (RunningHost host = start(rollout.audit(), "good")) {
            assertEquals(0, host.awaitEnd(), host::output);
            assertTrue(host.output().contains("PLUGIN good"), host::output);
        }
        rollout.signWhatTheReportSays();
        try (RunningHost host = start(rollout.enforce(), "good")) {
            assertEquals(0, host.awaitEnd(), host::output);
            assertTrue(host.output().contains("PLUGIN good"), host::output);
        }
        rollout.assertNothingToReport();

        rollout.shell("cloacina sign --key release " + plugin("flipped", "before"), 0);
        plugin("flipped", "flipped");
        plugin("unsigned", "unsigned");
        try (RunningHost host = start(rollout.enforce(), "unsigned", "flipped", "good")) {
            assertEquals(0, host.awaitEnd(), host::output);
            for (String name : new String[] {"unsigned", "flipped"}) {
                assertTrue(host.output().contains("REFUSED " + name), host::output);
                rollout.assertRefused("/" + name + ".jar");
            }
            assertTrue(host.output().contains("PLUGIN good"), host::output);
        }
    }
}
