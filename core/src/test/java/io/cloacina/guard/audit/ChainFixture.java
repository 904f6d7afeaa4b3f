// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.ChainVerifier.Problem;
import io.cloacina.guard.audit.ChainVerifier.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** A record in a file, written and checked. */
abstract class ChainFixture {

    static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    static final AuditSettings USUAL = new AuditSettings(Duration.ofSeconds(5), 0, null, 0);

    @TempDir
    Path directory;

    Path file() {
        return directory.resolve("audit.jsonl");
    }

    AuditLog open(AuditSettings settings) throws IOException {
        return open(Clock.systemUTC(), settings);
    }

    AuditLog open(Clock clock, AuditSettings settings) throws IOException {
        return AuditLog.open(clock, List.of("file:" + file()), settings, ORG, "c0ffee", false);
    }

    void record(int events) throws Exception {
        try (AuditLog log = open(USUAL)) {
            record(log, events);
        }
    }

    static void record(AuditLog log, int events) throws AuditFailedException {
        for (int i = 0; i < events; i++) {
            log.recordInAll(AuditEvent.of("x", ORG).with("number", i));
        }
    }

    List<String> lines() throws IOException {
        return Files.readAllLines(file());
    }

    void write(List<String> lines) throws IOException {
        Files.write(file(), lines);
    }

    /** All files of the record. */
    List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> path.getFileName().toString().startsWith("audit.jsonl"))
                    .sorted()
                    .toList();
        }
    }

    Result check() throws IOException {
        return ChainVerifier.run(files(), List.of(), 0);
    }

    void requireComplete(long lines) throws IOException {
        Result result = check();
        assertNull(result.message());
        assertTrue(result.isComplete());
        assertEquals(lines, result.sound().lines());
        assertEquals(lines, result.sound().lastSequence());
    }

    /** The problem, the line of the file, and the sequence. */
    void requireProblem(Problem problem, long line, long sequence) throws IOException {
        Result result = check();
        assertEquals(problem, result.problem(), result.message());
        assertEquals(line, result.finding().line(), result.message());
        assertEquals(sequence, result.finding().sequence(), result.message());
        assertEquals(file(), result.finding().file());
    }
}
