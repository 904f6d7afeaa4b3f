// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code sign} tells of many packages. */
class SignManyTest {

    private static final int MANY = 300;

    @RegisterExtension
    final Shell shell = new Shell();

    private Path directory;

    @BeforeEach
    void makePackages() throws Exception {
        shell.createTrustedKey("release");
        for (int i = 0; i < MANY; i++) {
            directory = shell.file("packages/p" + i + ".jar", "jar " + i).getParent();
        }
    }

    private Done sign() {
        return shell.run("sign", directory, "--key", "release", "--json");
    }

    private static void assertChanged(long expected, Done done) {
        assertEquals(
                expected,
                done.jsons().stream()
                        .filter(one -> one.get("changed").equals(true))
                        .count());
    }

    @Test
    void sign_many_endsWithALineThatCountsThem() throws Exception {
        Done first = sign().with(0);
        assertEquals("cloacina: 300 packages: 300 signed, 0 signed already, 0 not signed\n", first.err());
        assertChanged(MANY, first);

        Files.writeString(directory.resolve("p7.jar"), "another");
        Files.writeString(directory.resolve("p8.jar.sig"), "foreign");
        Done second = sign().with(1);

        assertTrue(
                second.err().endsWith("cloacina: 300 packages: 1 signed, 298 signed already, 1 not signed\n"),
                second.err());
        assertChanged(1, second);
    }

    @Test
    void sign_manySmallOnesOnATerminal_showsHowFarItIs() {
        shell.terminal = true;

        Done done = sign().with(0);

        assertTrue(done.err().contains(" of 300"), done.err());
        assertTrue(done.err().endsWith("300 signed, 0 signed already, 0 not signed\n"), done.err());
        assertFalse(shell.run("verify", directory).with(0).err().contains(" of 300"));
    }

    @Test
    void sign_manyTogether_isOneStatement() {
        Path out = shell.home.resolve("all.sig");

        Done done = shell.run(
                        "sign",
                        directory,
                        "--key",
                        "release",
                        "--together",
                        "--out",
                        out,
                        "--package-name",
                        "a",
                        "--package-version",
                        "1")
                .with(0);

        assertEquals(MANY, done.lines().size());
        assertEquals(
                List.of("cloacina: 300 packages: 300 signed, 0 signed already, 0 not signed"),
                done.err().lines().toList());
    }
}
