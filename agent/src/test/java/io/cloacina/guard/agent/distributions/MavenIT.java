// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.HIGHEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.forked.Packages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Maven, whose plugins come from the local repository: a build with the plugins of this build, and with others. */
class MavenIT {

    @TempDir
    Path directory;

    private Path maven;
    private Path repository;
    private Path project;

    /** The local repository holds what this build itself needed; links, so that no signature is left beside an original. */
    @BeforeEach
    void prepare() throws Exception {
        maven = Distribution.copy("maven", directory.resolve("maven"));
        repository = Files.createDirectory(directory.resolve("repository"));
        Path local =
                Path.of(System.getProperty("maven.repo.local", System.getProperty("user.home") + "/.m2/repository"));
        link(local);
        project = Files.createDirectory(directory.resolve("project"));
        Path source = Files.createDirectories(project.resolve("src/main/java/sample"));
        Files.writeString(source.resolve("Sample.java"), "package sample; class Sample {}");
        Files.writeString(project.resolve("pom.xml"), """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>sample</groupId>
              <artifactId>sample</artifactId>
              <version>1</version>
              <properties>
                <maven.compiler.release>17</maven.compiler.release>
                <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
              </properties>
              <build>
                <plugins>
                  <plugin>
                    <artifactId>maven-resources-plugin</artifactId>
                    <version>%s</version>
                  </plugin>
                  <plugin>
                    <artifactId>maven-compiler-plugin</artifactId>
                    <version>%s</version>
                  </plugin>
                </plugins>
              </build>
            </project>
            """.formatted(
                        version("maven-resources-plugin"), version("maven-compiler-plugin")));
    }

    /** The version of a plugin in this build. */
    private static String version(String plugin) throws IOException {
        Matcher matcher = Pattern.compile("<artifactId>" + plugin + "</artifactId>\\s*<version>([^<]+)<")
                .matcher(Files.readString(GuardedJvm.module().resolveSibling("pom.xml")));
        assertTrue(matcher.find(), plugin);
        return matcher.group(1);
    }

    private void link(Path local) throws IOException {
        try (Stream<Path> files = Files.walk(local)) {
            for (Path file : files.filter(each -> each.toString().matches(".*\\.(jar|pom)"))
                    .toList()) {
                Path link = repository.resolve(local.relativize(file));
                Files.createDirectories(link.getParent());
                try {
                    Files.createLink(link, file);
                } catch (IOException | UnsupportedOperationException e) {
                    Files.copy(file, link);
                }
            }
        }
    }

    /** A plugin of one goal, which says {@code text}. */
    private Path plugin(String name, String text) throws Exception {
        Path classes = Files.createTempDirectory(directory, "plugin");
        Path api = jar("maven-plugin-api-");
        Packages.compile(
                classes,
                "sample.SayMojo",
                """
                package sample;
                public class SayMojo extends org.apache.maven.plugin.AbstractMojo {
                    @Override public void execute() {
                        getLog().info("PLUGIN %s");
                    }
                }
                """.formatted(text),
                api,
                jar("javax.inject-"),
                jar("org.eclipse.sisu.plexus-"));
        Files.writeString(
                Files.createDirectories(classes.resolve("META-INF/maven")).resolve("plugin.xml"),
                """
                <plugin>
                  <groupId>sample</groupId>
                  <artifactId>%s-maven-plugin</artifactId>
                  <version>1</version>
                  <goalPrefix>%s</goalPrefix>
                  <mojos>
                    <mojo>
                      <goal>say</goal>
                      <implementation>sample.SayMojo</implementation>
                      <language>java</language>
                      <instantiationStrategy>per-lookup</instantiationStrategy>
                      <executionStrategy>once-per-session</executionStrategy>
                    </mojo>
                  </mojos>
                </plugin>
                """.formatted(name, name));
        Path place = Files.createDirectories(repository.resolve("sample/" + name + "-maven-plugin/1"));
        Files.writeString(place.resolve(name + "-maven-plugin-1.pom"), """
            <project xmlns="http://maven.apache.org/POM/4.0.0">
              <modelVersion>4.0.0</modelVersion>
              <groupId>sample</groupId>
              <artifactId>%s-maven-plugin</artifactId>
              <version>1</version>
              <packaging>maven-plugin</packaging>
            </project>
            """.formatted(name));
        return Packages.zip(classes, place.resolve(name + "-maven-plugin-1.jar"));
    }

    private Path jar(String prefix) throws IOException {
        try (Stream<Path> jars = Files.list(maven.resolve("lib"))) {
            return jars.filter(each -> each.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private RunningHost build(Rollout rollout, List<String> options, String... goals) throws Exception {
        List<Object> command =
                new ArrayList<>(List.of(maven.resolve("bin/mvn"), "-B", "-o", "-Dmaven.repo.local=" + repository));
        command.addAll(List.of(goals));
        return rollout.start(project, Map.of("MAVEN_OPTS", String.join(" ", options)), command.toArray());
    }

    private static String say(String name) {
        return "sample:" + name + "-maven-plugin:1:say";
    }

    @HostJdk(HIGHEST)
    void build_withSignedPlugins_succeedsUnderEnforcement_andNotWithOthers(Jdk jdk) throws Exception {
        Rollout rollout = new Rollout(jdk, directory);
        plugin("good", "good");

        try (RunningHost host = build(rollout, rollout.audit(), "compile", say("good"))) {
            assertEquals(0, host.awaitEnd(), host::output);
        }
        rollout.signWhatTheReportSays();

        Path flipped = plugin("flipped", "before");
        rollout.shell("cloacina sign --key release " + flipped, 0);
        plugin("flipped", "flipped");
        plugin("unsigned", "unsigned");
        try (RunningHost host = build(rollout, rollout.enforce(), "compile", say("good"))) {
            assertEquals(0, host.awaitEnd(), host::output);
            assertTrue(host.output().contains("PLUGIN good"), host::output);
        }
        rollout.assertNothingToReport();
        for (String name : new String[] {"unsigned", "flipped"}) {
            try (RunningHost host = build(rollout, rollout.enforce(), say("good"), say(name))) {
                assertEquals(1, host.awaitEnd(), host::output);
                assertTrue(host.output().contains("PLUGIN good"), host::output);
                assertFalse(host.output().contains("PLUGIN " + name), host::output);
                rollout.assertRefused(name + "-maven-plugin-1.jar");
            }
        }
    }
}
