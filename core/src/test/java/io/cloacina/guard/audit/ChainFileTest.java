// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.audit.ChainVerifier.Problem;
import io.cloacina.guard.audit.ChainVerifier.Result;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of the chain: how they rotate, and what becomes of the record when they are changed, lost or locked. */
class ChainFileTest extends ChainFixture {

    @Test
    void rotation_bySize_keepsTheChainAndTheMode() throws Exception {
        record(1);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        try (AuditLog log = open(new AuditSettings(Duration.ofSeconds(5), 64 << 10, null, 0))) {
            record(log, 999);
        }

        List<Path> files = files();
        assertTrue(files.size() >= 4, files.toString());
        requireComplete(1_000);
        for (Path file : files) {
            assertTrue(Files.size(file) <= 64 << 10, file + " " + Files.size(file));
            assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
        assertTrue(files.get(1).toString().matches(".*audit\\.jsonl\\.[0-9]{12}"), files.toString());
        // A process that finds only rotated files goes on behind them.
        Files.delete(file());
        Result cut = check();
        assertTrue(cut.isComplete(), "nothing tells of the end without a checkpoint");
        record(1);
        assertEquals(cut.sound().lastSequence() + 1, check().sound().lastSequence());
        // A whole file that is gone shows.
        Files.delete(files.get(2));
        assertEquals(Problem.REMOVED, check().problem());
        assertTrue(check().message().contains("are missing before it, behind [audit.jsonl.0000"), check().message());
    }

    @Test
    void rotation_keepsOnlySoManyFiles_andTheRecordSaysSo() throws Exception {
        try (AuditLog log = open(new AuditSettings(Duration.ofSeconds(5), 64 << 10, null, 2))) {
            record(log, 2_000);
        }

        assertEquals(3, files().size());
        Result result = check();
        assertTrue(result.isComplete(), result.message());
        assertTrue(result.sound().firstSequence() > 1);
        assertEquals(2_000, result.sound().lastSequence());
        // One more that is gone is not explained by that.
        Files.delete(files().get(1));
        assertEquals(Problem.REMOVED, check().problem());
        assertTrue(check().message().contains("--from "), check().message());
        assertTrue(ChainVerifier.run(files(), List.of(), check().sound().firstSequence())
                .isComplete());
    }

    @Test
    void rotation_byAge_asksTheClockOfTheEvents() throws Exception {
        Instant[] now = {Instant.parse("2026-01-28T12:00:00Z")};
        Clock clock = new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now[0];
            }
        };
        AuditSettings daily = new AuditSettings(Duration.ofSeconds(5), 0, Duration.ofDays(1), 0);
        try (AuditLog log = open(clock, daily)) {
            record(log, 2);
            now[0] = now[0].plus(Duration.ofHours(23));
            record(log, 1);
        }
        assertEquals(1, files().size());
        now[0] = now[0].plus(Duration.ofHours(1));
        try (AuditLog log = open(clock, daily)) {
            record(log, 2);
        }

        assertEquals(2, files().size());
        assertEquals(2, lines().size());
        requireComplete(5);
    }

    @Test
    void fileThatIsRenamedOrRemoved_isMadeAnew_andTheChainGoesOn() throws Exception {
        try (AuditLog log = open(USUAL)) {
            record(log, 3);
            Files.move(file(), directory.resolve("audit.jsonl.1"));
            record(log, 2);
            requireComplete(5);
            Files.delete(file());
            record(log, 1);
        }

        assertEquals(Problem.REMOVED, check().problem());
        assertEquals(4, check().finding().sequence());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 400})
    void fileThatIsCut_showsAsSoonAsTheProcessGoesOn(int rest) throws Exception {
        try (AuditLog log = open(USUAL)) {
            record(log, 4);
            try (var channel = Files.newByteChannel(file(), StandardOpenOption.WRITE)) {
                channel.truncate(rest);
            }
            record(log, 1);
        }

        assertFalse(check().isComplete());
        assertFields(JsonLines.object(lines().get(lines().size() - 1)), "sequence", 5);
    }

    @Test
    void folderThatIsRemoved_isAFailureUntilItIsBack() throws Exception {
        Path inner = Files.createDirectory(directory.resolve("logs"));
        Path record = inner.resolve("a.jsonl");
        try (AuditLog log = AuditLog.open(Clock.systemUTC(), List.of("file:" + record), USUAL, ORG, null, false)) {
            record(log, 2);
            Files.move(inner, directory.resolve("elsewhere"));
            AuditFailedException e = assertThrows(AuditFailedException.class, () -> record(log, 1));
            assertTrue(e.getMessage().contains("the directory of [" + record + "] is not there"), e.getMessage());
            Files.createDirectory(inner);
            record(log, 1);
        }

        Path before = directory.resolve("elsewhere/a.jsonl");
        Result result = ChainVerifier.run(List.of(record, before), List.of(), 0);
        assertTrue(result.isComplete(), result.message());
        assertFields(
                JsonLines.events("guard.degraded", Files.readAllLines(record)).get(0), "state", "recovered");
    }

    @Test
    void lockThatSomebodyElseHolds_isAFailureAfterTheLimit() throws Exception {
        AuditSettings impatient = new AuditSettings(Duration.ofSeconds(2), 0, null, 0);
        try (AuditLog log = open(impatient)) {
            record(log, 1);
            try (var channel = java.nio.channels.FileChannel.open(file(), StandardOpenOption.WRITE);
                    var lock = channel.lock()) {
                assertTrue(lock.isValid());
                assertThrows(AuditFailedException.class, () -> record(log, 1));
            }
            record(log, 1);
        }
        assertTrue(check().isComplete(), check().message());
        assertFields(
                JsonLines.events("guard.degraded", Files.readAllLines(file())).get(0), "state", "recovered");
    }

    /** The shell's limit replaces the full disk. What was written of the line that did not fit is taken back. */
    @Test
    void fileThatMayNotGrow_failsAndStaysWhole() throws Exception {
        assumeTrue(new File("/bin/sh").canExecute());
        Process process = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "ulimit -f 64; exec \"$@\"",
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        RecordingProcess.class.getName(),
                        "file:" + file(),
                        "full",
                        "1",
                        "100000")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, process.waitFor(), said);
        assertTrue(said.contains("[file:" + file() + "] failed: "), said);

        Result result = check();
        assertTrue(result.isComplete(), result.message());
        record(2);
        assertEquals(result.sound().lastSequence() + 2, check().sound().lastSequence());
    }
}
