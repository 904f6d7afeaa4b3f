// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Packages as they are published, with the signatures beside them, and the keys that their project publishes. */
class PublishedPackagesTest {

    /** The build copies them there. */
    private static final Path PUBLISHED = Path.of("target/published");

    private static final Instant NOW = Instant.parse("2026-01-28T12:00:00Z");

    private PgpKeyFile keys;

    @TempDir
    Path directory;

    @BeforeEach
    void readKeys() throws Exception {
        keys = PgpKeyFile.read(
                PublishedPackagesTest.class.getResourceAsStream("jackson-KEYS").readAllBytes(), "KEYS");
    }

    private Intake.Taken check(Path file, Instant now) throws Exception {
        return new Intake(new Intake.Named(keys, null, null, null, null), Clock.fixed(now, ZoneOffset.UTC))
                .check(file, read -> {});
    }

    private void assertRefused(Reason reason, String says, Path file, Instant now) {
        IntakeRefusedException refused = assertThrows(IntakeRefusedException.class, () -> check(file, now));
        assertEquals(reason, refused.reason(), refused.getMessage());
        assertTrue(refused.getMessage().contains(says), refused.getMessage());
    }

    @Test
    void package_signedByTheProjectsKey_isTakenIn() throws Exception {
        Path file = PUBLISHED.resolve("jackson-annotations-2.18.2.jar");

        Intake.Taken taken = check(file, NOW);

        assertEquals(PackageHash.ofContent(Files.readAllBytes(file)), taken.hash());
        assertEquals(
                "28118C070CB22A0175A2E8D43D12CA2AC19F3181",
                taken.evidence().get(0).identity());
    }

    @Test
    void package_whoseKeyHasExpired_isRefused() throws Exception {
        Path file = PUBLISHED.resolve("jackson-annotations-2.13.0.jar");

        assertRefused(Reason.EXPIRED_EVIDENCE, "has expired on 2022-08-01", file, NOW);
        check(file, Instant.parse("2022-01-01T00:00:00Z"));
        assertRefused(Reason.EXPIRED_EVIDENCE, "in the future", file, Instant.parse("2021-01-01T00:00:00Z"));
    }

    @Test
    void package_ofAnotherProject_isRefused() {
        assertRefused(
                Reason.UNKNOWN_SIGNER,
                "is by key 86FDC7E2A11262CB, which is not in [KEYS]",
                PUBLISHED.resolve("commons-lang3-3.20.0.jar"),
                NOW);
    }

    @Test
    void package_underTheSignatureOfAnotherVersion_isRefused() throws Exception {
        Path file = Files.copy(PUBLISHED.resolve("jackson-annotations-2.13.0.jar"), directory.resolve("a.jar"));
        Files.copy(PUBLISHED.resolve("jackson-annotations-2.18.2.jar.asc"), directory.resolve("a.jar.asc"));

        assertRefused(Reason.INVALID_EVIDENCE, "is no signature of these bytes", file, NOW);
    }
}
