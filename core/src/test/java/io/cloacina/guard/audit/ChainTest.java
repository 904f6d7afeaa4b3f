// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.audit.ChainVerifier.Problem;
import io.cloacina.guard.audit.ChainVerifier.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The chain in a file: how it is written, by several and after what broke off. */
class ChainTest extends ChainFixture {

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
}
