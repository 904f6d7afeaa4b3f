// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.trust.TrustWatch;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.Driver;

/** A pooler that gives each transaction another connection: nothing may be left behind in one, and found there. */
class PgBouncerTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private String database;
    private PgBouncer pooler;

    @BeforeEach
    void startPooler() throws Exception {
        assumeTrue(PgBouncer.isThere(), "PgBouncer is installed (Debian: apt-get install pgbouncer)");
        database = PostgresServer.newDatabase();
        pooler = PgBouncer.start(database, "postgres", 2);
    }

    @AfterEach
    void stopPooler() throws Exception {
        if (pooler != null) {
            pooler.close();
        }
    }

    private StoreUrl url(String parameters) {
        return StoreUrl.parse(pooler.address(database, "postgres", parameters));
    }

    private static TrustStore.Question question(int number) {
        return new TrustStore.Question(
                new UUID(0, 1), PackageHash.ofContent(new byte[] {(byte) number}), true, List.of());
    }

    @Test
    void ask_oftenAndByMany_isAnswered() throws Exception {
        JdbiStore.create(url(""), LIMIT, Clock.systemUTC()).close();
        ExecutorService threads = Executors.newFixedThreadPool(6);
        List<JdbiStore> stores = new ArrayList<>();
        try {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                JdbiStore store = JdbiStore.openForVerification(url(""), LIMIT);
                stores.add(store);
                all.add(threads.submit(() -> {
                    int answers = 0;
                    for (int n = 0; n < 60; n++) {
                        answers += store.ask(question(n)).signatures().size();
                    }
                    return answers;
                }));
            }
            for (Future<Integer> one : all) {
                assertEquals(0, one.get());
            }
        } finally {
            threads.shutdownNow();
            stores.forEach(JdbiStore::close);
        }
    }

    @Test
    void change_oftenAndByMany_isDone() throws Exception {
        JdbiStore.create(url(""), LIMIT, Clock.systemUTC()).close();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(threads.submit(() -> {
                    try (JdbiStore store = JdbiStore.openForKeys(url(""), LIMIT)) {
                        int done = 0;
                        for (int n = 0; n < 20; n++) {
                            done += store.trustedKeys().add(Samples.trust(new UUID(0, 1), Samples.publicKey())) ? 1 : 0;
                            store.trustedKeys().of(new UUID(0, 1));
                        }
                        return done;
                    }
                }));
            }
            for (Future<Integer> one : all) {
                assertEquals(20, one.get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void watch_pollsAndLeavesNoListenerInAPooledConnection() throws Exception {
        pooler.close();
        pooler = PgBouncer.start(database, "postgres", 1);
        try (JdbiStore store = JdbiStore.create(url(""), LIMIT, Clock.systemUTC());
                TrustWatch watch = store.watch()) {
            assertTrue(watch.await(Duration.ofMillis(50)), "every wait counts as a change");
        }
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", "secret");
        properties.setProperty("prepareThreshold", "0");
        // The only connection there is.
        try (Connection pooled = new Driver()
                        .connect("jdbc:postgresql://127.0.0.1:" + pooler.port() + "/" + database, properties);
                Statement statement = pooled.createStatement();
                ResultSet channels = statement.executeQuery("SELECT pg_listening_channels()")) {
            assertFalse(channels.next());
        }
    }
}
