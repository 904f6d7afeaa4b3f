// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.internal.trust.IntakeRow;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.WithdrawnPackage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A PostgreSQL server that is away, silent, restarted, or does not let us. */
@Timeout(120)
class OutageTest {

    private static final Duration SHORT = Duration.ofMillis(700);

    private static String database;

    private final UUID org = UUID.randomUUID();
    private final Ed25519PublicKey key = Samples.publicKey();
    private final Question question = new Question(org, Samples.hash("package"), true, List.of(key.fingerprint()));

    @BeforeAll
    static void make() throws Exception {
        database = PostgresServer.newDatabase();
        try (JdbiStore store =
                JdbiStore.create(PostgresServer.url(database, "postgres"), StoreFixture.TIMEOUT, StoreFixture.CLOCK)) {
            store.status();
        }
    }

    private static StoreUrl at(int port) {
        return StoreUrl.parse("postgres://postgres:secret@localhost:" + port + "/" + database);
    }

    private void assertAnswers(JdbiStore store) throws Exception {
        assertInstanceOf(SignerTrust.Unknown.class, store.ask(question).trustIn(key.fingerprint()));
    }

    @Test
    void ask_serverThatNeverAnswers_isUnavailableWithinTheLimit() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                JdbiStore store = JdbiStore.openForVerification(at(silent.getLocalPort()), SHORT)) {
            StoreFixture.assertSays("no answer within 700 ms", () -> store.ask(question));
            StoreFixture.assertSays("no answer within 700 ms", () -> store.ask(question));
        }
    }

    @Test
    void ask_nobodyListens_isUnavailable() throws Exception {
        int port;
        try (ServerSocket soonGone = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = soonGone.getLocalPort();
        }
        try (JdbiStore store = JdbiStore.openForVerification(at(port), StoreFixture.TIMEOUT)) {
            StoreFixture.assertSays("refused", () -> store.ask(question));
        }
    }

    @Test
    void ask_hostThatDoesNotExist_isUnavailable() {
        try (JdbiStore store = JdbiStore.openForVerification(
                StoreUrl.parse("postgres://u:secret@no-such-host.invalid/db"), StoreFixture.TIMEOUT)) {
            StoreFixture.assertSays("no-such-host.invalid", () -> store.ask(question));
        }
    }

    @Test
    void ask_serverThatFallsSilent_worksAgainWhenItIsBack() throws Exception {
        try (Relay relay = new Relay(PostgresServer.port());
                JdbiStore store = JdbiStore.openForVerification(at(relay.port()), SHORT)) {
            untilAnswers(store);
            for (int round = 0; round < 2; round++) {
                relay.hold();
                StoreFixture.assertSays("no answer within", () -> store.ask(question));
                relay.release();
                untilAnswers(store);
            }
        }
    }

    /** The first connect after an outage may itself take longer than so short a limit. */
    private void untilAnswers(JdbiStore store) throws Exception {
        for (int attempt = 0; ; attempt++) {
            try {
                assertAnswers(store);
                return;
            } catch (StoreUnavailableException e) {
                if (attempt == 20) {
                    throw e;
                }
            }
        }
    }

    @Test
    void ask_connectionCutWhileIdle_isAskedAgainThroughAFreshOne() throws Exception {
        try (Relay relay = new Relay(PostgresServer.port());
                JdbiStore store = JdbiStore.openForKeys(at(relay.port()), StoreFixture.TIMEOUT)) {
            assertAnswers(store);
            relay.cut();
            assertAnswers(store);
            relay.cut();
            assertTrue(store.grants().add(Samples.grant(org, UUID.randomUUID())));
        }
    }

    @Test
    void ask_sessionEndedByTheServer_isAskedAgainThroughAFreshOne() throws Exception {
        try (JdbiStore store =
                JdbiStore.openForVerification(PostgresServer.url(database, "postgres"), StoreFixture.TIMEOUT)) {
            assertAnswers(store);
            try (Connection admin = PostgresServer.connect("postgres", "postgres");
                    Statement statement = admin.createStatement()) {
                statement
                        .executeQuery("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                                + database + "'")
                        .close();
            }
            assertAnswers(store);
        }
    }

    @Test
    void ask_oneAfterTheOther_needsOneConnection() throws Exception {
        String own = PostgresServer.newDatabase();
        try (JdbiStore store =
                JdbiStore.create(PostgresServer.url(own, "postgres"), StoreFixture.TIMEOUT, StoreFixture.CLOCK)) {
            for (int i = 0; i < 200; i++) {
                assertAnswers(store);
            }
            try (Connection admin = PostgresServer.connect("postgres", "postgres");
                    Statement statement = admin.createStatement();
                    var count = statement.executeQuery(
                            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '" + own + "'")) {
                assertTrue(count.next());
                assertEquals(1, count.getInt(1));
            }
        }
    }

    @Test
    void ask_roleThatMayNotReadTheLimits_isToldTheGrantThatHelps() throws Exception {
        try (Connection admin = PostgresServer.connect(database, "postgres");
                Statement statement = admin.createStatement();
                JdbiStore store = JdbiStore.openForVerification(
                        PostgresServer.url(database, "guard_agent"), StoreFixture.TIMEOUT)) {
            statement.execute("CREATE ROLE guard_agent LOGIN");
            statement.execute("GRANT SELECT ON trusted_keys, key_trust_acls, package_signatures TO guard_agent");

            StoreUnavailableException refused =
                    assertThrows(StoreUnavailableException.class, () -> store.ask(question));

            String message = refused.getMessage();
            assertTrue(message.contains("permission denied for table guard_"), message);
            statement.execute(message.substring(message.indexOf("GRANT SELECT ON")));
            assertAnswers(store);
        }
        try (JdbiStore store =
                JdbiStore.openForKeys(PostgresServer.url(database, "guard_agent"), StoreFixture.TIMEOUT)) {
            StoreFixture.assertSays(
                    "permission denied", () -> store.grants().add(Samples.grant(org, UUID.randomUUID())));
        }
    }

    @Test
    void storeInit_letsRolesThatMayReadTrustReadItsLimits_alsoThoseThatCameLater() throws Exception {
        String fresh = PostgresServer.newDatabase();
        StoreUrl owner = PostgresServer.url(fresh, "postgres");
        JdbiStore.create(owner, StoreFixture.TIMEOUT, StoreFixture.CLOCK).close();
        try (Connection admin = PostgresServer.connect(fresh, "postgres");
                Statement statement = admin.createStatement()) {
            // As it was before these tables, with a role that could verify and one that could change trust.
            for (String table : Schema.LIMITS_TABLES) {
                statement.execute("DROP TABLE " + table);
            }
            statement.execute("DROP TABLE guard_intake");
            statement.execute("DELETE FROM guard_schema WHERE version >= " + Schema.WITH_LIMITS);
            statement.execute("CREATE ROLE \"Early reader\" LOGIN");
            statement.execute("GRANT SELECT ON trusted_keys, key_trust_acls, package_signatures TO \"Early reader\"");
            statement.execute("CREATE ROLE early_manager LOGIN");
            statement.execute("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO early_manager");
            JdbiStore.create(owner, StoreFixture.TIMEOUT, StoreFixture.CLOCK).close();
            try (JdbiStore store = JdbiStore.openForVerification(
                            PostgresServer.url(fresh, "Early reader"), StoreFixture.TIMEOUT);
                    JdbiStore keys =
                            JdbiStore.openForKeys(PostgresServer.url(fresh, "early_manager"), StoreFixture.TIMEOUT)) {
                assertAnswers(store);
                WithdrawnPackage row =
                        new WithdrawnPackage(UUID.randomUUID(), org, Samples.hash("package"), null, Samples.NOON, null);
                assertTrue(keys.withdrawnPackages().withdraw(row));
                assertTrue(store.ask(question).withdrawn().isPresent());
                IntakeRow taken = new IntakeRow(
                        UUID.randomUUID(), org, Samples.hash("package"), "sha256", "a", null, Samples.NOON);
                assertEquals(1, keys.intakes().addAll(List.of(taken)));
            }

            statement.execute("CREATE ROLE late_reader LOGIN");
            statement.execute("GRANT SELECT ON trusted_keys, key_trust_acls, package_signatures TO late_reader");
            JdbiStore.create(owner, StoreFixture.TIMEOUT, StoreFixture.CLOCK).close();
            try (JdbiStore store =
                    JdbiStore.openForVerification(PostgresServer.url(fresh, "late_reader"), StoreFixture.TIMEOUT)) {
                assertAnswers(store);
            }
            // A role that owns nothing runs it in vain, and without harm.
            JdbiStore.create(PostgresServer.url(fresh, "early_manager"), StoreFixture.TIMEOUT, StoreFixture.CLOCK)
                    .close();
        }
    }

    @Test
    void change_onALockedTable_isUndoneWhenNobodyWaitsAnyMore() throws Exception {
        var grant = Samples.grant(org, UUID.randomUUID());
        try (Connection admin = PostgresServer.connect(database, "postgres");
                Statement statement = admin.createStatement();
                JdbiStore patient =
                        JdbiStore.openForKeys(PostgresServer.url(database, "postgres"), StoreFixture.TIMEOUT);
                JdbiStore store = JdbiStore.openForKeys(PostgresServer.url(database, "postgres"), SHORT)) {
            admin.setAutoCommit(false);
            statement.execute("LOCK TABLE key_trust_acls IN EXCLUSIVE MODE");
            StoreFixture.assertSays("no answer within", () -> store.grants().add(grant));
            admin.rollback();

            assertTrue(patient.grants().find(org, grant.childOrgId()).isEmpty());
            assertTrue(patient.grants().add(grant));
        }
    }

    @Test
    void thread_ofTheStore_inheritsNothing() throws Exception {
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        inherited.set("the application's");
        AtomicReference<Thread> worker = new AtomicReference<>();
        AtomicReference<String> seen = new AtomicReference<>("nothing yet");
        AtomicReference<ClassLoader> context = new AtomicReference<>();
        try (StoreThreads threads = new StoreThreads(StoreFixture.TIMEOUT, () -> {})) {
            threads.call("look", deadline -> {
                worker.set(Thread.currentThread());
                seen.set(inherited.get());
                context.set(Thread.currentThread().getContextClassLoader());
                return true;
            });
        }
        assertTrue(worker.get().isDaemon());
        assertNull(seen.get());
        assertSame(ClassLoader.getPlatformClassLoader(), context.get());
        assertNull(
                worker.get().getThreadGroup() == null
                        ? null
                        : worker.get().getThreadGroup().getParent());
    }

    @Test
    void threads_allStuck_refuseWithinTheLimitAndRecover() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        try (StoreThreads threads = new StoreThreads(Duration.ofMillis(200), () -> {})) {
            for (int i = 0; i < 10; i++) {
                assertThrows(
                        StoreUnavailableException.class,
                        () -> threads.call("wait", deadline -> {
                            stuck.await();
                            return true;
                        }));
            }
            stuck.countDown();
            for (int attempt = 0; ; attempt++) {
                try {
                    assertEquals("done", threads.call("work", deadline -> "done"));
                    break;
                } catch (StoreUnavailableException e) {
                    assertFalse(attempt > 20);
                }
            }
        }
    }

    @Test
    void threads_interruptedCaller_waitsOnAndStaysInterrupted() throws Exception {
        Thread caller = Thread.currentThread();
        try (StoreThreads threads = new StoreThreads(StoreFixture.TIMEOUT, () -> {})) {
            assertEquals("done", threads.call("work", deadline -> {
                caller.interrupt();
                return "done";
            }));
            assertTrue(Thread.interrupted());
            assertThrows(
                    ExecutionException.class,
                    () -> threads.call("fail", deadline -> {
                        throw new IOException("no");
                    }));
        }
    }
}
