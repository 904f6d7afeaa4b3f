// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.DetachedSignature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmUpTest {

    @TempDir
    Path folder;

    @Test
    void run_leavesNothingBehind() throws Exception {
        WarmUp.run(folder);

        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void run_whereNothingCanBeWritten_throws() {
        assertThrows(IOException.class, () -> WarmUp.run(folder.resolve("absent")));
    }

    @Test
    void theSignatureThatIsAccepted_isWhatSigningGives() throws Exception {
        byte[] zeros = new byte[32];
        try (Ed25519PrivateKey key = Ed25519PrivateKey.ofSeed(zeros)) {
            PackageHash hash = PackageHash.ofContent(zeros);
            byte[] expected = new DetachedSignature(
                            hash,
                            key.publicKey().fingerprint(),
                            key.sign(hash.bytes()),
                            Instant.parse("1970-12-31T00:00:00Z"))
                    .encode();

            assertArrayEquals(expected, WarmUp.SIGNATURE_FILE.getBytes(StandardCharsets.US_ASCII));
        }
    }
}
