// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Builds of small projects by a real Maven, with the plugin as it is packaged. They install into a local repository of their
 * own, behind which stands that of this build: what this build has needed is not fetched again.
 */
final class MavenBuild {

    static final String VERSION = System.getProperty("project.version", "0.1.0-SNAPSHOT");

    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path REPOSITORY = TARGET.resolve("builds-repository");

    private static final List<String> OPTIONS = List.of(
            "-B",
            "-ntp",
            "-Dstyle.color=never",
            "-Dmaven.repo.local=" + REPOSITORY,
            "-Dmaven.repo.local.tail="
                    + System.getProperty(
                            "maven.repo.local", Path.of(System.getProperty("user.home"), ".m2/repository") + ""));

    private final Path directory;
    private final Path home;
    private final Map<String, String> variables = new LinkedHashMap<>();
    private String maven = "3";

    /** @param directory gets the projects, and the home directory of who builds them */
    MavenBuild(Path directory) throws IOException {
        this.directory = directory;
        this.home = Files.createDirectories(directory.resolve("home"));
        install("cloacina-guard-parent", Path.of("../../pom.xml"), null);
        install("cloacina-guard-core", Path.of("../pom.xml"), Path.of("../target"));
        install("cloacina-guard-maven-plugin", Path.of("pom.xml"), TARGET);
    }

    private static void install(String name, Path pom, Path jars) throws IOException {
        Path place = Files.createDirectories(
                REPOSITORY.resolve("io/cloacina").resolve(name).resolve(VERSION));
        Files.copy(pom, place.resolve(name + "-" + VERSION + ".pom"), StandardCopyOption.REPLACE_EXISTING);
        if (jars != null) {
            String jar = name + "-" + VERSION + ".jar";
            Files.copy(jars.resolve(jar), place.resolve(jar), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** With Maven 4, instead of 3. */
    MavenBuild maven4() {
        maven = "4";
        return this;
    }

    MavenBuild with(String variable, String value) {
        variables.put(variable, value);
        return this;
    }

    Path home() {
        return home;
    }

    record Result(int status, String output) {

        Result succeeded() {
            assertEquals(0, status, output);
            return this;
        }

        Result failed() {
            assertEquals(1, status, output);
            return this;
        }

        Result says(String text) {
            assertTrue(output.contains(text), () -> "no [" + text + "] in " + output);
            return this;
        }
    }

    /** @param project has a {@code pom.xml} */
    Result run(Path project, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(bin().resolve("mvn").toString()));
        command.addAll(OPTIONS);
        command.addAll(List.of(arguments));
        return start(project, command);
    }

    /** Commands of a shell, to which {@code mvn} is this Maven. */
    Result shell(Path project, String commands) throws Exception {
        variables.put("MAVEN_ARGS", String.join(" ", OPTIONS));
        variables.put("PATH", bin() + ":" + System.getenv("PATH"));
        return start(project, List.of("bash", "-eu", "-c", commands));
    }

    private Result start(Path project, List<String> command) throws Exception {
        Path output = Files.createTempFile(directory, "build", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("CLOACINA_") || name.startsWith("MAVEN"));
        environment.put("HOME", home.toString());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        environment.putAll(variables);
        Process process = builder.start();
        process.getOutputStream().close();
        try {
            assertTrue(process.waitFor(5, TimeUnit.MINUTES), () -> "it does not end: " + command);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return new Result(process.exitValue(), Files.readString(output));
    }

    private Path bin() throws IOException {
        try (Stream<Path> entries = Files.list(TARGET.resolve("distributions").resolve(maven))) {
            return entries.findFirst().orElseThrow().resolve("bin");
        }
    }

    /** A file of what the builds have installed. */
    static Path installed(String artifact, String extension) {
        return installed("sample", artifact, extension);
    }

    static Path installed(String group, String artifact, String extension) {
        return place(group).resolve(artifact + "/1/" + artifact + "-1" + extension);
    }

    private static Path place(String group) {
        return REPOSITORY.resolve(group.replace('.', '/'));
    }

    /** Nothing that earlier tests have installed under this group is there any more. */
    static void clear(String group) throws IOException {
        if (Files.exists(place(group))) {
            try (Stream<Path> files = Files.walk(place(group))) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** A key pair: {@code NAME.pem} and {@code NAME.pub.pem} in the directory. */
    static void makeKey(Path directory, String name) throws IOException {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            Files.write(directory.resolve(name + ".pem"), Pem.exposePrivateKey(key));
            Files.writeString(directory.resolve(name + ".pub.pem"), Pem.write(key.publicKey()));
        }
    }

    /** The version of a plugin in this build. */
    static String version(String plugin) throws IOException {
        String pom = Files.readString(Path.of("../../pom.xml"));
        String version = first("<artifactId>" + plugin + "</artifactId>\\s*<version>([^<]+)<", pom);
        return version.startsWith("${")
                ? first("<" + Pattern.quote(version.substring(2, version.length() - 1)) + ">([^<]+)<", pom)
                : version;
    }

    private static String first(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertTrue(matcher.find(), pattern);
        return matcher.group(1);
    }
}
