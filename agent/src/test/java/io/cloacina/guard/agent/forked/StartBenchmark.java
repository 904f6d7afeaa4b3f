// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.agent.bootstrap.GuardPack;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.EmptyAgent;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/**
 * How long a JVM takes to start with the guard, against one with an empty agent: whole processes, in turns, on every JDK
 * found. After {@code mvn package}: {@code java -cp agent/target/test-classes
 * io.cloacina.guard.agent.forked.StartBenchmark}.
 */
public final class StartBenchmark {

    private static final int RUNS = 15;

    private StartBenchmark() {}

    /** What is started; does nothing. */
    public static final class Program {
        private Program() {}

        /** Prints one line. */
        public static void main(String[] arguments) {
            System.out.println("started");
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("benchmark");
        Path classes = Path.of(StartBenchmark.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path guard = classes.resolveSibling("cloacina-guard.jar");
        Path empty = agentJar(directory.resolve("empty.jar"), classes, EmptyAgent.class);
        Path many = withEntries(agentJar(directory.resolve("many.jar"), classes, EmptyAgent.class), packedFiles(guard));
        for (Jdk jdk : Jdks.all()) {
            double[] bare = new double[RUNS];
            double[] guarded = new double[RUNS];
            double[] ratios = new double[RUNS];
            double[] chained = new double[RUNS];
            double[] unpacked = new double[RUNS];
            for (int run = -1; run < RUNS; run++) {
                String store = "-Dcloacina.database_url=sqlite://" + directory.resolve("none.db");
                String file = "-Dcloacina.audit=file:" + directory.resolve("events");
                double one = millis(program(jdk, empty, List.of(), classes));
                double other = millis(program(jdk, guard, List.of(store), classes));
                double withFile = millis(program(jdk, guard, List.of(store, file), classes));
                double entries = millis(program(jdk, many, List.of(), classes));
                if (run >= 0) {
                    chained[run] = withFile / one;
                    unpacked[run] = entries / one;
                    bare[run] = one;
                    guarded[run] = other;
                    ratios[run] = other / one;
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s: empty agent %.0f ms, guard %.0f ms, ratio %.2f, with a chained file for events %.2f; the empty"
                            + " agent in a jar of as many entries as guard.pack holds %.2f (medians of %d rounds)%n",
                    jdk,
                    median(bare),
                    median(guarded),
                    median(ratios),
                    median(chained),
                    median(unpacked),
                    RUNS);
        }
    }

    /** How many files are in the one entry {@code guard.pack}, as its header says. */
    private static int packedFiles(Path guard) throws IOException {
        try (JarFile jar = new JarFile(guard.toFile());
                DataInputStream pack = new DataInputStream(jar.getInputStream(jar.getEntry(GuardPack.ENTRY)))) {
            if (pack.readLong() != GuardPack.MAGIC) {
                throw new IOException("[" + guard + "] is damaged");
            }
            return pack.readInt();
        }
    }

    /** What the agent jar would be for the JVM if the guard's files were entries of it. */
    private static Path withEntries(Path jar, int count) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(jar)) {
            for (int i = 0; i < count; i++) {
                Path entry = zip.getPath("guard/of/some/package/Class" + i + ".class");
                Files.createDirectories(entry.getParent());
                Files.write(entry, new byte[64]);
            }
        }
        return jar;
    }

    private static double millis(List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException("failed: " + command);
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** A jar with {@code agent} and its nested classes. */
    static Path agentJar(Path jar, Path classes, Class<?> agent) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(new Attributes.Name("Premain-Class"), agent.getName());
        manifest.getMainAttributes().put(new Attributes.Name("Can-Retransform-Classes"), "true");
        List<Class<?>> all = new ArrayList<>(List.of(agent.getDeclaredClasses()));
        all.add(agent);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (Class<?> one : all) {
                String entry = one.getName().replace('.', '/') + ".class";
                out.putNextEntry(new ZipEntry(entry));
                out.write(Files.readAllBytes(classes.resolve(entry)));
            }
        }
        return jar;
    }

    /** A JVM that prints a line; {@code agent} may be null. */
    static List<String> program(Jdk jdk, Path agent, List<String> options, Path classes) {
        List<String> command = new ArrayList<>(List.of(jdk.java().toString()));
        if (agent != null) {
            command.add("-javaagent:" + agent);
        }
        command.addAll(options);
        command.addAll(List.of("-cp", classes.toString(), Program.class.getName()));
        return command;
    }
}
