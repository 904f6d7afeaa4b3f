// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.BenchmarkHost;
import io.cloacina.guard.agent.hosts.BenchmarkLibraries;
import io.cloacina.guard.agent.hosts.EmptyAgent;
import io.cloacina.guard.agent.hosts.WatchingAgent;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
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

    private static final String ORG = "00000000-0000-4000-8000-000000000001";
    private static final long GIB = 1L << 30;

    private final Path directory;
    private final Path classes;
    private final Path guard;
    private final Path empty;
    private final Path watching;
    private final Path cli;
    private final int turns;
    private final Predicate<String> wanted;
    private final TreeMap<Integer, String[]> rows = new TreeMap<>();
    private final List<Jdk> jdks = Jdks.all();
    private String store;
    /** Of the last host, whole. */
    private double cpuMillis;

    private Path publicKey;
    private Path first;

    private Benchmarks(Path directory, int turns, Predicate<String> wanted) throws Exception {
        this.directory = directory;
        this.turns = turns;
        this.wanted = wanted;
        this.classes = Path.of(Benchmarks.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        this.guard = classes.resolveSibling("cloacina-guard.jar");
        this.cli = classes.resolve("../../../core/target/cloacina.jar").normalize();
        this.empty = StartBenchmark.agentJar(directory.resolve("empty.jar"), classes, EmptyAgent.class);
        this.watching = StartBenchmark.agentJar(directory.resolve("watching.jar"), classes, WatchingAgent.class);
        this.store = "sqlite://" + directory.resolve("trust.db");
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory("benchmarks");
        String names = System.getProperty("benchmarks", "");
        Predicate<String> wanted =
                name -> Arrays.stream(names.split(",")).anyMatch(word -> name.contains(word.strip()));
        Benchmarks all = new Benchmarks(directory, Integer.getInteger("benchmarks.turns", 7), wanted);
        all.run();
        all.print();
        try (var files = Files.walk(directory)) {
            files.sorted(Collections.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }

    private void run() throws Exception {
        Path kek = directory.resolve("kek");
        Files.writeString(kek, "00112233445566778899aabbccddeeff".repeat(2));
        if (!kek.toFile().setReadable(false, false) || !kek.toFile().setReadable(true, true)) {
            throw new IOException("no modes on files here");
        }
        trust(kek);
        publicKey = directory.resolve("public.pem");
        cloacina("key", "export", "bench", "--out", publicKey);
        BenchmarkJars jars = new BenchmarkJars(directory.resolve("jars"));
        Path one = jars.folderOfJars("one", 1);
        Path many = jars.folderOfJars("many", 500);
        Path shared = jars.folderOfJars("shared", 800);
        Path medium = jars.ofSize("medium.jar", 4_600_000);
        Path large = jars.ofSize("large.jar", 34_000_000);
        Path thousands = jars.ofClasses("thousands.jar", 5_000);
        for (Path target : new Path[] {one, many, shared, medium, large, thousands}) {
            sign(kek, target);
        }
        first = one;
        int row = 0;
        start(row++, one);
        first(row++, "first plugin, SQLite", 120, one, byStore());
        first(row++, "first plugin, offline", 60, one, offline());
        postgres(
                row++,
                kek,
                one,
                "first plugin, PostgreSQL",
                (at, name, plugin) -> measure(at, name, "≤ 180 ms more", jdk -> loadMany(jdk, plugin, byStore())));
        ratio(row++, "load all classes of 4.6 MB", "≤ 1.10", "load-all", medium);
        ratio(row++, "load all classes of 34 MB", "≤ 1.10", "load-all", large);
        signed(row++, medium);
        classPath(row++, thousands);
        perClass(row++, "class without origin", "≤ 2 µs more", "define", thousands);
        perClass(row++, "class compared with its package", "≤ 10 µs more", "define-with-origin", thousands);
        contained(row++, kek, jars);
        extra(row++, "500 small plugins, SQLite", "≤ 0.7 ms more each", many, byStore());
        postgres(row++, kek, many, "500 small plugins, PostgreSQL", this::extra);
        threads(row++, "800 small plugins by 4 threads, SQLite", shared);
        postgres(row++, kek, shared, "800 small plugins by 4 threads, PostgreSQL", this::threads);
        ratio(row++, "code of a plugin, running", "1.0", "run", one.resolve("P000000.jar"));
        verify(row++, kek);
        hash(row++);
        signMany(row, kek, jars.folderOfJars("to-sign", 200));
    }

    private void trust(Path kek) throws Exception {
        cloacina("key", "create", "bench", "--kek-file", kek);
        cloacina("trust", "add", "--key", "bench");
    }

    private void sign(Path kek, Path target) throws Exception {
        cloacina("sign", target, "--key", "bench", "--kek-file", kek);
    }

    private void start(int row, Path plugins) throws Exception {
        measure(
                row,
                "start of a program that prints a line",
                "≤ 1.6",
                jdk -> compare(
                                () -> wall(StartBenchmark.program(jdk, empty, List.of(), classes)),
                                () -> wall(StartBenchmark.program(jdk, guard, usual(), classes)),
                                Benchmarks::times)
                        + "; with a chained file for events "
                        + compare(
                                () -> wall(StartBenchmark.program(jdk, empty, List.of(), classes)),
                                () -> wall(StartBenchmark.program(jdk, guard, byStore(), classes)),
                                Benchmarks::times));
    }

    private void first(int row, String name, int target, Path one, List<String> options) throws Exception {
        measure(
                row,
                name,
                "≤ " + target + " ms more",
                jdk -> loadMany(jdk, one, options)
                        + String.format(
                                Locale.ROOT,
                                "; the libraries alone %.0f ms for a signature, %.0f ms for SQLite",
                                libraries(jdk, "signature", one.resolve("P000000.jar"), publicKey),
                                libraries(jdk, "store", directory.resolve("trust.db"))));
    }

    /** The first use of a library in a JVM without any of the guard's work. */
    private double libraries(Jdk jdk, String what, Path... arguments) throws Exception {
        double[] times = new double[turns];
        for (int turn = -1; turn < turns; turn++) {
            double time = host(
                    jdk,
                    empty,
                    List.of(),
                    classes + File.pathSeparator + cli,
                    BenchmarkLibraries.class,
                    what,
                    arguments);
            if (turn >= 0) {
                times[turn] = time;
            }
        }
        return median(times);
    }

    private String loadMany(Jdk jdk, Path plugins, List<String> options) throws Exception {
        return compare(
                () -> host(jdk, empty, List.of(), classes.toString(), "load-many", plugins),
                () -> host(jdk, guard, options, classes.toString(), "load-many", plugins),
                Benchmarks::more);
    }

    private void extra(int row, String name, String target, Path plugins, List<String> options) throws Exception {
        measure(
                row,
                name,
                target,
                jdk -> loadMany(jdk, plugins, options) + newFile() + copiesInMemory(jdk, plugins, options));
    }

    private void extra(int row, String name, Path plugins) throws Exception {
        extra(row, name, "≤ 1 ms more each", plugins, byStore());
    }

    /** Four threads with a share of the plugins each, as a part of what one thread takes for all; without the guard, too. */
    private void threads(int row, String name, Path plugins) throws Exception {
        measure(
                row,
                name,
                "≤ 0.6 of one thread",
                jdk -> threads(jdk, guard, byStore(), plugins, "")
                        + "; processor time "
                        + threads(jdk, guard, byStore(), plugins, "-cpu")
                        + "; unguarded "
                        + threads(jdk, empty, List.of(), plugins, "")
                        + "; processor time "
                        + threads(jdk, empty, List.of(), plugins, "-cpu"));
    }

    private String threads(Jdk jdk, Path agent, List<String> options, Path plugins, String what) throws Exception {
        return compare(
                () -> host(jdk, agent, options, classes.toString(), "one-thread" + what, plugins, first),
                () -> host(jdk, agent, options, classes.toString(), "four-threads" + what, plugins, first),
                Benchmarks::times);
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
        measure(
                row,
                name,
                target,
                jdk -> compareAll(
                                () -> host(jdk, empty, List.of(), classes.toString(), what, jar, first),
                                () -> host(jdk, guard, byStore(), classes.toString(), what, jar, first),
                                () -> host(jdk, watching, List.of(), classes.toString(), what, jar, first),
                                Benchmarks::times)
                        + (what.equals("load-all") ? copying(jdk, jar) : ""));
    }

    /** The pass over the file that every verification needs. */
    private String copying(Jdk jdk, Path jar) throws Exception {
        double[] times = new double[turns];
        for (int turn = 0; turn < turns; turn++) {
            times[turn] = host(jdk, empty, List.of(), classes.toString(), "copy-and-hash", jar, first);
        }
        return String.format(Locale.ROOT, "; one pass of copy and hash: %.0f ms", median(times));
    }

    private void signed(int row, Path jar) throws Exception {
        Path keys = directory.resolve("keys.p12");
        Path signed = directory.resolve("signed.jar");
        Files.copy(directory.resolve("jars/medium.jar.index"), directory.resolve("signed.jar.index"));
        Path bin = Path.of(System.getProperty("java.home"), "bin");
        wall(List.of(
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
        wall(List.of(
                bin.resolve("jarsigner").toString(),
                "-keystore",
                keys.toString(),
                "-storepass",
                "password",
                "-signedjar",
                signed.toString(),
                jar.toString(),
                "bench"));
        measure(row, "4.6 MB, guarded / signed by jarsigner", "≤ 0.65", jdk -> {
            String unguarded = String.format(
                    Locale.ROOT,
                    "; unguarded %.2f",
                    compareValues(
                            () -> host(jdk, empty, List.of(), classes.toString(), "load-all", signed, first),
                            () -> host(jdk, empty, List.of(), classes.toString(), "load-all", jar, first),
                            (a, b) -> b / a));
            return compare(
                            () -> host(jdk, empty, List.of(), classes.toString(), "load-all", signed, first),
                            () -> host(jdk, guard, byStore(), classes.toString(), "load-all", jar, first),
                            Benchmarks::times)
                    + unguarded;
        });
    }

    /** In a program that loads no plugin. */
    private void classPath(int row, Path jar) throws Exception {
        String path = classes + File.pathSeparator + jar;
        measure(
                row,
                "5,000 classes of the application's class path",
                "≤ 1.05",
                jdk -> compareAll(
                        () -> host(jdk, empty, List.of(), path, "class-path", jar),
                        () -> host(jdk, guard, byStore(), path, "class-path", jar),
                        () -> host(jdk, watching, List.of(), path, "class-path", jar),
                        Benchmarks::times));
    }

    private void perClass(int row, String name, String target, String what, Path jar) throws Exception {
        measure(
                row,
                name,
                target,
                jdk -> compareAll(
                                () -> host(jdk, empty, List.of(), classes.toString(), what, jar, first),
                                () -> host(jdk, guard, byStore(), classes.toString(), what, jar, first),
                                () -> host(jdk, watching, List.of(), classes.toString(), what, jar, first),
                                (one, other) ->
                                        String.format(Locale.ROOT, "%.1f µs (%.1f / %.1f µs)", other - one, other, one))
                        + String.format(
                                Locale.ROOT,
                                "; reading its entry %.1f µs",
                                host(jdk, empty, List.of(), classes.toString(), "inflate", jar)));
    }

    /** A thousand open archives, and classes whose URL names none of them. */
    private void contained(int row, Path kek, BenchmarkJars jars) throws Exception {
        String name = "class of unknown origin, 1,000 archives of 1,000 classes open";
        if (!wanted.test(name)) {
            return;
        }
        Path archives = jars.folderOfArchives("archives", 1_000, 1_000);
        sign(kek, archives);
        List<String> audit = new ArrayList<>(byStore());
        audit.set(0, "-Dcloacina.require_signatures=false");
        measure(
                row,
                name,
                "≤ 1 ms on average, ≤ 50 MB",
                jdk -> micros(jdk, "contained", archives, byStore()) + " in one; "
                        + micros(jdk, "contained-nowhere", archives, audit) + " in none; "
                        + compare(
                                () -> host(jdk, empty, List.of(), classes.toString(), "contained-heap", archives),
                                () -> host(jdk, guard, byStore(), classes.toString(), "contained-heap", archives),
                                (one, other) -> String.format(
                                        Locale.ROOT, "%.1f MB (%.1f / %.1f MB)", other - one, other, one)));
    }

    private String micros(Jdk jdk, String what, Path archives, List<String> options) throws Exception {
        return compare(
                () -> host(jdk, empty, List.of(), classes.toString(), what, archives),
                () -> host(jdk, guard, options, classes.toString(), what, archives),
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
        return String.format(Locale.ROOT, "; a new file %.2f ms", median(times));
    }

    private interface Row {
        void measure(int row, String name, Path plugins) throws Exception;
    }

    private void postgres(int row, Path kek, Path plugins, String name, Row measured) throws Exception {
        if (!wanted.test(name)) {
            return;
        }
        String sqlite = store;
        try (EmbeddedPostgres server = EmbeddedPostgres.builder().start()) {
            store = "postgres://postgres:x@localhost:" + server.getPort() + "/postgres";
            trust(kek);
            sign(kek, plugins);
            sign(kek, first);
            measured.measure(row, name, plugins);
        } finally {
            store = sqlite;
        }
        // The detached signatures are of this key now.
        sign(kek, plugins);
        sign(kek, first);
    }

    private void verify(int row, Path kek) throws Exception {
        String name = "CLI verify of 1 MB";
        if (!wanted.test(name)) {
            return;
        }
        Path file = random("one-megabyte.bin", 1_000_000);
        sign(kek, file);
        measure(row, name, "≤ 180 ms", jdk -> {
            double[] bare = new double[turns];
            double[] byStore = new double[turns];
            double[] offline = new double[turns];
            for (int turn = -1; turn < turns; turn++) {
                double a = wall(StartBenchmark.program(jdk, null, List.of(), classes));
                double b = wall(cloacinaCommand(jdk, List.of(), "verify", file));
                double c = wall(cloacinaCommand(jdk, List.of(), "verify", file, "--public-key", publicKey));
                if (turn >= 0) {
                    bare[turn] = a;
                    byStore[turn] = b;
                    offline[turn] = c;
                }
            }
            return String.format(
                    Locale.ROOT,
                    "%.0f ms SQLite, %.0f ms offline (a JVM that prints a line: %.0f)",
                    median(byStore),
                    median(offline),
                    median(bare));
        });
    }

    private void hash(int row) throws Exception {
        String name = "CLI verify of 1 GiB / openssl dgst -sha256";
        if (!wanted.test(name)) {
            return;
        }
        Path small = random("small.bin", 1);
        Path big = random("big.bin", GIB);
        Path twin = random("twin.bin", GIB);
        measure(row, name, "≤ 1.5", jdk -> {
            List<String> heap = List.of("-Xmx64m");
            double[] ratios = new double[turns];
            double[] twins = new double[turns];
            double[] openssl = new double[turns];
            for (int turn = -1; turn < turns; turn++) {
                double limit = wall(List.of("openssl", "dgst", "-sha256", big.toString()));
                double start = wallOfAnyStatus(cloacinaCommand(jdk, heap, "verify", small, "--public-key", publicKey));
                double one = wallOfAnyStatus(cloacinaCommand(jdk, heap, "verify", big, "--public-key", publicKey));
                double two =
                        wallOfAnyStatus(cloacinaCommand(jdk, heap, "verify", big, twin, "--public-key", publicKey));
                if (turn >= 0) {
                    openssl[turn] = limit;
                    ratios[turn] = (one - start) / limit;
                    twins[turn] = (two - start) / (2 * limit);
                }
            }
            return String.format(
                    Locale.ROOT,
                    "%.2f; two files at once %.2f (openssl %.0f ms)",
                    median(ratios),
                    median(twins),
                    median(openssl));
        });
    }

    private void signMany(int row, Path kek, Path plugins) throws Exception {
        measure(row, "CLI sign of 200 small packages in one call", "≤ 5 ms each", jdk -> {
            double[] times = new double[turns];
            double[] synced = new double[turns];
            for (int turn = -1; turn < turns; turn++) {
                for (File file : plugins.toFile().listFiles()) {
                    if (file.getName().endsWith(".sig")) {
                        Files.delete(file.toPath());
                    } else {
                        // Another package each time, or the signature would be there already.
                        Files.write(file.toPath(), random(16), java.nio.file.StandardOpenOption.APPEND);
                    }
                }
                double time =
                        wall(cloacinaCommand(jdk, List.of(), "sign", plugins, "--key", "bench", "--kek-file", kek));
                double sync = syncMillis(200);
                if (turn >= 0) {
                    times[turn] = time / 200;
                    synced[turn] = sync / 200;
                }
            }
            return String.format(
                    Locale.ROOT,
                    "%.2f ms each, start included (200 small files, each forced to the disk: %.2f ms each)",
                    median(times),
                    median(synced));
        });
    }

    private double syncMillis(int files) throws IOException {
        Path place = Files.createDirectories(directory.resolve("synced"));
        long start = System.nanoTime();
        for (int i = 0; i < files; i++) {
            try (var channel = java.nio.channels.FileChannel.open(
                    place.resolve("file" + i),
                    Set.of(java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE))) {
                channel.write(java.nio.ByteBuffer.allocate(400));
                channel.force(true);
            }
        }
        return (System.nanoTime() - start) / 1e6;
    }

    /** By the store, and nothing else than it must be: events go to standard error. */
    private List<String> usual() {
        return List.of(
                "-Dcloacina.require_signatures=true",
                "-Dcloacina.database_url=" + store,
                "-Dcloacina.verification_org_id=" + ORG);
    }

    private List<String> byStore() {
        List<String> options = new ArrayList<>(usual());
        options.add("-Dcloacina.audit=file:" + directory.resolve("events"));
        return options;
    }

    private List<String> offline() {
        return List.of(
                "-Dcloacina.require_signatures=true",
                "-Dcloacina.audit=file:" + directory.resolve("events"),
                "-Dcloacina.trusted_keys=" + publicKey);
    }

    private double host(Jdk jdk, Path agent, List<String> options, String path, String what, Path... arguments)
            throws Exception {
        return host(jdk, agent, options, path, BenchmarkHost.class, what, arguments);
    }

    private double host(
            Jdk jdk, Path agent, List<String> options, String path, Class<?> program, String what, Path... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(jdk.java().toString(), "-javaagent:" + agent));
        command.addAll(options);
        command.addAll(List.of("-cp", path, program.getName(), what));
        for (Path argument : arguments) {
            command.add(argument.toString());
        }
        // Whole JVMs: what a program computes about itself misses the threads that have ended, and takes classes of its
        // own.
        List<String> timed = new ArrayList<>(List.of("bash", "-c", "TIMEFORMAT='%3U %3S'; time \"$@\"", "timed"));
        timed.addAll(command);
        double result = Double.parseDouble(output(timed).strip());
        String[] times = Files.readString(directory.resolve("err"))
                .strip()
                .replace(',', '.')
                .split("\\s+");
        cpuMillis = 1000 * (Double.parseDouble(times[times.length - 2]) + Double.parseDouble(times[times.length - 1]));
        return result;
    }

    private List<String> cloacinaCommand(Jdk jdk, List<String> options, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(jdk.java().toString()));
        command.addAll(options);
        command.addAll(List.of("-jar", cli.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    private void cloacina(Object... arguments) throws Exception {
        wall(cloacinaCommand(jdks.get(0), List.of(), arguments));
    }

    private ProcessBuilder process(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("CLOACINA_") || name.equals("JAVA_TOOL_OPTIONS"));
        if (command.contains(cli.toString())) {
            builder.environment().put("CLOACINA_DATABASE_URL", store);
            builder.environment().put("CLOACINA_ORG_ID", ORG);
            builder.environment().put("CLOACINA_AUDIT", "file:" + directory.resolve("cli-events"));
        }
        return builder.redirectError(directory.resolve("err").toFile());
    }

    private String output(List<String> command) throws Exception {
        Process process = process(command).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        requireDone(command, process.waitFor());
        return out;
    }

    private double wall(List<String> command) throws Exception {
        long start = System.nanoTime();
        output(command);
        return (System.nanoTime() - start) / 1e6;
    }

    private double wallOfAnyStatus(List<String> command) throws Exception {
        long start = System.nanoTime();
        process(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        return (System.nanoTime() - start) / 1e6;
    }

    private void requireDone(List<String> command, int status) throws IOException {
        if (status != 0) {
            throw new IllegalStateException("status " + status + " of " + String.join(" ", command) + "\n"
                    + Files.readString(directory.resolve("err")));
        }
    }

    private Path random(String name, long sizeBytes) throws IOException {
        Path file = directory.resolve(name);
        try (var out = Files.newOutputStream(file)) {
            for (long left = sizeBytes; left > 0; left -= 1 << 20) {
                out.write(random((int) Math.min(left, 1 << 20)));
            }
        }
        return file;
    }

    private static byte[] random(int sizeBytes) {
        byte[] bytes = new byte[sizeBytes];
        new Random().nextBytes(bytes);
        return bytes;
    }

    /** One measurement, in milliseconds or whatever unit. */
    private interface Sample {
        double take() throws Exception;
    }

    private interface Measurement {
        String on(Jdk jdk) throws Exception;
    }

    private interface Shown {
        String text(double baseline, double guarded);
    }

    private String compare(Sample baseline, Sample guarded, Shown shown) throws Exception {
        double[][] taken = take(baseline, guarded);
        return shown.text(median(taken[0]), median(taken[1]));
    }

    /** With the processor time of the whole JVMs, and with what {@link WatchingAgent} costs beside it. */
    private String compareAll(Sample baseline, Sample guarded, Sample watching, Shown shown) throws Exception {
        double[][] cpu = new double[3][turns];
        double[][] taken = take(cpu, baseline, guarded, watching);
        return shown.text(median(taken[0]), median(taken[1])) + "; processor time of the whole JVM "
                + times(median(cpu[0]), median(cpu[1])) + "; one transformer that does nothing: "
                + shown.text(median(taken[0]), median(taken[2])) + ", processor time "
                + times(median(cpu[0]), median(cpu[2]));
    }

    private double compareValues(Sample baseline, Sample guarded, DoubleBinaryOperator operator) throws Exception {
        double[][] taken = take(baseline, guarded);
        return operator.applyAsDouble(median(taken[0]), median(taken[1]));
    }

    private double[][] take(Sample... samples) throws Exception {
        return take(new double[samples.length][turns], samples);
    }

    /** @param cpu gets the processor time of each JVM, in milliseconds */
    private double[][] take(double[][] cpu, Sample... samples) throws Exception {
        double[][] taken = new double[samples.length][turns];
        for (int turn = -1; turn < turns; turn++) {
            for (int i = 0; i < samples.length; i++) {
                double one = samples[i].take();
                if (turn >= 0) {
                    taken[i][turn] = one;
                    cpu[i][turn] = cpuMillis;
                }
            }
        }
        return taken;
    }

    private static String times(double baseline, double guarded) {
        return String.format(Locale.ROOT, "%.2f (%.0f / %.0f ms)", guarded / baseline, guarded, baseline);
    }

    private static String more(double baseline, double guarded) {
        return String.format(Locale.ROOT, "%.2f ms (%.2f / %.2f ms)", guarded - baseline, guarded, baseline);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private void measure(int row, String name, String target, Measurement measurement) throws Exception {
        if (!wanted.test(name)) {
            return;
        }
        String[] cells = new String[2 + jdks.size()];
        cells[0] = name;
        cells[1] = target;
        for (int i = 0; i < jdks.size(); i++) {
            cells[2 + i] = measurement.on(jdks.get(i));
            System.out.println(name + ", " + jdks.get(i) + ": " + cells[2 + i]);
        }
        rows.put(row, cells);
    }

    private void print() {
        BinaryOperator<String> join = (one, other) -> one + " | " + other;
        StringBuilder head = new StringBuilder("\n| measure | target |");
        StringBuilder rule = new StringBuilder("|---|---|");
        for (Jdk jdk : jdks) {
            head.append(" Java ").append(jdk.feature()).append(" |");
            rule.append("---|");
        }
        System.out.println(head + "\n" + rule);
        for (String[] cells : rows.values()) {
            System.out.println("| " + Arrays.stream(cells).reduce(join).orElseThrow() + " |");
        }
    }
}
