// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer.Form;
import io.cloacina.guard.internal.sign.KeyManager;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.TrustedKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.Driver;
import org.sqlite.JDBC;

/** What holds for a whole store, even if several processes change it at the same time. */
class OneKekTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final SecureRandom random = new SecureRandom();
    private final UUID org = UUID.randomUUID();

    @TempDir
    Path folder;

    private StoreUrl url(Dialect dialect) throws SQLException {
        return dialect == Dialect.SQLITE
                ? StoreUrl.ofFile(folder.resolve("trust.db"))
                : StoreUrl.parse("postgresql://postgres@localhost:" + PostgresServer.port() + "/"
                        + PostgresServer.newDatabase());
    }

    private static Connection plain(StoreUrl url) throws SQLException {
        Properties properties = new Properties();
        url.parameters().forEach(properties::setProperty);
        return url.file().isPresent()
                ? new JDBC().connect("jdbc:sqlite:" + url.file().get(), new Properties())
                : new Driver().connect(url.jdbcUrl(), properties);
    }

    private KeyManager manager(JdbiStore store) {
        return new KeyManager(store, Clock.systemUTC(), random);
    }

    private Kek kek() {
        return Kek.of(random.generateSeed(32));
    }

    private static boolean isRefused(Callable<?> change) throws Exception {
        try {
            change.call();
            return false;
        } catch (KeyException e) {
            assertEquals(KeyException.Reason.WRONG_KEK, e.reason());
            return true;
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void createBesideReseal_neverMixesKeys(Dialect dialect) throws Exception {
        StoreUrl url = url(dialect);
        try (JdbiStore one = JdbiStore.create(url, TIMEOUT, Clock.systemUTC());
                JdbiStore two = JdbiStore.create(url, TIMEOUT, Clock.systemUTC())) {
            Kek present = kek();
            manager(one).createSigningKey(org, "first", present, Form.BOUND);
            int created = 1;
            for (int round = 0; round < 10; round++) {
                Kek old = present;
                Kek future = kek();
                String name = "key " + round;
                CyclicBarrier start = new CyclicBarrier(2);
                FutureTask<Boolean> create = new FutureTask<>(() -> {
                    start.await();
                    return isRefused(() -> manager(two).createSigningKey(org, name, old, Form.BOUND));
                });
                new Thread(create).start();
                start.await();
                manager(one).reseal(old, future, Form.BOUND);
                created += create.get() ? 0 : 1;
                present = future;
                for (SigningKey key : one.signingKeys().of(org)) {
                    manager(one)
                            .exportPrivateKey(org, key.id().toString(), present)
                            .close();
                }
            }
            assertEquals(created, one.signingKeys().of(org).size());
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void firstKeys_ofTwoProcessesWithTwoKeks_areNotBothTaken(Dialect dialect) throws Exception {
        StoreUrl url = url(dialect);
        try (JdbiStore one = JdbiStore.create(url, TIMEOUT, Clock.systemUTC());
                JdbiStore two = JdbiStore.create(url, TIMEOUT, Clock.systemUTC())) {
            CyclicBarrier start = new CyclicBarrier(2);
            List<FutureTask<Boolean>> both = new ArrayList<>();
            for (JdbiStore store : List.of(one, two)) {
                FutureTask<Boolean> task = new FutureTask<>(() -> {
                    start.await();
                    return isRefused(
                            () -> manager(store).createSigningKey(UUID.randomUUID(), "first", kek(), Form.REFERENCE));
                });
                new Thread(task).start();
                both.add(task);
            }
            assertTrue(both.get(0).get() ^ both.get(1).get());
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void storeOfAnEarlierVersion_isBroughtUpToDate_andItsKekIsTheOneThatOpensItsKeys(Dialect dialect) throws Exception {
        StoreUrl url = url(dialect);
        Kek right = kek();
        try (JdbiStore store = JdbiStore.create(url, TIMEOUT, Clock.systemUTC())) {
            manager(store).createSigningKey(org, "first", right, Form.BOUND);
        }
        try (Connection connection = plain(url);
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE guard_key_check");
            statement.execute("DROP TABLE guard_pending_events");
            for (String table : Schema.LIMITS_TABLES) {
                statement.execute("DROP TABLE " + table);
            }
            statement.execute("DROP TABLE guard_intake");
            statement.execute("DELETE FROM guard_schema WHERE version > 1");
        }
        try (JdbiStore store = JdbiStore.openForKeys(url, TIMEOUT)) {
            assertTrue(isRefused(() -> manager(store).createSigningKey(org, "second", kek(), Form.BOUND)));
            manager(store).createSigningKey(org, "second", right, Form.BOUND);
            assertEquals(Schema.NEWEST, store.status().schemaVersion());
            assertTrue(isRefused(() -> manager(store).createSigningKey(org, "third", kek(), Form.BOUND)));
        }
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void databaseThatWasNotAdopted_takesNoOtherKekEither(Dialect dialect) throws Exception {
        StoreUrl url = url(dialect);
        try (Connection connection = plain(url)) {
            Reference.make(connection, dialect, true);
        }
        Kek right = kek();
        try (JdbiStore store = JdbiStore.openForKeys(url, TIMEOUT)) {
            manager(store).createSigningKey(org, "first", right, Form.REFERENCE);
            assertTrue(isRefused(() -> manager(store).createSigningKey(org, "second", kek(), Form.REFERENCE)));
            manager(store).createSigningKey(org, "second", right, Form.REFERENCE);
            assertEquals(0, store.status().schemaVersion());
        }
    }

    @Test
    void kekOfAnotherProgramThatOpensAllKeys_isTaken() throws Exception {
        StoreUrl url = url(Dialect.SQLITE);
        Kek right = kek();
        try (JdbiStore store = JdbiStore.create(url, TIMEOUT, Clock.systemUTC())) {
            manager(store).createSigningKey(org, "first", right, Form.REFERENCE);
            try (Connection connection = plain(url);
                    Statement statement = connection.createStatement()) {
                statement.execute("UPDATE guard_key_check SET check_value = 'of before the other program resealed'");
            }
            assertThrows(
                    KeyException.class, () -> manager(store).createSigningKey(org, "second", kek(), Form.REFERENCE));
            manager(store).createSigningKey(org, "second", right, Form.REFERENCE);
        }
    }

    @Test
    void revokeEverywhere_seesTrustThatIsBeingAdded() throws Exception {
        StoreUrl url = url(Dialect.POSTGRESQL);
        Ed25519PublicKey key = Samples.publicKey();
        UUID other = UUID.randomUUID();
        try (JdbiStore store = JdbiStore.create(url, TIMEOUT, Clock.systemUTC());
                Connection adding = plain(url)) {
            store.trustedKeys().add(Samples.trust(org, key));
            adding.setAutoCommit(false);
            try (Statement statement = adding.createStatement()) {
                statement.execute("INSERT INTO trusted_keys (org_id, key_fingerprint, public_key, trusted_at) SELECT '"
                        + other + "', key_fingerprint, public_key, trusted_at FROM trusted_keys");
            }
            FutureTask<List<TrustedKey>> revoke =
                    new FutureTask<>(() -> store.trustedKeys().revokeEverywhere(key.fingerprint(), Samples.NOON));
            new Thread(revoke).start();
            awaitWaiting(url);
            adding.commit();
            assertEquals(2, revoke.get().size());
        }
    }

    private static void awaitWaiting(StoreUrl url) throws SQLException {
        try (Connection connection = plain(url);
                Statement statement = connection.createStatement()) {
            while (true) {
                try (ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_locks WHERE NOT granted")) {
                    row.next();
                    if (row.getLong(1) > 0) {
                        return;
                    }
                }
            }
        }
    }

    @Test
    void checkValue_isOfTheKekAlone() {
        Kek one = Kek.of(new byte[32]);
        assertEquals(64, one.checkValue().length());
        assertEquals(one.checkValue(), Kek.of(new byte[32]).checkValue());
        assertTrue(!one.checkValue().equals(kek().checkValue()));
    }
}
