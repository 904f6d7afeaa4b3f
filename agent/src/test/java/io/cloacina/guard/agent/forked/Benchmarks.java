// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.BenchmarkLibraries;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * What the guard costs, measured against an agent that does nothing and transforms nothing, on every JDK found: baseline
 * and guard in turns, each time in a JVM of its own, and the median of all turns. Where classes are loaded, the processor
 * time of the whole JVM is told too, and what one class transformer that does nothing costs.
 *
 * <p>What the first plugin of a JVM costs is a row of its own, and not in the rows of what comes after it.
 *
 * <p>{@code mvn -DskipTests -DskipITs -Pbenchmarks verify}; {@code -Dbenchmarks=NAME,NAME} runs those whose name
 * contains one of the words, {@code -Dbenchmarks.turns=N} changes the number of turns (7).
 */
public final class Benchmarks {

    private final BenchmarkJvms jvms;
    private final BenchmarkTable table;
    private Path first;

    private Benchmarks(BenchmarkJvms jvms, BenchmarkTable table) {
        this.jvms = jvms;
        this.table = table;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("benchmarks");
        String names = System.getProperty("benchmarks", "");
        Predicate<String> wanted =
                name -> Arrays.stream(names.split(",")).anyMatch(word -> name.contains(word.strip()));
        BenchmarkJvms jvms = new BenchmarkJvms(directory);
        BenchmarkTable table = new BenchmarkTable(jvms, Integer.getInteger("benchmarks.turns", 7), wanted);
        new Benchmarks(jvms, table).run();
        table.print();
        try (var files = Files.walk(directory)) {
            files.sorted(Collections.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    private void run() throws Exception {
        Path kek = jvms.directory.resolve("kek");
        Files.writeString(kek, "00112233445566778899aabbccddeeff".repeat(2));
        if (!kek.toFile().setReadable(false, false) || !kek.toFile().setReadable(true, true)) {
            throw new IOException("no modes on files here");
        }
        jvms.trust(kek);
        jvms.publicKey = jvms.directory.resolve("public.pem");
        jvms.cloacina("key", "export", "bench", "--out", jvms.publicKey);
        BenchmarkJars jars = new BenchmarkJars(jvms.directory.resolve("jars"));
        Path one = jars.folderOfJars("one", 1);
        Path many = jars.folderOfJars("many", 500);
        Path shared = jars.folderOfJars("shared", 800);
        Path medium = jars.ofSize("medium.jar", 4_600_000);
        Path large = jars.ofSize("large.jar", 34_000_000);
        Path thousands = jars.ofClasses("thousands.jar", 5_000);
        for (Path target : new Path[] {one, many, shared, medium, large, thousands}) {
            jvms.sign(kek, target);
        }
        first = one;
        int row = 0;
        start(row++, one);
        first(row++, "first plugin, SQLite", 120, one, jvms.byStore());
        first(row++, "first plugin, offline", 60, one, jvms.offline());
        postgres(
                row++,
                kek,
                one,
                "first plugin, PostgreSQL",
                (at, name, plugin) ->
                        table.measure(at, name, "≤ 180 ms more", jdk -> loadMany(jdk, plugin, jvms.byStore())));
        ratio(row++, "load all classes of 4.6 MB", "≤ 1.10", "load-all", medium);
        ratio(row++, "load all classes of 34 MB", "≤ 1.10", "load-all", large);
        signed(row++, medium);
        classPath(row++, thousands);
        perClass(row++, "class without origin", "≤ 2 µs more", "define", thousands);
        perClass(row++, "class compared with its package", "≤ 10 µs more", "define-with-origin", thousands);
        contained(row++, kek, jars);
        extra(row++, "500 small plugins, SQLite", "≤ 0.7 ms more each", many, jvms.byStore());
        postgres(row++, kek, many, "500 small plugins, PostgreSQL", this::extra);
        threads(row++, "800 small plugins by 4 threads, SQLite", shared);
        postgres(row++, kek, shared, "800 small plugins by 4 threads, PostgreSQL", this::threads);
        ratio(row++, "code of a plugin, running", "1.0", "run", one.resolve("P000000.jar"));
        CommandLineBenchmarks commands = new CommandLineBenchmarks(jvms, table);
        commands.verify(row++, kek);
        commands.hash(row++);
        commands.signMany(row, kek, jars.folderOfJars("to-sign", 200));
    }

    private void start(int row, Path plugins) throws Exception {
        table.measure(
                row,
                "start of a program that prints a line",
                "≤ 1.6",
                jdk -> table.compare(
                                () -> jvms.wall(StartBenchmark.program(jdk, jvms.empty, List.of(), jvms.classes)),
                                () -> jvms.wall(StartBenchmark.program(jdk, jvms.guard, jvms.usual(), jvms.classes)),
                                BenchmarkTable::times)
                        + "; with a chained file for events "
                        + table.compare(
                                () -> jvms.wall(StartBenchmark.program(jdk, jvms.empty, List.of(), jvms.classes)),
                                () -> jvms.wall(StartBenchmark.program(jdk, jvms.guard, jvms.byStore(), jvms.classes)),
                                BenchmarkTable::times));
    }

    private void first(int row, String name, int target, Path one, List<String> options) throws Exception {
        table.measure(
                row,
                name,
                "≤ " + target + " ms more",
                jdk -> loadMany(jdk, one, options)
                        + String.format(
                                Locale.ROOT,
                                "; the libraries alone %.0f ms for a signature, %.0f ms for SQLite",
                                libraries(jdk, "signature", one.resolve("P000000.jar"), jvms.publicKey),
                                libraries(jdk, "store", jvms.directory.resolve("trust.db"))));
    }

    /** The first use of a library in a JVM without any of the guard's work. */
    private double libraries(Jdk jdk, String what, Path... arguments) throws Exception {
        double[] times = new double[table.turns];
        for (int turn = -1; turn < table.turns; turn++) {
            double time = jvms.host(
                    jdk,
                    jvms.empty,
                    List.of(),
                    jvms.classes + File.pathSeparator + jvms.cli,
                    BenchmarkLibraries.class,
                    what,
                    arguments);
            if (turn >= 0) {
                times[turn] = time;
            }
        }
        return BenchmarkTable.median(times);
    }

    private String loadMany(Jdk jdk, Path plugins, List<String> options) throws Exception {
        return table.compare(
                () -> jvms.host(jdk, jvms.empty, List.of(), jvms.classes.toString(), "load-many", plugins),
                () -> jvms.host(jdk, jvms.guard, options, jvms.classes.toString(), "load-many", plugins),
                BenchmarkTable::more);
    }

    private void extra(int row, String name, String target, Path plugins, List<String> options) throws Exception {
        table.measure(
                row,
                name,
                target,
                jdk -> loadMany(jdk, plugins, options) + newFile() + copiesInMemory(jdk, plugins, options));
    }

    private void extra(int row, String name, Path plugins) throws Exception {
        extra(row, name, "≤ 1 ms more each", plugins, jvms.byStore());
    }

    /** Four threads with a share of the plugins each, as a part of what one thread takes for all; without the guard, too. */
    private void threads(int row, String name, Path plugins) throws Exception {
        table.measure(
                row,
                name,
                "≤ 0.6 of one thread",
                jdk -> threads(jdk, jvms.guard, jvms.byStore(), plugins, "")
                        + "; processor time "
                        + threads(jdk, jvms.guard, jvms.byStore(), plugins, "-cpu")
                        + "; unguarded "
                        + threads(jdk, jvms.empty, List.of(), plugins, "")
                        + "; processor time "
                        + threads(jdk, jvms.empty, List.of(), plugins, "-cpu"));
    }

    private String threads(Jdk jdk, Path agent, List<String> options, Path plugins, String what) throws Exception {
        return table.compare(
                () -> jvms.host(jdk, agent, options, jvms.classes.toString(), "one-thread" + what, plugins, first),
                () -> jvms.host(jdk, agent, options, jvms.classes.toString(), "four-threads" + what, plugins, first),
                BenchmarkTable::times);
    }

    /** The same where a new file costs next to nothing. */
    private String copiesInMemory(Jdk jdk, Path plugins, List<String> options) throws Exception {
        Path memory = Path.of("/dev/shm");
        if (!Files.isWritable(memory)) {
            return "";
        }
        Path pins = Files.createTempDirectory(memory, "benchmarks");
        try {
            List<String> all = new ArrayList<>(options);
            all.add("-Dcloacina.pin_directory=" + pins);
            return "; copies in memory: " + loadMany(jdk, plugins, all);
        } finally {
            Files.delete(pins);
        }
    }

    private void ratio(int row, String name, String target, String what, Path jar) throws Exception {
        table.measure(
                row,
                name,
                target,
                jdk -> table.compareAll(
                                () -> jvms.host(jdk, jvms.empty, List.of(), jvms.classes.toString(), what, jar, first),
                                () -> jvms.host(
                                        jdk, jvms.guard, jvms.byStore(), jvms.classes.toString(), what, jar, first),
                                () -> jvms.host(
                                        jdk, jvms.watching, List.of(), jvms.classes.toString(), what, jar, first),
                                BenchmarkTable::times)
                        + (what.equals("load-all") ? copying(jdk, jar) : ""));
    }

    /** The pass over the file that every verification needs. */
    private String copying(Jdk jdk, Path jar) throws Exception {
        double[] times = new double[table.turns];
        for (int turn = 0; turn < table.turns; turn++) {
            times[turn] = jvms.host(jdk, jvms.empty, List.of(), jvms.classes.toString(), "copy-and-hash", jar, first);
        }
        return String.format(Locale.ROOT, "; one pass of copy and hash: %.0f ms", BenchmarkTable.median(times));
    }

    private void signed(int row, Path jar) throws Exception {
        Path keys = jvms.directory.resolve("keys.p12");
        Path signed = jvms.directory.resolve("signed.jar");
        Files.copy(jvms.directory.resolve("jars/medium.jar.index"), jvms.directory.resolve("signed.jar.index"));
        Path bin = Path.of(System.getProperty("java.home"), "bin");
        jvms.wall(List.of(
                bin.resolve("keytool").toString(),
                "-genkeypair",
                "-alias",
                "bench",
                "-keyalg",
                "EC",
                "-dname",
                "CN=bench",
                "-keystore",
                keys.toString(),
                "-storepass",
                "password"));
        jvms.wall(List.of(
                bin.resolve("jarsigner").toString(),
                "-keystore",
                keys.toString(),
                "-storepass",
                "password",
                "-signedjar",
                signed.toString(),
                jar.toString(),
                "bench"));
        table.measure(row, "4.6 MB, guarded / signed by jarsigner", "≤ 0.65", jdk -> {
            String unguarded = String.format(
                    Locale.ROOT,
                    "; unguarded %.2f",
                    table.compareValues(
                            () -> jvms.host(
                                    jdk, jvms.empty, List.of(), jvms.classes.toString(), "load-all", signed, first),
                            () -> jvms.host(
                                    jdk, jvms.empty, List.of(), jvms.classes.toString(), "load-all", jar, first),
                            (a, b) -> b / a));
            return table.compare(
                            () -> jvms.host(
                                    jdk, jvms.empty, List.of(), jvms.classes.toString(), "load-all", signed, first),
                            () -> jvms.host(
                                    jdk, jvms.guard, jvms.byStore(), jvms.classes.toString(), "load-all", jar, first),
                            BenchmarkTable::times)
                    + unguarded;
        });
    }

    /** In a program that loads no plugin. */
    private void classPath(int row, Path jar) throws Exception {
        String path = jvms.classes + File.pathSeparator + jar;
        table.measure(
                row,
                "5,000 classes of the application's class path",
                "≤ 1.05",
                jdk -> table.compareAll(
                        () -> jvms.host(jdk, jvms.empty, List.of(), path, "class-path", jar),
                        () -> jvms.host(jdk, jvms.guard, jvms.byStore(), path, "class-path", jar),
                        () -> jvms.host(jdk, jvms.watching, List.of(), path, "class-path", jar),
                        BenchmarkTable::times));
    }

    private void perClass(int row, String name, String target, String what, Path jar) throws Exception {
        table.measure(
                row,
                name,
                target,
                jdk -> table.compareAll(
                                () -> jvms.host(jdk, jvms.empty, List.of(), jvms.classes.toString(), what, jar, first),
                                () -> jvms.host(
                                        jdk, jvms.guard, jvms.byStore(), jvms.classes.toString(), what, jar, first),
                                () -> jvms.host(
                                        jdk, jvms.watching, List.of(), jvms.classes.toString(), what, jar, first),
                                (one, other) ->
                                        String.format(Locale.ROOT, "%.1f µs (%.1f / %.1f µs)", other - one, other, one))
                        + String.format(
                                Locale.ROOT,
                                "; reading its entry %.1f µs",
                                jvms.host(jdk, jvms.empty, List.of(), jvms.classes.toString(), "inflate", jar)));
    }

    /** A thousand open archives, and classes whose URL names none of them. */
    private void contained(int row, Path kek, BenchmarkJars jars) throws Exception {
        String name = "class of unknown origin, 1,000 archives of 1,000 classes open";
        if (!table.wants(name)) {
            return;
        }
        Path archives = jars.folderOfArchives("archives", 1_000, 1_000);
        jvms.sign(kek, archives);
        List<String> audit = new ArrayList<>(jvms.byStore());
        audit.set(0, "-Dcloacina.require_signatures=false");
        table.measure(
                row,
                name,
                "≤ 1 ms on average, ≤ 50 MB",
                jdk -> micros(jdk, "contained", archives, jvms.byStore()) + " in one; "
                        + micros(jdk, "contained-nowhere", archives, audit) + " in none; "
                        + table.compare(
                                () -> jvms.host(
                                        jdk,
                                        jvms.empty,
                                        List.of(),
                                        jvms.classes.toString(),
                                        "contained-heap",
                                        archives),
                                () -> jvms.host(
                                        jdk,
                                        jvms.guard,
                                        jvms.byStore(),
                                        jvms.classes.toString(),
                                        "contained-heap",
                                        archives),
                                (one, other) -> String.format(
                                        Locale.ROOT, "%.1f MB (%.1f / %.1f MB)", other - one, other, one)));
    }

    private String micros(Jdk jdk, String what, Path archives, List<String> options) throws Exception {
        return table.compare(
                () -> jvms.host(jdk, jvms.empty, List.of(), jvms.classes.toString(), what, archives),
                () -> jvms.host(jdk, jvms.guard, options, jvms.classes.toString(), what, archives),
                (one, other) -> String.format(Locale.ROOT, "%.0f µs (%.0f / %.1f µs)", other - one, other, one));
    }

    /** What the file system takes for a file such as a private copy: nothing else of a load costs as much. */
    private String newFile() throws IOException {
        double[] times = new double[200];
        Path place = Files.createTempDirectory("new-files");
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            Files.write(place.resolve("file" + i), new byte[500]);
            times[i] = (System.nanoTime() - start) / 1e6;
        }
        for (int i = 0; i < times.length; i++) {
            Files.delete(place.resolve("file" + i));
        }
        Files.delete(place);
        return String.format(Locale.ROOT, "; a new file %.2f ms", BenchmarkTable.median(times));
    }

    private interface Row {
        void measure(int row, String name, Path plugins) throws Exception;
    }

    private void postgres(int row, Path kek, Path plugins, String name, Row measured) throws Exception {
        if (!table.wants(name)) {
            return;
        }
        String sqlite = jvms.store;
        try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
            jvms.store = "postgres://postgres:x@localhost:" + server.getPort() + "/postgres";
            jvms.trust(kek);
            jvms.sign(kek, plugins);
            jvms.sign(kek, first);
            measured.measure(row, name, plugins);
        } finally {
            jvms.store = sqlite;
        }
        // The detached signatures are of this key now.
        jvms.sign(kek, plugins);
        jvms.sign(kek, first);
    }
}
