// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs Jazzer on each harness for a while, one after the other. What it finds is put beside the saved inputs, where the
 * ordinary tests fail on it until it is mended.
 */
public final class FuzzRun {

    private FuzzRun() {}

    /**
     * Ends with status 1 if anything was found.
     *
     * @param args the directory of saved inputs, in which each harness has a directory by the name of its class; a
     *     directory for the inputs that reach new code; how many seconds for each. The property {@code fuzz.harness}
     *     has a part of the names of the harnesses that are wanted
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        List<String> found = new ArrayList<>();
        String wanted = System.getProperty("fuzz.harness", "");
        for (Path saved : directories(Path.of(args[0]))) {
            String harness = saved.getFileName().toString();
            if (harness.contains(wanted) && run(harness, saved, Path.of(args[1]), args[2]) != 0) {
                found.add(harness);
            }
        }
        if (!found.isEmpty()) {
            throw new AssertionError("failures in " + found + ": the inputs are in [" + args[0] + "]");
        }
    }

    private static List<Path> directories(Path inputs) throws IOException {
        try (Stream<Path> directories = Files.list(inputs)) {
            return directories.sorted().toList();
        }
    }

    private static int run(String harness, Path saved, Path work, String seconds)
            throws IOException, InterruptedException {
        Path corpus = Files.createDirectories(work.resolve(harness));
        Path temporary = Files.createDirectories(work.resolve("tmp"));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // Little, so that an input which takes much memory shows.
                        "-Xmx384m",
                        "-Djava.io.tmpdir=" + temporary.toAbsolutePath(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + harness,
                        "--instrumentation_includes=io.cloacina.guard.**",
                        "--reproducer_path=" + work.toAbsolutePath(),
                        "-artifact_prefix=" + saved.toAbsolutePath() + File.separator,
                        "-max_total_time=" + seconds,
                        "-max_len=100000",
                        // Seconds for one input: far more than any takes that takes a time in proportion to its length.
                        "-timeout=10",
                        "-print_final_stats=1",
                        corpus.toAbsolutePath().toString(),
                        saved.toAbsolutePath().toString())
                .inheritIO()
                .start()
                .waitFor();
    }
}
