// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The file of the SQLite store when it is missing, taken away, replaced or put back while it is used. */
class SqliteFileReplacedTest extends SqliteFileFixture {

    @Test
    void verification_ofAMissingFile_isUnavailableAndMakesNone() throws Exception {
        file = folder.resolve("none").resolve("trust.db");
        for (JdbiStore store : List.of(verifier(), JdbiStore.openForKeys(StoreUrl.ofFile(file), TIMEOUT))) {
            StoreFixture.assertSays("there is no such file", () -> store.ask(question));
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
                StoreFixture.assertSays("there is no such file", () -> store.ask(question));
                StoreFixture.assertSays("there is no such file", () -> store.ask(question));
            }
            StoreFixture.assertSays(
                    "there is no such file", () -> writer.grants().add(Samples.grant(org, org)));

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

            StoreFixture.assertSays("was replaced by another file", () -> verifier.ask(question));
            StoreFixture.assertSays("was replaced by another file", () -> writer.ask(question));

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
                StoreFixture.assertSays("was replaced by another file", () -> verifier.ask(question));
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
            StoreFixture.assertSays("there is no such file", () -> verifier.ask(question));
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
            StoreFixture.assertSays("not a database", () -> verifier.ask(question));
        }
        file = Files.createDirectory(folder.resolve("folder.db"));
        try (JdbiStore verifier = verifier()) {
            StoreFixture.assertSays("is not a file", () -> verifier.ask(question));
        }
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
