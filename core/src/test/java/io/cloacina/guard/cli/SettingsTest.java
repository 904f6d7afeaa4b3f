// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the command line takes from the environment. */
class SettingsTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;

    @BeforeEach
    void makeAKey() throws IOException {
        shell.createTrustedKey("release");
        shell.file("a.jar", "content");
    }

    @Test
    void auditThatIsNoSink_isStatusTwoForEveryCommand() {
        for (String variable : List.of("CLOACINA_AUDIT", "CLOACINA_AUDIT_TIMEOUT", "CLOACINA_AUDIT_FILE_SIZE")) {
            shell.variables.put(variable, "nonsense");
            for (List<String> command : List.of(
                    List.of("key", "list"),
                    List.of("key", "show", "release"),
                    List.of("trust", "list"),
                    List.of("store", "status"),
                    List.of("store", "init"),
                    List.of("sign", home + "/a.jar", "--key", "release"),
                    List.of("verify", home + "/a.jar"),
                    List.of("verify", home + "/a.jar", "--public-key", home + "/none.pem"),
                    List.of("audit", "verify", home + "/none.jsonl"),
                    List.of("audit", "report", home + "/none.jsonl"),
                    List.of("completion"))) {
                Done done = shell.run(command.toArray()).with(2);

                assertTrue(done.err().contains(variable) && done.err().contains("nonsense"), done.err());
            }
            shell.variables.remove(variable);
        }
        shell.run("key", "list", "--audit", "nonsense").with(2);
    }

    @Test
    void auditThatIsNoSink_leavesHelp() {
        shell.variables.put("CLOACINA_AUDIT", "nonsense");

        shell.run("--help").with(0);
        shell.run("sign", "--help").with(0);
        shell.run("--version").with(0);
    }

    @Test
    void organisationOfTheAgent_servesTheCommandLineToo() {
        shell.variables.remove("CLOACINA_ORG_ID");
        shell.variables.put("CLOACINA_VERIFICATION_ORG_ID", Shell.ORG.toString());
        assertEquals(1, shell.run("trust", "list").with(0).lines().size());

        shell.variables.put("CLOACINA_ORG_ID", Shell.OTHER_ORG.toString());
        assertEquals(0, shell.run("trust", "list").with(0).lines().size(), "the command line's own comes first");
        assertEquals(
                1,
                shell.run("trust", "list", "--org", Shell.ORG).with(0).lines().size());
    }

    @Test
    void parameterOfTheStoresAddress_thatTheDriverDoesNotKnow_isStatusTwo() {
        Done done = shell.run("key", "list", "--store", "postgres://u:p@127.0.0.1:1/db?sslmod=verify-full");

        assertTrue(done.with(2).err().contains("[sslmod]"), done.err());
    }
}
