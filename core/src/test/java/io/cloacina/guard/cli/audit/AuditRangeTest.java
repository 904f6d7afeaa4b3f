// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell;
import io.cloacina.guard.cli.Shell.Done;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code audit verify} that has nothing to check does not say that all is well. */
class AuditRangeTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private final Path record = home.resolve("record.jsonl");

    @BeforeEach
    void writeRecord() {
        shell.variables.put("CLOACINA_AUDIT", "file:" + record);
        shell.run("key", "create", "auditor").with(0);
        shell.run("key", "create", "second").with(0);
        shell.variables.put("CLOACINA_AUDIT", "file:" + home.resolve("other.jsonl"));
    }

    @Test
    void verify_fromWithinTheRecord_isComplete() {
        shell.run("audit", "verify", record, "--from", 1).with(0);
        shell.run("audit", "verify", record, "--from", 2).with(0);
    }

    @Test
    void verify_fromBehindItsEnd_isCutOff() {
        for (long from : new long[] {3, 542, Long.MAX_VALUE}) {
            Done done = shell.run("audit", "verify", record, "--from", from).with(1);
            assertTrue(done.out().contains("NOT COMPLETE, cut_off: line 2 of [record.jsonl]"), done.out());
            assertTrue(done.out().contains("the audit log ends before --from " + from), done.out());
        }
        assertEquals(
                "cut_off",
                shell.run("audit", "verify", record, "--from", 3, "--json")
                        .with(1)
                        .json()
                        .get("problem"));
    }

    @Test
    void verify_namedCheckpointsThatHoldNone_isRefused() throws Exception {
        Path empty = shell.file("checkpoints", "");
        Done done = shell.run("audit", "verify", record, "--checkpoints", empty).with(1);
        assertTrue(done.err().contains("there is no checkpoint in [" + empty + "]"), done.err());
    }
}
