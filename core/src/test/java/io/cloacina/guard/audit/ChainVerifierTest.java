// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.ChainVerifier.Problem;
import io.cloacina.guard.audit.ChainVerifier.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the check of the chain sees. */
class ChainVerifierTest extends ChainFixture {

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
