// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** The rows of {@link Benchmarks} on the command line. */
final class CommandLineBenchmarks {

    private static final long GIB = 1L << 30;

    private final BenchmarkJvms jvms;
    private final BenchmarkTable table;

    CommandLineBenchmarks(BenchmarkJvms jvms, BenchmarkTable table) {
        this.jvms = jvms;
        this.table = table;
    }

    void verify(int row, Path kek) throws Exception {
        String name = "CLI verify of 1 MB";
        if (!table.wants(name)) {
            return;
        }
        Path file = random("one-megabyte.bin", 1_000_000);
        jvms.sign(kek, file);
        table.measure(row, name, "≤ 180 ms", jdk -> {
            double[] bare = new double[table.turns];
            double[] byStore = new double[table.turns];
            double[] offline = new double[table.turns];
            for (int turn = -1; turn < table.turns; turn++) {
                double a = jvms.wall(StartBenchmark.program(jdk, null, List.of(), jvms.classes));
                double b = jvms.wall(jvms.cloacinaCommand(jdk, List.of(), "verify", file));
                double c =
                        jvms.wall(jvms.cloacinaCommand(jdk, List.of(), "verify", file, "--public-key", jvms.publicKey));
                if (turn >= 0) {
                    bare[turn] = a;
                    byStore[turn] = b;
                    offline[turn] = c;
                }
            }
            return String.format(
                    Locale.ROOT,
                    "%.0f ms SQLite, %.0f ms offline (a JVM that prints a line: %.0f)",
                    BenchmarkTable.median(byStore),
                    BenchmarkTable.median(offline),
                    BenchmarkTable.median(bare));
        });
    }

    void hash(int row) throws Exception {
        String name = "CLI verify of 1 GiB / openssl dgst -sha256";
        if (!table.wants(name)) {
            return;
        }
        Path small = random("small.bin", 1);
        Path big = random("big.bin", GIB);
        Path twin = random("twin.bin", GIB);
        table.measure(row, name, "≤ 1.5", jdk -> {
            List<String> heap = List.of("-Xmx64m");
            double[] ratios = new double[table.turns];
            double[] twins = new double[table.turns];
            double[] openssl = new double[table.turns];
            for (int turn = -1; turn < table.turns; turn++) {
                double limit = jvms.wall(List.of("openssl", "dgst", "-sha256", big.toString()));
                double start = jvms.wallOfAnyStatus(
                        jvms.cloacinaCommand(jdk, heap, "verify", small, "--public-key", jvms.publicKey));
                double one = jvms.wallOfAnyStatus(
                        jvms.cloacinaCommand(jdk, heap, "verify", big, "--public-key", jvms.publicKey));
                double two = jvms.wallOfAnyStatus(
                        jvms.cloacinaCommand(jdk, heap, "verify", big, twin, "--public-key", jvms.publicKey));
                if (turn >= 0) {
                    openssl[turn] = limit;
                    ratios[turn] = (one - start) / limit;
                    twins[turn] = (two - start) / (2 * limit);
                }
            }
            return String.format(
                    Locale.ROOT,
                    "%.2f; two files at once %.2f (openssl %.0f ms)",
                    BenchmarkTable.median(ratios),
                    BenchmarkTable.median(twins),
                    BenchmarkTable.median(openssl));
        });
    }

    void signMany(int row, Path kek, Path plugins) throws Exception {
        table.measure(row, "CLI sign of 200 small packages in one call", "≤ 5 ms each", jdk -> {
            double[] times = new double[table.turns];
            double[] synced = new double[table.turns];
            for (int turn = -1; turn < table.turns; turn++) {
                for (File file : plugins.toFile().listFiles()) {
                    if (file.getName().endsWith(".sig")) {
                        Files.delete(file.toPath());
                    } else {
                        // Another package each time, or the signature would be there already.
                        Files.write(file.toPath(), random(16), java.nio.file.StandardOpenOption.APPEND);
                    }
                }
                double time = jvms.wall(
                        jvms.cloacinaCommand(jdk, List.of(), "sign", plugins, "--key", "bench", "--kek-file", kek));
                double sync = syncMillis(200);
                if (turn >= 0) {
                    times[turn] = time / 200;
                    synced[turn] = sync / 200;
                }
            }
            return String.format(
                    Locale.ROOT,
                    "%.2f ms each, start included (200 small files, each forced to the disk: %.2f ms each)",
                    BenchmarkTable.median(times),
                    BenchmarkTable.median(synced));
        });
    }

    private double syncMillis(int files) throws IOException {
        Path place = Files.createDirectories(jvms.directory.resolve("synced"));
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

    private Path random(String name, long sizeBytes) throws IOException {
        Path file = jvms.directory.resolve(name);
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
}
