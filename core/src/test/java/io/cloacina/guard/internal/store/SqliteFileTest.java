// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.TrustedKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/** The SQLite store as a file among files and processes. */
class SqliteFileTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final UUID org = UUID.randomUUID();
    private final Ed25519PublicKey key = Samples.publicKey();
    private final TrustedKey row = Samples.trust(org, key);
    private final Question question = new Question(org, Samples.hash("package"), true, List.of(key.fingerprint()));
    private Path file;

    @BeforeEach
    void make() throws Exception {
        file = folder.resolve("inner").resolve("trust #1 100%?.db");
        try (JdbiStore store = create()) {
            store.trustedKeys().add(row);
        }
    }

    private JdbiStore create() throws Exception {
        return JdbiStore.create(StoreUrl.ofFile(file), TIMEOUT, StoreSuite.CLOCK);
    }

    private JdbiStore verifier() {
        return JdbiStore.openForVerification(StoreUrl.ofFile(file), TIMEOUT);
    }

    private void assertTrusted(JdbiStore store) throws Exception {
        assertInstanceOf(SignerTrust.Trusted.class, store.ask(question).trustIn(key.fingerprint()));
    }

    private TreeSet<String> files() throws IOException {
        try (Stream<Path> found = Files.list(file.getParent())) {
            TreeSet<String> names = new TreeSet<>();
            found.forEach(path -> names.add(path.getFileName().toString()));
            return names;
        }
    }

    /** Ends every connection of this JVM in an orderly way, so that SQLite tidies its helper files up. */
    private void settle() throws Exception {
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + escaped(), new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        for (String suffix : List.of("-wal", "-shm")) {
            // The store closes its connections behind its caller's back.
            Path helper = FileState.beside(file, suffix);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (Files.exists(helper) && System.nanoTime() < end) {
                try (Connection last = JDBC.createConnection("jdbc:sqlite:" + escaped(), new Properties());
                        Statement statement = last.createStatement()) {
                    statement.executeQuery("SELECT COUNT(*) FROM guard_schema").close();
                }
            }
        }
        assertEquals(1, files().size(), () -> "left: " + filesOrNone());
    }

    private String escaped() {
        return "file:" + file.toString().replace("%", "%25").replace("?", "%3f").replace("#", "%23");
    }

    private String filesOrNone() {
        try {
            return files().toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

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

    /** As another program would, which has the file open for this one statement. */
    private void execute(String sql) throws SQLException {
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + escaped(), new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void verification_ofAMissingFile_isUnavailableAndMakesNone() throws Exception {
        file = folder.resolve("none").resolve("trust.db");
        for (JdbiStore store : List.of(verifier(), JdbiStore.openForKeys(StoreUrl.ofFile(file), TIMEOUT))) {
            StoreSuite.assertSays("there is no such file", () -> store.ask(question));
            store.close();
        }
        assertFalse(Files.exists(file.getParent()));
    }

    @Test
    void file_deletedWhileOpen_isUnavailableUntilPutBack() throws Exception {
        try (JdbiStore verifier = verifier();
                JdbiStore writer = create()) {
            assertTrusted(verifier);
            assertTrusted(writer);
            Path away = folder.resolve("away");
            move(file, away);

            for (JdbiStore store : List.of(verifier, writer)) {
                StoreSuite.assertSays("there is no such file", () -> store.ask(question));
                StoreSuite.assertSays("there is no such file", () -> store.ask(question));
            }
            StoreSuite.assertSays("there is no such file", () -> writer.grants().add(Samples.grant(org, org)));

            move(away, file);
            assertTrusted(verifier);
            assertTrusted(writer);
        }
    }

    @Test
    void file_replacedWhileOpen_isUnavailableOnceThenTheNewOneCounts() throws Exception {
        settle();
        Path copy = Files.copy(file, folder.resolve("copy"));
        try (JdbiStore verifier = verifier();
                JdbiStore writer = JdbiStore.openForKeys(StoreUrl.ofFile(file), TIMEOUT)) {
            assertTrusted(verifier);
            assertTrusted(writer);
            writer.trustedKeys().revoke(row.id(), Samples.NOON);
            for (String suffix : List.of("-wal", "-shm")) {
                Files.deleteIfExists(FileState.beside(file, suffix));
            }
            Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);

            StoreSuite.assertSays("was replaced by another file", () -> verifier.ask(question));
            StoreSuite.assertSays("was replaced by another file", () -> writer.ask(question));

            assertTrusted(verifier);
            assertTrusted(writer);
        }
    }

    @Test
    void file_replacedAndPutBack_servesTheVeryNextQuestion() throws Exception {
        settle();
        Path home = folder.resolve("home.db");
        Path other = Files.copy(file, folder.resolve("other.db"));
        Path original = file;
        file = other;
        execute("DELETE FROM trusted_keys");
        file = original;
        try (JdbiStore verifier = verifier()) {
            assertTrusted(verifier);
            for (int asked = 1; asked < 4; asked++) {
                Files.move(file, home);
                // All of them stay, so that no two are the same file for the operating system.
                Path another = Files.copy(other, folder.resolve("other" + asked + ".db"));
                Files.createLink(file, another);
                StoreSuite.assertSays("was replaced by another file", () -> verifier.ask(question));
                for (int i = 1; i < asked; i++) {
                    assertInstanceOf(
                            SignerTrust.Unknown.class, verifier.ask(question).trustIn(key.fingerprint()));
                }
                Files.move(home, file, StandardCopyOption.REPLACE_EXISTING);

                assertTrusted(verifier);
            }
        }
    }

    @Test
    void file_missingThenReplacedThenPutBack_servesTheVeryNextQuestion() throws Exception {
        settle();
        Path home = folder.resolve("home.db");
        Path other = Files.copy(file, folder.resolve("other.db"));
        try (JdbiStore verifier = verifier()) {
            assertTrusted(verifier);
            Files.move(file, home);
            StoreSuite.assertSays("there is no such file", () -> verifier.ask(question));
            Files.move(other, file);
            assertTrusted(verifier);
            Files.move(home, file, StandardCopyOption.REPLACE_EXISTING);

            assertTrusted(verifier);
        }
    }

    @Test
    void file_thatIsNoDatabase_isUnavailable() throws Exception {
        file = Files.writeString(folder.resolve("text.db"), "not a database at all ".repeat(100));
        try (JdbiStore verifier = verifier()) {
            StoreSuite.assertSays("not a database", () -> verifier.ask(question));
        }
        file = Files.createDirectory(folder.resolve("folder.db"));
        try (JdbiStore verifier = verifier()) {
            StoreSuite.assertSays("is not a file", () -> verifier.ask(question));
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

    private static void move(Path from, Path to) throws IOException {
        for (String suffix : List.of("", "-wal", "-shm")) {
            Path source = suffix.isEmpty() ? from : FileState.beside(from, suffix);
            if (Files.exists(source)) {
                Files.move(source, suffix.isEmpty() ? to : FileState.beside(to, suffix));
            }
        }
    }
}
