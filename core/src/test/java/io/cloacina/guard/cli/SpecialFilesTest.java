// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pipe without a writer, where a file is wanted: refused, not waited for. */
class SpecialFilesTest {

    private static final Duration FOR_EVER = Duration.ofSeconds(60);

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private final Path pipe = home.resolve("pipe");

    @BeforeEach
    void makeAPipe() throws Exception {
        shell.run("key", "create", "release").with(0);
        shell.file("a.jar", "content");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "there is mkfifo");
    }

    private void assertRefused(Object... arguments) {
        Done done = assertTimeoutPreemptively(FOR_EVER, () -> shell.run(arguments));

        done.with(3);
        assertTrue(done.err().contains("[" + pipe + "]"), done.err());
        assertTrue(done.err().contains("a regular file is wanted"), done.err());
    }

    @Test
    void everyFileOfAKey_thatIsAPipe_isRefused() {
        Path jar = home.resolve("a.jar");
        assertRefused("sign", jar, "--private-key", pipe);
        assertRefused("sign", jar, "--key", "release", "--kek-file", pipe);
        assertRefused("key", "import", "other", pipe);
        assertRefused("trust", "add", pipe);
        assertRefused("verify", jar, "--public-key", pipe);
        assertRefused("key", "reseal", "--new-kek-file", pipe);
    }

    @Test
    void device_isRefused() {
        assertTrue(shell.run("verify", home.resolve("a.jar"), "--public-key", "/dev/zero")
                .with(3)
                .err()
                .contains("a regular file is wanted"));
    }

    @Test
    void signatureThatIsAPipe_isMalformed() {
        shell.run("key", "export", "release", "--out", home.resolve("release.pem"))
                .with(0);
        Done done = assertTimeoutPreemptively(
                FOR_EVER,
                () -> shell.run(
                        "verify",
                        home.resolve("a.jar"),
                        "--public-key",
                        home.resolve("release.pem"),
                        "--signature",
                        pipe,
                        "--json"));

        assertEquals("malformed_signature", done.with(1).json().get("failure_reason"));
    }

    @Test
    void trustedKeysOfAnAgent_thatAreAPipe_areRefused() throws Exception {
        GuardConfig config = GuardConfig.read(Map.of("cloacina.trusted_keys", pipe.toString()), Map.of());

        String message = assertTimeoutPreemptively(
                        FOR_EVER, () -> assertThrows(ConfigException.class, config::readTrustedKeys))
                .getMessage();

        assertEquals(
                "[cloacina.trusted_keys]: [" + pipe + "] is a pipe, a device or a socket; a PEM file is wanted",
                message);
    }

    @Test
    void storeThatIsAPipe_isRefused() {
        assertTimeoutPreemptively(FOR_EVER, () -> shell.run("store", "status", "--store", "sqlite://" + pipe))
                .with(3);
    }
}
