// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** An OpenPGP signature file beside a package that nobody has signed: refused with a reason, and nothing else. */
public final class PgpFuzz {

    private static final Instant NOW = Instant.parse("2026-01-28T12:00:00Z");
    private static final PgpKeyFile KEYS = keys();

    private PgpFuzz() {}

    private static PgpKeyFile keys() {
        try (InputStream in = PgpFuzz.class.getResourceAsStream("jackson-KEYS")) {
            return PgpKeyFile.read(in.readAllBytes(), "KEYS");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] content) {
        try {
            PgpCheck check = PgpCheck.begin(KEYS, content, "package.asc", NOW);
            byte[] unsigned = "unsigned".getBytes(StandardCharsets.UTF_8);
            check.update(unsigned, unsigned.length);
            check.finish();
        } catch (IntakeRefusedException e) {
            assertFalse(e.getMessage().isEmpty());
            return;
        }
        throw new AssertionError("a signature of what nobody has signed");
    }
}
