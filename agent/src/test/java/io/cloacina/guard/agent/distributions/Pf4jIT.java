// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.LOWEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.forked.Packages;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** PF4J's plugin manager over a directory of JARs; it keeps to itself why a plugin does not start. */
class Pf4jIT {

    @TempDir
    Path directory;

    private Rollout rollout;
    private Path plugins;
    private Path host;

    private static Path[] libraries() {
        return Stream.of("pf4j", "java-semver", "slf4j-api", "logback-classic", "logback-core")
                .map(Packages::library)
                .toArray(Path[]::new);
    }

    private Path plugin(String name, String text) throws Exception {
        Path classes = Files.createTempDirectory(directory, "plugin");
        Packages.compile(classes, "sample.Plugin", """
            package sample;
            public class Plugin extends org.pf4j.Plugin {
                @Override public void start() {
                    System.out.println("PLUGIN %s");
                }
            }
            """.formatted(text), libraries());
        Files.writeString(
                Files.createDirectories(classes.resolve("META-INF")).resolve("MANIFEST.MF"),
                "Manifest-Version: 1.0\nPlugin-Id: " + name + "\nPlugin-Version: 1.0.0\nPlugin-Class: sample.Plugin\n");
        return Packages.zip(classes, plugins.resolve(name + ".jar"));
    }

    private RunningHost start(List<String> options) throws Exception {
        String classPath = Stream.concat(Stream.of(host), Stream.of(libraries()))
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        return rollout.start(directory, options, "-cp", classPath, "sample.Host", plugins);
    }

    @HostJdk(LOWEST)
    void plugin_signed_startsUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        rollout = new Rollout(jdk, directory);
        plugins = Files.createDirectory(directory.resolve("plugins"));
        host = Files.createDirectory(directory.resolve("host"));
        Packages.compile(host, "sample.Host", """
            package sample;
            public class Host {
                public static void main(String[] arguments) {
                    org.pf4j.PluginManager manager =
                            new org.pf4j.DefaultPluginManager(java.nio.file.Path.of(arguments[0]));
                    manager.loadPlugins();
                    manager.startPlugins();
                }
            }
            """, libraries());
        plugin("good", "good");
        try (RunningHost audited = start(rollout.audit())) {
            assertEquals(0, audited.awaitEnd(), audited::output);
        }
        rollout.signWhatTheReportSays();
        try (RunningHost enforcing = start(rollout.enforce())) {
            assertEquals(0, enforcing.awaitEnd(), enforcing::output);
            assertTrue(enforcing.output().contains("PLUGIN good"), enforcing::output);
        }
        rollout.assertNothingToReport();

        rollout.shell("cloacina sign --key release " + plugin("flipped", "before"), 0);
        plugin("flipped", "flipped");
        plugin("unsigned", "unsigned");
        try (RunningHost enforcing = start(rollout.enforce())) {
            assertEquals(0, enforcing.awaitEnd(), enforcing::output);
            for (String name : new String[] {"unsigned", "flipped"}) {
                assertFalse(enforcing.output().contains("PLUGIN " + name), enforcing::output);
                rollout.assertRefused("/" + name + ".jar");
            }
            assertTrue(enforcing.output().contains("PLUGIN good"), enforcing::output);
        }
    }
}
