// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.sqlite.JDBC;

/** The SQLite store as a file among files and processes. */
class SqliteFileTest extends SqliteFileFixture {

    @Test
    void create_newFile_isPrivateAndInWalMode() throws Exception {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
        assertEquals("wal", journalMode());
    }

    @Test
    void create_referenceDatabaseInAnotherMode_keepsItsMode() throws Exception {
        file = folder.resolve("reference.db");
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties())) {
            Reference.make(connection, Dialect.SQLITE, true);
        }
        try (JdbiStore store = create()) {
            store.trustedKeys().add(row);
        }

        assertEquals("delete", journalMode());
        try (JdbiStore verifier = verifier()) {
            assertTrusted(verifier);
        }
    }

    private String journalMode() throws SQLException {
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + escaped(), new Properties());
                Statement statement = connection.createStatement();
                ResultSet mode = statement.executeQuery("PRAGMA journal_mode")) {
            assertTrue(mode.next());
            return mode.getString(1);
        }
    }

    @Test
    void verification_ofAQuietStore_makesNoFilesAndWritesNothing() throws Exception {
        settle();
        byte[] before = Files.readAllBytes(file);
        var modified = Files.getLastModifiedTime(file);
        try (JdbiStore verifier = verifier()) {
            assertTrusted(verifier);
            assertTrusted(verifier);
            assertEquals(StoreStatus.Origin.GUARD, verifier.status().origin());
            assertEquals(1, files().size(), files().toString());
        }
        assertEquals(1, files().size(), files().toString());
        assertEquals(modified, Files.getLastModifiedTime(file));
        assertArrayEquals(before, Files.readAllBytes(file));
    }

    @Test
    void verification_whileOthersWrite_seesWhatTheyCommitted() throws Exception {
        try (JdbiStore verifier = verifier()) {
            for (int round = 0; round < 30; round++) {
                try (JdbiStore writer = create()) {
                    writer.trustedKeys().revoke(row.id(), Samples.NOON);
                    assertInstanceOf(
                            SignerTrust.Revoked.class, verifier.ask(question).trustIn(key.fingerprint()));
                    writer.trustedKeys().replace(row);
                    assertTrusted(verifier);
                }
            }
        }
    }

    @Test
    void verification_ofAStoreLeftAloneForLong_seesTheNextChange() throws Exception {
        settle();
        Files.setLastModifiedTime(file, FileTime.from(Samples.NOON));
        try (JdbiStore verifier = verifier()) {
            assertTrusted(verifier);
            assertTrusted(verifier);
            for (int round = 0; round < 5; round++) {
                execute("UPDATE trusted_keys SET revoked_at = trusted_at");
                assertInstanceOf(
                        SignerTrust.Revoked.class, verifier.ask(question).trustIn(key.fingerprint()));
                execute("UPDATE trusted_keys SET revoked_at = NULL");
                assertTrusted(verifier);
            }
            assertEquals(1, files().size(), files().toString());
        }
    }

    @Test
    void row_withUnreadableParts_doesNotCountAndStopsNothing() throws Exception {
        PackageHash hash = question.packageHash();
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + escaped(), new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO package_signatures VALUES (x'00', '" + hash + "', 'FF', x'00', 'never', 1)");
            statement.execute("INSERT INTO package_signatures VALUES (x'01', '" + hash + "', '" + "a".repeat(64)
                    + "', x'00', 'never', 1)");
            statement.execute("UPDATE trusted_keys SET trusted_at = 'once'");
        }
        try (JdbiStore verifier = verifier()) {
            assertTrusted(verifier);
            assertEquals(1, verifier.ask(question).signatures().size());
        }
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + escaped(), new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE trusted_keys SET revoked_at = ''");
        }
        try (JdbiStore verifier = verifier()) {
            assertInstanceOf(SignerTrust.Revoked.class, verifier.ask(question).trustIn(key.fingerprint()));
        }
    }

    @Test
    void processes_eightAtOnceOnANewFile_loseNothing() throws Exception {
        file = folder.resolve("shared.db");
        List<Process> writers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            writers.add(Fork.start(List.of(), WritingProcess.class, file.toString(), "writer " + i, "25"));
        }
        for (Process writer : writers) {
            writer.getInputStream().readAllBytes();
            assertTrue(writer.waitFor(120, TimeUnit.SECONDS));
            assertEquals(0, writer.exitValue());
        }
        try (JdbiStore verifier = verifier()) {
            assertEquals(8 * 25, verifier.status().signatures());
        }
    }

    @Test
    void process_killedWhileItWrites_losesNothingItHadStored() throws Exception {
        Process writer = Fork.start(List.of(), WritingProcess.class, file.toString(), "killed", "1000000");
        List<String> stored = new ArrayList<>();
        try (BufferedReader lines = writer.inputReader()) {
            while (stored.size() < 40) {
                stored.add(lines.readLine());
            }
            writer.destroyForcibly();
            assertTrue(writer.waitFor(60, TimeUnit.SECONDS));
        }
        try (JdbiStore verifier = verifier()) {
            assertTrusted(verifier);
            assertTrue(verifier.status().signatures() >= 40);
        }
        try (JdbiStore store = create()) {
            for (String hash : stored) {
                assertEquals(1, store.signatures().of(new PackageHash(hash)).size());
            }
            assertTrue(store.grants().add(Samples.grant(org, UUID.randomUUID())));
        }
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + escaped(), new Properties());
                Statement statement = connection.createStatement();
                ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
            assertTrue(check.next());
            assertEquals("ok", check.getString(1));
        }
    }

    @Test
    void driver_whichIsNotNeeded_isNotLoaded() throws Exception {
        String opened = loadedClasses("sqlite://" + folder.resolve("missing.db"), false);
        assertTrue(opened.contains("opened"));
        assertFalse(opened.contains("org.sqlite.") || opened.contains("org.postgresql."));
        String asked = loadedClasses("jdbc:sqlite:" + plainCopy(), true);
        assertTrue(asked.contains("answered") && asked.contains("org.sqlite."));
        assertFalse(asked.contains("org.postgresql."));
    }

    private Path plainCopy() throws Exception {
        settle();
        return Files.copy(file, folder.resolve("plain.db"));
    }

    private static String loadedClasses(String url, boolean ask) throws Exception {
        Process process =
                Fork.start(List.of("-Xlog:class+load:stdout"), AskingProcess.class, url, Boolean.toString(ask));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
        return output;
    }
}
