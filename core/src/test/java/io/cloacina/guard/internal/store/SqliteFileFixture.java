// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.TrustedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/** A SQLite store in a file, with one trusted key. */
abstract class SqliteFileFixture {

    static final Duration TIMEOUT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    final UUID org = UUID.randomUUID();
    final Ed25519PublicKey key = Samples.publicKey();
    final TrustedKey row = Samples.trust(org, key);
    final Question question = new Question(org, Samples.hash("package"), true, List.of(key.fingerprint()));
    Path file;

    @BeforeEach
    void make() throws Exception {
        file = folder.resolve("inner").resolve("trust #1 100%?.db");
        try (JdbiStore store = create()) {
            store.trustedKeys().add(row);
        }
    }

    JdbiStore create() throws Exception {
        return JdbiStore.create(StoreUrl.ofFile(file), TIMEOUT, StoreFixture.CLOCK);
    }

    JdbiStore verifier() {
        return JdbiStore.openForVerification(StoreUrl.ofFile(file), TIMEOUT);
    }

    void assertTrusted(JdbiStore store) throws Exception {
        assertInstanceOf(SignerTrust.Trusted.class, store.ask(question).trustIn(key.fingerprint()));
    }

    TreeSet<String> files() throws IOException {
        try (Stream<Path> found = Files.list(file.getParent())) {
            TreeSet<String> names = new TreeSet<>();
            found.forEach(path -> names.add(path.getFileName().toString()));
            return names;
        }
    }

    /** Ends every connection of this JVM in an orderly way, so that SQLite tidies its helper files up. */
    void settle() throws Exception {
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

    String escaped() {
        return "file:" + file.toString().replace("%", "%25").replace("?", "%3f").replace("#", "%23");
    }

    private String filesOrNone() {
        try {
            return files().toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** As another program would, which has the file open for this one statement. */
    void execute(String sql) throws SQLException {
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + escaped(), new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
