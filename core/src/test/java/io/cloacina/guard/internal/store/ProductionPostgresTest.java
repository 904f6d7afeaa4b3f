// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.internal.trust.TrustWatch;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL as it is run: few connections, several hosts, replicas, roles that may little. */
@Timeout(180)
class ProductionPostgresTest {

    private final UUID org = UUID.randomUUID();
    private final Ed25519PublicKey key = Samples.publicKey();
    private static final String GRANTS = "GRANT SELECT ON trusted_keys, key_trust_acls, package_signatures,"
            + " guard_withdrawn_packages, guard_key_limits, guard_statements, guard_statement_names, guard_version_floors TO ";

    private final Question question = new Question(org, Samples.hash("package"), true, List.of(key.fingerprint()));
    private String database;

    @TempDir
    Path directory;

    @BeforeEach
    void makeStore() throws Exception {
        database = PostgresServer.newDatabase();
        try (JdbiStore store =
                JdbiStore.create(PostgresServer.url(database, "postgres"), StoreFixture.TIMEOUT, StoreFixture.CLOCK)) {
            store.trustedKeys().add(Samples.trust(org, key));
        }
    }

    private void sql(String... statements) throws SQLException {
        try (Connection admin = PostgresServer.connect(database, "postgres");
                Statement statement = admin.createStatement()) {
            for (String one : statements) {
                statement.execute(one);
            }
        }
    }

    private void assertTrusted(JdbiStore store) throws StoreUnavailableException {
        assertTrue(store.ask(question).trustIn(key.fingerprint()) instanceof SignerTrust.Trusted);
    }

    private StoreUrl url(String hosts, String parameters) {
        return StoreUrl.parse("postgres://postgres:secret@" + hosts + "/" + database + parameters);
    }

    private static String here() {
        return "localhost:" + PostgresServer.port();
    }

