// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.agent.bootstrap.GuardPack;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.EmptyAgent;
import io.cloacina.guard.agent.packaging.PackJars;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
 * How long a JVM takes to start with the guard, and how much processor time, against one with an empty agent: whole
 * processes, in turns, on every JDK found, timed by {@code bash}. After {@code mvn package}: {@code java -cp
 * agent/target/test-classes:agent/target/classes:core/target/classes io.cloacina.guard.agent.forked.StartBenchmark}.
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

    /** What is compared with the empty agent. */
    private record Row(String what, Path agent, List<String> options) {}

    /** Of a process, in milliseconds. */
    private record Times(double wall, double processor) {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("benchmark");
        Path classes = Path.of(StartBenchmark.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path guard = classes.resolveSibling("cloacina-guard.jar");
        Path unprepared = Files.copy(guard, directory.resolve("unprepared.jar"));
        PackJars.removeAll(unprepared, "prepared/.*");
        Path empty = agentJar(directory.resolve("empty.jar"), classes, EmptyAgent.class);
        Path many = withEntries(agentJar(directory.resolve("many.jar"), classes, EmptyAgent.class), packedFiles(guard));
        String store = "-Dcloacina.database_url=sqlite://" + directory.resolve("none.db");
        String file = "-Dcloacina.audit=file:" + directory.resolve("events");
        List<Row> rows = List.of(
                new Row("guard", guard, List.of(store)),
                new Row("with a chained file for events", guard, List.of(store, file)),
                new Row("on a JDK that nobody prepared", unprepared, List.of(store)),
                new Row("the empty agent in a jar of as many entries as guard.pack holds", many, List.of()));
        for (Jdk jdk : Jdks.all()) {
            double[][] wall = new double[rows.size()][RUNS];
            double[][] processor = new double[rows.size()][RUNS];
            double[] bare = new double[RUNS];
            for (int run = -1; run < RUNS; run++) {
                Times one = times(program(jdk, empty, List.of(), classes));
                for (int i = 0; i < rows.size(); i++) {
                    Row row = rows.get(i);
                    Times other = times(program(jdk, row.agent(), row.options(), classes));
                    if (run >= 0) {
                        bare[run] = one.wall();
                        wall[i][run] = other.wall() / one.wall();
                        processor[i][run] = other.processor() / one.processor();
                    }
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s: empty agent %.0f ms (medians of %d rounds); as many times as it%n",
                    jdk,
                    median(bare),
                    RUNS);
            for (int i = 0; i < rows.size(); i++) {
                System.out.printf(
                        Locale.ROOT,
                        "  %s: %.2f, processor time %.2f%n",
                        rows.get(i).what(),
                        median(wall[i]),
                        median(processor[i]));
            }
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

    private static Times times(List<String> command) throws IOException, InterruptedException {
        List<String> timed = new ArrayList<>(
                List.of("bash", "-c", "TIMEFORMAT='%3R %3U %3S'; time \"$@\" > /dev/null 2> /dev/null", "bash"));
        timed.addAll(command);
        Process process = new ProcessBuilder(timed).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("failed: " + command);
        }
        String[] seconds = said.strip().split(" ", -1);
        return new Times(
                1000 * Double.parseDouble(seconds[0]),
                1000 * (Double.parseDouble(seconds[1]) + Double.parseDouble(seconds[2])));
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
