// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.audit.ChainVerifier.Problem;
import io.cloacina.guard.audit.ChainVerifier.Result;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chain in a file: how it is written, and what its check sees. */
class ChainTest {

    private static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    private static final AuditSettings USUAL = new AuditSettings(Duration.ofSeconds(5), 0, null, 0);

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("audit.jsonl");
    }

    private AuditLog open(AuditSettings settings) throws IOException {
        return open(Clock.systemUTC(), settings);
    }

    private AuditLog open(Clock clock, AuditSettings settings) throws IOException {
        return AuditLog.open(clock, List.of("file:" + file()), settings, ORG, "c0ffee", false);
    }

    private void record(int events) throws Exception {
        try (AuditLog log = open(USUAL)) {
            record(log, events);
        }
    }

    private static void record(AuditLog log, int events) throws AuditFailedException {
        for (int i = 0; i < events; i++) {
            log.recordInAll(AuditEvent.of("x", ORG).with("number", i));
        }
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(file());
    }

    private void write(List<String> lines) throws IOException {
        Files.write(file(), lines);
    }

    /** All files of the record. */
    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> path.getFileName().toString().startsWith("audit.jsonl"))
                    .sorted()
                    .toList();
        }
    }

    private Result check() throws IOException {
        return ChainVerifier.run(files(), List.of(), 0);
    }

    private void requireComplete(long lines) throws IOException {
        Result result = check();
        assertNull(result.message());
        assertTrue(result.isComplete());
        assertEquals(lines, result.sound().lines());
        assertEquals(lines, result.sound().lastSequence());
    }

    /** The problem, the line of the file, and the sequence. */
    private void requireProblem(Problem problem, long line, long sequence) throws IOException {
        Result result = check();
        assertEquals(problem, result.problem(), result.message());
        assertEquals(line, result.finding().line(), result.message());
        assertEquals(sequence, result.finding().sequence(), result.message());
        assertEquals(file(), result.finding().file());
    }

    @Test
    void lines_carrySequenceAndHashOfTheLineBefore_asCoreutilsCountIt() throws Exception {
        record(3);

        List<String> lines = lines();
        assertTrue(
                lines.get(0).endsWith(",\"sequence\":1,\"previous_hash\":\"" + "0".repeat(64) + "\"}"), lines.get(0));
        Process sum = new ProcessBuilder("sh", "-c", "head -n 2 '" + file() + "' | tail -n 1 | tr -d '\\n' | sha256sum")
                .start();
        String hash = new String(sum.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).substring(0, 64);
        assertTrue(
                lines.get(2).endsWith(",\"sequence\":3,\"previous_hash\":\"" + hash + "\"}"),
                lines.get(2) + " " + hash);
        requireComplete(3);
    }

    @Test
    void lines_nameHostAndProcess_andTheFirstBindsStartAndConfiguration() throws Exception {
        record(2);
        record(1);

        List<String> lines = lines();
        for (String line : lines) {
            assertFields(
                    JsonLines.object(line),
                    "host",
                    ThisProcess.host(),
                    "pid",
                    ProcessHandle.current().pid());
        }
        Map<String, Object> first = JsonLines.object(lines.get(0));
        assertTrue(first.get("process_started_at").toString().matches("2.*Z"), first::toString);
        assertFields(first, "process_configuration", "c0ffee");
        assertFalse(lines.get(1).contains("process_started_at"), lines.get(1));
        assertTrue(lines.get(2).contains("process_started_at"), lines.get(2));
        assertEquals(2, check().sound().processes());
    }

    @Test
    void record_hundredThousandEventsFromEightThreads_losesNoneAndKeepsTheOrderOfEach() throws Exception {
        RecordingProcess.record("file:" + file(), "p", 8, 12_500, 0);

        requireComplete(100_000);
        requireOrder(8, 12_500);
    }

    private void requireOrder(int threads, int events) throws IOException {
        Map<String, Integer> counts = new HashMap<>();
        List<Path> files = new ArrayList<>(files());
        // The current one last.
        files.add(files.remove(0));
        for (Path file : files) {
            try (BufferedReader in = Files.newBufferedReader(file)) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    String thread = ChainLink.field(line, "thread");
                    if (thread != null) {
                        int number = Integer.parseInt(ChainLink.field(line, "number"));
                        assertEquals(counts.merge(thread, 1, Integer::sum), number, line);
                    }
                }
            }
        }
        assertEquals(threads, counts.size());
        counts.forEach((thread, count) -> assertEquals(events, count, thread));
    }

    private Process fork(String name, int threads, int events) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        RecordingProcess.class.getName(),
                        "file:" + file(),
                        name,
                        Integer.toString(threads),
                        Integer.toString(events))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void record_severalProcessesOneFile_makeOneChain() throws Exception {
        Process one = fork("one", 2, 2_000);
        Process two = fork("two", 2, 2_000);
        // This process rotates under their hands.
        RecordingProcess.record("file:" + file(), "three", 2, 2_000, 256 << 10);
        assertEquals(0, one.waitFor());
        assertEquals(0, two.waitFor());

        requireComplete(12_000);
        requireOrder(6, 2_000);
        assertEquals(3, check().sound().processes());
        assertTrue(files().size() > 2, files().toString());
    }

    @Test
    void record_processIsKilled_verifiesUpToTheLastWholeLine_andTheNextGoesOn() throws Exception {
        for (int round = 0; round < 3; round++) {
            Process process = fork("killed" + round, 2, 1_000_000);
            assertEquals('r', process.getInputStream().read());
            long before = Files.exists(file()) ? Files.size(file()) : 0;
            while (!Files.exists(file()) || Files.size(file()) < before + (200 << 10)) {
                Thread.onSpinWait();
            }
            assertEquals(128 + 9, process.destroyForcibly().waitFor());
            Result killed = check();
            assertTrue(killed.isComplete() || killed.problem() == Problem.CUT_OFF, killed.message());
            assertTrue(killed.sound().lastSequence() > 100, "" + killed.sound().lastSequence());
        }
        record(5);
        Result result = check();
        assertTrue(result.isComplete(), result.message());
        assertEquals(4, result.sound().processes());
    }

    @Test
    void tornLine_staysAsItIs_isNotedByTheNext_andIsToldUntilThen() throws Exception {
        record(3);
        byte[] content = Files.readAllBytes(file());
        int cut = content.length - 100;
        Files.write(file(), Arrays.copyOf(content, cut));
        requireProblem(Problem.CUT_OFF, 3, 3);
        assertEquals(2, check().sound().lastSequence());
        assertTrue(check().message().contains("complete up to sequence 2"), check().message());

        record(2);

        byte[] after = Files.readAllBytes(file());
        assertEquals(-1, Arrays.mismatch(Arrays.copyOf(content, cut), Arrays.copyOf(after, cut)));
        assertEquals('\n', after[cut]);
        Result result = check();
        assertTrue(result.isComplete(), result.message());
        assertEquals(1, result.sound().tornLines());
        assertEquals(4, result.sound().lastSequence());
        // Whoever changes or removes what is left of it is seen.
        List<String> lines = lines();
        String torn = lines.remove(2);
        write(lines);
        assertTrue(check().isComplete(), "a torn line holds no event, and its trace stays in the line behind it");
        lines.add(2, torn.replace("number", "mumber"));
        write(lines);
        requireProblem(Problem.INSERTED, 3, 3);
    }

    @Test
    void tornFirstLine_isNotedToo() throws Exception {
        Files.writeString(file(), "{\"timestamp\":\"2026-");
        record(2);

        Result result = check();
        assertTrue(result.isComplete(), result.message());
        assertEquals(1, result.sound().tornLines());
        assertEquals(2, result.sound().lastSequence());
    }

    @Test
    void linesFromBeforeTheChain_areToldApart() throws Exception {
        String old = "{\"timestamp\":\"2025-01-01T00:00:00.000000Z\",\"event_type\":\"guard.started\"}";
        write(List.of(old, old, old));
        assertEquals(Problem.UNCHAINED, check().problem());

        record(2);

        Result result = check();
        assertTrue(result.isComplete(), result.message());
        assertEquals(3, result.sound().unchainedLines());
        assertEquals(2, result.sound().lines());
        assertFields(JsonLines.object(lines().get(3)), "sequence", 1);
        // The last of them is bound; a line that has lost its link does not pass for one of them.
        List<String> lines = lines();
        lines.remove(2);
        write(lines);
        assertTrue(check().isComplete(), "they are equal");
        lines.set(1, old.replace("started", "stopped"));
        write(lines);
        assertEquals(Problem.INSERTED, check().problem());
    }

    @Test
    void emptyFile_isNoRecord() throws Exception {
        Files.createFile(file());
        assertEquals(Problem.UNCHAINED, check().problem());
        record(1);
        requireComplete(1);
    }

    @Test
    void fileThatIsNoRecord_isNotAppendedTo() throws Exception {
        byte[] noise = new byte[3 << 20];
        Files.write(file(), noise);

        try (AuditLog log = open(USUAL)) {
            AuditFailedException e = assertThrows(AuditFailedException.class, () -> record(log, 1));
            assertTrue(e.getMessage().contains("the last MiB has no line"), e.getMessage());
        }
        assertEquals(noise.length, Files.size(file()));
    }

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

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 9})
    void check_lineChanged_isNamed(int number) throws Exception {
        record(10);
        List<String> lines = lines();
        String line = lines.get(number - 1);
        for (String changed : new String[] {
            line.replace("\"event_type\":\"x\"", "\"event_type\":\"y\""),
            line.replace("\"sequence\":" + number, "\"sequence\":" + (number + 20)),
            line.replace("\"sequence\"", "\"sequenze\""),
            line.substring(0, line.length() - 3) + (line.charAt(line.length() - 3) == '0' ? '1' : '0') + "\"}",
            line + " ",
            line.replace("{", "{\u001b"),
            "",
            line.substring(0, 60) + "\n" + line.substring(60)
        }) {
            lines.set(number - 1, changed);
            write(lines);
            requireProblem(Problem.CHANGED, number, number);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 9})
    void check_lineRemoved_isNamed(int number) throws Exception {
        record(10);
        List<String> lines = lines();
        lines.remove(number - 1);
        write(lines);

        Result result = check();
        assertEquals(Problem.REMOVED, result.problem());
        assertEquals(number, result.finding().sequence());
        assertEquals(number == 1 ? 0 : number, result.finding().line());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 10})
    void check_lineInserted_isNamed(int number) throws Exception {
        record(10);
        List<String> sound = lines();
        String before = sound.get(number - 2);
        for (String inserted : new String[] {
            before,
            "a line",
            sound.get(0),
            before.replace("\"event_type\":\"x\"", "\"event_type\":\"y\""),
            // One that fits behind the line before it.
            before.substring(0, before.indexOf(",\"sequence\""))
                    + ",\"sequence\":" + number + ",\"previous_hash\":\""
                    + ChainLink.hash(before.getBytes(StandardCharsets.US_ASCII)) + "\"}"
        }) {
            List<String> lines = new ArrayList<>(sound);
            lines.add(number - 1, inserted);
            write(lines);
            requireProblem(Problem.INSERTED, number, number);
        }
    }

    @Test
    void check_endCutOff_showsInTheMiddleOfALineOnly() throws Exception {
        record(10);
        List<String> lines = lines();
        write(lines.subList(0, 8));
        requireComplete(8);
        Files.writeString(file(), String.join("\n", lines));
        requireProblem(Problem.CUT_OFF, 10, 10);
    }

    @Test
    void check_linesSwapped_isSeen() throws Exception {
        record(10);
        List<String> lines = lines();
        Collections.swap(lines, 4, 5);
        write(lines);

        requireProblem(Problem.INSERTED, 5, 5);
    }

    @Test
    void check_filesInAnyOrder_isTheSame() throws Exception {
        try (AuditLog log = open(new AuditSettings(Duration.ofSeconds(5), 64 << 10, null, 0))) {
            record(log, 500);
        }
        List<Path> files = new ArrayList<>(files());
        Collections.reverse(files);

        assertTrue(ChainVerifier.run(files, List.of(), 0).isComplete());
    }
}