    private int connections() throws SQLException {
        try (Connection admin = PostgresServer.connect("postgres", "postgres");
                Statement statement = admin.createStatement();
                var count = statement.executeQuery(
                        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '" + database + "'")) {
            assertTrue(count.next());
            return count.getInt(1);
        }
    }

    private int connectionsAfterManyAsked(JdbiStore store) throws Exception {
        int threads = 12;
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(pool.submit(() -> {
                    start.await();
                    for (int n = 0; n < 20; n++) {
                        assertTrusted(store);
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
        return connections();
    }

    @Test
    void ask_byManyAtOnce_needsOneConnectionAndTheWatchAnother() throws Exception {
        try (JdbiStore store =
                JdbiStore.openForVerification(PostgresServer.url(database, "postgres"), StoreFixture.TIMEOUT)) {
            assertEquals(1, connectionsAfterManyAsked(store));
            try (TrustWatch watch = store.watch()) {
                assertEquals(2, connections(), () -> "with " + watch);
            }
        }
    }

    @Test
    void ask_byManyAtOnce_needsNoMoreThanWasAllowed() throws Exception {
        try (JdbiStore store =
                JdbiStore.openForVerification(PostgresServer.url(database, "postgres"), StoreFixture.TIMEOUT, 3)) {
            int connections = connectionsAfterManyAsked(store);

            assertTrue(connections >= 1 && connections <= 3, "connections: " + connections);
        }
    }

    @Test
    void readOnlyByDefault_primary_isFoundAndAskedAndSaysWhatKeepsFromWriting() throws Exception {
        sql("ALTER DATABASE " + database + " SET default_transaction_read_only = on");
        StoreUrl url = url(here(), "?targetServerType=primary");
        try (JdbiStore store = JdbiStore.openForVerification(url, StoreFixture.TIMEOUT)) {
            assertTrusted(store);
            assertEquals(Optional.empty(), store.replicaLag());
        }
        try (JdbiStore store = JdbiStore.openForKeys(url, StoreFixture.TIMEOUT)) {
            StoreFixture.assertSays(
                    "ALTER ROLE postgres SET default_transaction_read_only = off",
                    () -> store.trustedKeys().add(Samples.trust(org, Samples.publicKey())));
        }
    }

    @Test
    void ask_deadFirstHosts_leaveTimeForTheLast() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // The first takes connections and says nothing; to the second, there are none.
            String hosts = "127.0.0.1:" + silent.getLocalPort() + ",127.0.0.1:1," + here();
            try (JdbiStore store = JdbiStore.openForVerification(url(hosts, ""), Duration.ofSeconds(9))) {
                assertTrusted(store);
            }
        }
    }

    @Test
    void ask_limitShorterThanAConnectionToADeadHost_isAnsweredByTheNextQuestions() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String hosts = "127.0.0.1:" + silent.getLocalPort() + "," + here();
            try (JdbiStore store = JdbiStore.openForVerification(url(hosts, ""), Duration.ofMillis(800))) {
                assertThrows(StoreUnavailableException.class, () -> store.ask(question));
                for (int attempt = 0; attempt < 20; attempt++) {
                    try {
                        assertTrusted(store);
                        return;
                    } catch (StoreUnavailableException e) {
                        // The host that does not answer is still being waited for.
                        continue;
                    }
                }
                assertTrusted(store);
            }
        }
    }

    @Test
    void ask_noHostServes_namesEach() throws Exception {
        try (JdbiStore store =
                JdbiStore.openForVerification(url("127.0.0.1:1,127.0.0.1:2", ""), StoreFixture.TIMEOUT)) {
            String message = assertThrows(StoreUnavailableException.class, () -> store.ask(question))
                    .getMessage();

            assertTrue(message.contains("127.0.0.1:1: ") && message.contains("127.0.0.1:2: "), message);
        }
    }

    private static EmbeddedPostgres start(Path data) throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "off")
                .start();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path one : all.toList()) {
                Files.copy(one, to.resolve(from.relativize(one).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    @Test
    void failover_primaryEnds_itsReplicaServesOncePromoted() throws Exception {
        Path first = directory.resolve("first");
        EmbeddedPostgres server = start(first);
        StoreUrl only = StoreUrl.parse("postgres://postgres@localhost:" + server.getPort() + "/postgres");
        try (JdbiStore store = JdbiStore.create(only, StoreFixture.TIMEOUT, StoreFixture.CLOCK)) {
            store.trustedKeys().add(Samples.trust(org, key));
        }
        server.close();
        Path second = directory.resolve("second");
        copy(first, second);
        try (EmbeddedPostgres primary = start(first)) {
            Files.createFile(second.resolve("standby.signal"));
            Files.writeString(
                    second.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=localhost port=" + primary.getPort() + " user=postgres'\n");
            try (EmbeddedPostgres replica = start(second)) {
                failOver(primary, replica);
            }
        }
    }

    private void failOver(EmbeddedPostgres primary, EmbeddedPostgres replica) throws Exception {
        String replicaFirst = "localhost:" + replica.getPort() + ",localhost:" + primary.getPort();
        String form = "postgres://postgres@" + replicaFirst + "/postgres?targetServerType=";
        try (JdbiStore reader =
                        JdbiStore.openForVerification(StoreUrl.parse(form + "secondary"), StoreFixture.TIMEOUT);
                JdbiStore store = JdbiStore.openForKeys(StoreUrl.parse(form + "primary"), StoreFixture.TIMEOUT);
                TrustWatch watch = reader.watch()) {
            assertTrusted(reader);
            assertTrue(reader.replicaLag().isPresent());
            assertFalse(store.replicaLag().isPresent());
            assertTrue(
                    watch.await(Duration.ofMillis(10)), "a replica announces nothing, so every wait may be a change");
            assertTrue(store.trustedKeys().add(Samples.trust(UUID.randomUUID(), Samples.publicKey())));

            primary.close();
            assertTrusted(reader);
            String message = assertThrows(StoreUnavailableException.class, () -> store.ask(question))
                    .getMessage();
            assertTrue(message.contains("it is no server of the type [primary]"), message);

            try (Connection admin = replica.getPostgresDatabase().getConnection();
                    Statement statement = admin.createStatement()) {
                statement.execute("SELECT pg_promote()");
            }
            assertTrusted(store);
            assertTrue(store.trustedKeys().add(Samples.trust(UUID.randomUUID(), Samples.publicKey())));
        }
    }

    @Test
    void roleWithoutGrants_isToldTheGrant() throws Exception {
        String role = "poor_" + database;
        sql("CREATE ROLE " + role + " LOGIN");
        try (JdbiStore store =
                JdbiStore.openForVerification(PostgresServer.url(database, role), StoreFixture.TIMEOUT)) {
            StoreFixture.assertSays(GRANTS + role, () -> store.ask(question));
        }
        sql(GRANTS + role);
        try (JdbiStore store =
                JdbiStore.openForVerification(PostgresServer.url(database, role), StoreFixture.TIMEOUT)) {
            assertTrusted(store);
        }
    }

    @Test
    void databaseWithoutTables_isToldStoreInit() throws Exception {
        String empty = PostgresServer.newDatabase();
        try (JdbiStore store =
                JdbiStore.openForVerification(PostgresServer.url(empty, "postgres"), StoreFixture.TIMEOUT)) {
            StoreFixture.assertSays("cloacina store init", () -> store.ask(question));
        }
        try (JdbiStore store = JdbiStore.openForVerification(
                PostgresServer.url("no_such_database", "postgres"), StoreFixture.TIMEOUT)) {
            StoreFixture.assertSays("name another one in the store's address", () -> store.ask(question));
        }
    }
}
