// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.Verification;
import io.cloacina.guard.verify.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What the documents show of builds, as it is printed: Maven runs; of what needs Gradle or a runner, the command line runs
 * with the arguments that stand there.
 */
class SigningDocumentsIT {

    private static final Path README = Path.of("../../README.md");
    private static final Path PAGE = Path.of("../docs/signing-in-builds.md");
    private static final String GROUP = "com.example.plugins";

    @TempDir
    private Path directory;

    private MavenBuild maven;
    private Path key;

    @BeforeEach
    void makeKey() throws Exception {
        MavenBuild.clear(GROUP);
        maven = new MavenBuild(directory);
        MavenBuild.makeKey(maven.home(), "ci-key");
        key = maven.home().resolve("ci-key.pub.pem");
    }

    private static List<String> blocks(Path document, String language) throws IOException {
        List<String> blocks = Pattern.compile("(?ms)^ *```" + language + "$\\n(.*?)^ *```$")
                .matcher(Files.readString(document))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertTrue(!blocks.isEmpty(), () -> "no block [" + language + "] in " + document);
        return blocks;
    }

    private Path project(String name, String plugin, String module) throws IOException {
        Path project = new Reactor(directory.resolve(name), GROUP, plugin)
                .module(module, "")
                .write();
        Files.createDirectories(project.resolve(".mvn"));
        Files.copy(key, project.resolve("release.pem"));
        return project;
    }

    private void assertSigned(Path file, Path signature) throws Exception {
        assertInstanceOf(Verdict.Verified.class, Verification.offline(key).verify(file, signature));
    }

    private void assertInstalledSigned(String artifact) throws Exception {
        assertSigned(MavenBuild.installed(GROUP, artifact, ".jar"), MavenBuild.installed(GROUP, artifact, ".jar.sig"));
    }

    @Test
    void mavenOfTheReadme_signs() throws Exception {
        Path project = project("readme", blocks(README, "xml").get(0), "butler");
        String command = blocks(README, "bash").stream()
                .filter(block -> block.contains("cloacina-guard"))
                .findFirst()
                .orElseThrow();

        maven.shell(project, command).succeeded();

        assertInstalledSigned("butler");
    }

    @Test
    void mavenOfThePage_signs_andAHostVerifiesItsPlugins() throws Exception {
        Path project = project("plugins", blocks(PAGE, "xml").get(0), "gardener");
        String[] commands = blocks(PAGE, "bash").get(0).split("\\n");
        assertEquals(2, commands.length);

        maven.shell(project, commands[0]).succeeded().says("[1] packages are signed by trusted keys");
        assertInstalledSigned("gardener");
        maven.shell(project, commands[1]).succeeded().says("skipped");

        Path host = new Reactor(directory.resolve("host"), "")
                .module("runner", """
                        <dependencies>
                          <dependency>
                            <groupId>com.example.plugins</groupId>
                            <artifactId>gardener</artifactId>
                            <version>1</version>
                          </dependency>
                        </dependencies>
                        <build><plugins>%s</plugins></build>
                        """.formatted(blocks(PAGE, "xml").get(1)))
                .write();
        Path pem = host.resolve("runner/release.pem");
        Files.copy(key, pem);
        maven.run(host, "verify").succeeded().says("[1] packages are signed by trusted keys");
    }

    private Path build() throws IOException {
        Path libraries = Files.createDirectories(directory.resolve("build/libs"));
        return Files.writeString(libraries.resolve("butler.jar"), "a package");
    }

    @Test
    void gradleTask_runsTheCommandLineThatIsPublished() throws Exception {
        String script = blocks(PAGE, "groovy").get(0);
        assertTrue(script.contains("'io.cloacina:cloacina-guard-core:" + MavenBuild.VERSION + ":cli@jar'"), script);
        MatchResult main = first("mainClass = '([\\w.]+)'", script);
        List<String> arguments = new ArrayList<>();
        Path jar = build();
        for (String argument : first("args (.*)", script).group(1).split(", ")) {
            arguments.add(
                    switch (argument) {
                        case "providers.environmentVariable('CI_KEY_FILE').get()" ->
                            maven.home().resolve("ci-key.pem").toString();
                        case "jar.archiveFile.get()" -> jar.toString();
                        default -> first("^'([^']*)'$", argument).group(1);
                    });
        }

        maven.shell(
                        directory,
                        "java -cp " + Path.of("../target/cloacina.jar").toAbsolutePath() + " " + main.group(1) + " "
                                + String.join(" ", arguments))
                .succeeded();

        assertSigned(jar, Path.of(jar + ".sig"));
    }

    private static MatchResult first(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results().findFirst().orElseThrow(() -> new AssertionError(text));
    }

    @Test
    void workflow_isYaml_andItsStepSignsAndVerifies() throws Exception {
        Path jar = build();
        Files.copy(key, directory.resolve("release.pem"));
        Files.copy(Path.of("../target/cloacina.jar"), directory.resolve("cloacina.jar"));
        Files.createDirectories(directory.resolve("runner"));
        Map<?, ?> step = step("Sign");
        assertEquals(Map.of("CI_KEY", "${{ secrets.CI_KEY }}"), step.get("env"));

        MavenBuild.Result result = maven.with(
                        "CI_KEY", Files.readString(maven.home().resolve("ci-key.pem")))
                .with("RUNNER_TEMP", directory.resolve("runner").toString())
                .shell(directory, (String) step.get("run"))
                .succeeded();

        result.says("butler.jar: signed").says("butler.jar: verified");
        assertSigned(jar, Path.of(jar + ".sig"));
        assertTrue(Files.exists(directory.resolve("sign-events.jsonl")));
        assertTrue(Files.notExists(directory.resolve("runner/ci-key.pem")));
    }

    private static Map<?, ?> step(String name) throws IOException {
        Map<?, ?> workflow = (Map<?, ?>) new Load(LoadSettings.builder().build())
                .loadFromString(blocks(PAGE, "yaml").get(0));
        Map<?, ?> job = (Map<?, ?>) ((Map<?, ?>) workflow.get("jobs")).get("release");
        for (Object step : (List<?>) job.get("steps")) {
            if (name.equals(((Map<?, ?>) step).get("name"))) {
                return (Map<?, ?>) step;
            }
        }
        throw new AssertionError("no step [" + name + "]");
    }
}
