// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreFailureTest {

    @TempDir
    Path folder;

    private static SQLException sqlite(int code) {
        return new SQLException("[SQLITE] it does not work\nand more", null, code);
    }

    private static SQLException postgres(String message, String state) {
        return new SQLException("ERROR: " + message, state);
    }

    @Test
    void reason_walWithoutShm_isExplainedWithWhatMendsIt() throws Exception {
        Path file = Files.createFile(folder.resolve("trust.db"));
        StoreUrl url = StoreUrl.ofFile(file);
        assertFalse(StoreFailure.reason(sqlite(14), url, true, false).contains("-shm"));

        Files.createFile(folder.resolve("trust.db-wal"));
        for (int code : new int[] {14, 8, 14 | 1 << 8}) {
            String reason = StoreFailure.reason(sqlite(code), url, true, false);

            assertTrue(reason.contains("beside [" + file + "] lies a -wal without its -shm"), reason);
            assertTrue(reason.contains("cloacina key list"), reason);
            assertEquals(1, reason.lines().count());
        }

        Files.createFile(folder.resolve("trust.db-shm"));
        assertFalse(StoreFailure.reason(sqlite(14), url, true, false).contains("-shm"));
    }

    @Test
    void keyList_storeCopiedWithItsWalAlone_putsItInOrder() throws Exception {
        Path file = folder.resolve("trust.db");
        Path copy = Files.createDirectory(folder.resolve("copy")).resolve("trust.db");
        Duration limit = Duration.ofSeconds(30);
        try (JdbiStore store = JdbiStore.create(StoreUrl.ofFile(file), limit, Clock.systemUTC())) {
            store.trustedKeys().add(Samples.trust(new java.util.UUID(0, 1), Samples.publicKey()));
            Files.copy(file, copy);
            Files.copy(FileState.beside(file, "-wal"), FileState.beside(copy, "-wal"));
        }
        try (JdbiStore store = JdbiStore.openForKeys(StoreUrl.ofFile(copy), limit)) {
            assertEquals(1, store.trustedKeys().of(new java.util.UUID(0, 1)).size());
        }
        assertEquals(
                Files.exists(FileState.beside(copy, "-wal")),
                Files.exists(FileState.beside(copy, "-shm")),
                "both or none");
    }

    @Test
    void reason_otherTroubleWithAFile_namesTheFile() {
        StoreUrl url = StoreUrl.ofFile(folder.resolve("trust.db"));
        String file = "[" + folder.resolve("trust.db") + "]";

        for (int code : new int[] {3, 5, 8, 13, 14, 26}) {
            String reason = StoreFailure.reason(sqlite(code), url, false, false);

            assertTrue(reason.startsWith("[SQLITE] it does not work: ") && reason.contains(file), reason);
        }
        assertEquals("[SQLITE] it does not work", StoreFailure.reason(sqlite(1), url, false, false));
        assertEquals(
                "[x] there is no such file",
                StoreFailure.reason(
                        new IllegalStateException(new NoSuchFileException("x", null, "there is no such file")),
                        url,
                        true,
                        false));
        assertEquals("gone", StoreFailure.reason(new RuntimeException(new IOException("gone")), url, true, false));
    }

    @Test
    void reason_postgresql_namesTheGrantOrTheSetting() {
        StoreUrl url = StoreUrl.parse("postgres://My%20Role:secret@db/trust");

        assertTrue(StoreFailure.reason(postgres("permission denied for table trusted_keys", "42501"), url, true, false)
                .endsWith("GRANT SELECT ON trusted_keys, key_trust_acls, package_signatures TO \"My Role\""));
        assertTrue(StoreFailure.reason(postgres("permission denied for table trusted_keys", "42501"), url, true, true)
                .endsWith("package_signatures, " + String.join(", ", Schema.LIMITS_TABLES) + " TO \"My Role\""));
        assertTrue(StoreFailure.reason(postgres("permission denied for table signing_keys", "42501"), url, false, false)
                .contains("GRANT SELECT, INSERT, UPDATE ON signing_keys"));
        assertTrue(StoreFailure.reason(postgres("permission denied for schema trust", "42501"), url, true, false)
                .endsWith("GRANT USAGE ON SCHEMA trust TO \"My Role\""));
        assertTrue(StoreFailure.reason(postgres("unsupported startup parameter: options", "08P01"), url, true, false)
                .endsWith("ignore_startup_parameters = options"));
        assertTrue(StoreFailure.reason(postgres("sorry, too many clients already", "53300"), url, true, false)
                .contains("max_connections"));
        assertTrue(StoreFailure.reason(postgres("password authentication failed", "28P01"), url, true, false)
                .contains("pg_hba.conf"));
        assertEquals(
                "ERROR: deadlock detected",
                StoreFailure.reason(postgres("deadlock detected", "40P01"), url, true, false));
    }
}
