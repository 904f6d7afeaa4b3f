// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import io.cloacina.guard.agent.weave.Weaver;
import io.cloacina.guard.cli.Preparation.NotPreparedException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code java -jar cloacina-guard.jar prepare [JAVA_HOME… | --beside JAVA_HOME]}: instruments the classes of JDKs
 * and puts their changes into the agent jar, for a faster start. Without a JDK named: the one that runs it.
 */
public final class Prepare {

    /** The only argument of {@code -javaagent}: weaves into a directory, and ends the JVM. */
    public static final String ARGUMENT = "prepare:";

    private Prepare() {}

    /** The file beside the changes that says what they are of. */
    private static final String BUILD = "BUILD";

    private static final List<String> OPTION_VARIABLES =
            List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

    /**
     * What was prepared of a JDK.
     *
     * @param build its version, platform and vendor
     */
    record Recorded(String build, List<PreparedClass> classes) {

        /** A class may be there in two forms. */
        int count() {
            Set<String> names = new HashSet<>();
            for (PreparedClass one : classes) {
                names.add(one.className());
            }
            return names.size();
        }
    }

    /**
     * Runs in a JVM of the JDK that is prepared: writes the change of each class to {@code directory}, and changes
     * none.
     *
     * @throws Exception if the hooks do not fit this JDK
     */
    public static void record(Instrumentation instrumentation, Path directory) throws Exception {
        for (Weaver.Instrumented one : new Weaver(false).weaveAll(instrumentation)) {
            PreparedClass prepared = PreparedClass.of(one);
            Files.write(directory.resolve(prepared.fileName()), prepared.change());
        }
        Files.writeString(
                directory.resolve(BUILD),
                System.getProperty("java.runtime.version") + " " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch") + " " + System.getProperty("java.vendor"));
    }

    /**
     * Prepares {@code homes}, and replaces {@code jar} by one that has the changes of their classes too.
     *
     * @return how many classes were instrumented, by the JDK's home
     */
    static Map<String, Integer> run(Path jar, List<String> homes)
            throws NotPreparedException, IOException, InterruptedException {
        Map<String, Recorded> recorded = new LinkedHashMap<>();
        for (String home : homes(homes)) {
            recorded.put(home, prepare(jar, home));
        }
        PackJar jarNow = PackJar.read(jar);
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Map.Entry<String, Recorded> one : recorded.entrySet()) {
            for (PreparedClass prepared : one.getValue().classes()) {
                prepared.putInto(jarNow);
            }
            counts.put(one.getKey(), one.getValue().count());
        }
        jarNow.replace(jar);
        return counts;
    }

    /** Has a JVM of the JDK instrument its own classes. */
    static Recorded prepare(Path jar, String home) throws NotPreparedException, IOException, InterruptedException {
        Path directory = Files.createTempDirectory("cloacina-prepare");
        try {
            String failure;
            try {
                failure = fork(jar, home, directory);
            } catch (IOException e) {
                throw new NotPreparedException("[" + home + "] is no JDK or JRE: " + e.getMessage(), e);
            }
            if (failure != null) {
                throw new NotPreparedException("[" + home + "] cannot be prepared: " + failure, null);
            }
            return collect(directory);
        } finally {
            delete(directory);
        }
    }

    /** Those named; with {@code --beside HOME}, that one and every other from 17 on in the same directory. */
    private static Collection<String> homes(List<String> arguments) throws NotPreparedException, IOException {
        if (arguments.isEmpty()) {
            return List.of(System.getProperty("java.home"));
        }
        if (!arguments.get(0).equals("--beside") || arguments.size() != 2) {
            return arguments;
        }
        Path home = Path.of(arguments.get(1));
        if (!Files.isDirectory(home)) {
            throw new NotPreparedException("[" + home + "] is no JDK or JRE: there is no such directory", null);
        }
        home = home.toRealPath();
        TreeSet<String> all = new TreeSet<>(List.of(home.toString()));
        try (Stream<Path> siblings = Files.list(home.getParent())) {
            for (Path sibling : siblings.toList()) {
                if (feature(sibling) >= 17) {
                    all.add(sibling.toRealPath().toString());
                }
            }
        }
        return all;
    }

    /** The feature release of the JDK in a directory, by its {@code release} file; 0 if there is none. */
    private static int feature(Path home) throws IOException {
        Path release = home.resolve("release");
        if (!Files.isRegularFile(release)
                || !Files.isExecutable(home.resolve("bin").resolve("java"))) {
            return 0;
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(release)) {
            properties.load(in);
        }
        return Runtime.Version.parse(properties.getProperty("JAVA_VERSION", "0").replace("\"", ""))
                .feature();
    }

    /** Null, or what the JVM said instead of doing it. */
    private static @Nullable String fork(Path jar, String home, Path directory)
            throws IOException, InterruptedException {
        String java = home + File.separator + "bin" + File.separator + "java";
        ProcessBuilder builder = new ProcessBuilder(
                        java, "-javaagent:" + jar + "=" + ARGUMENT + directory, "-cp", jar.toString(), "none.None")
                .redirectErrorStream(true);
        // In an image they name the agent already, which would guard this JVM instead.
        builder.environment().keySet().removeAll(OPTION_VARIABLES);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? null : said.strip();
    }

    private static Recorded collect(Path directory) throws IOException {
        String build = Files.readString(directory.resolve(BUILD));
        List<PreparedClass> classes = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (!name.equals(BUILD)) {
                    classes.add(PreparedClass.read(name, Files.readAllBytes(file)));
                }
            }
        }
        return new Recorded(build, classes);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
