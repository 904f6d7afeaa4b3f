// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/** What a connection is asked for. */
class ConnectionPoolTest {

    @TempDir
    Path folder;

    private final List<String> calls = new ArrayList<>();

    /** A connection, or a statement of one, that writes down what it is asked to do with the database. */
    private <T> T recorded(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    String name = method.getName();
                    if (!name.startsWith("set") && !name.equals("close")) {
                        calls.add(name);
                    }
                    try {
                        Object result = method.invoke(target, arguments);
                        return result instanceof PreparedStatement statement
                                ? recorded(PreparedStatement.class, statement)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private final class RecordedConnection extends PooledConnection {

        RecordedConnection(Connection connection) {
            super(recorded(Connection.class, connection), Dialect.SQLITE, true);
        }

        @Override
        boolean isCurrent() {
            return true;
        }

        @Override
        boolean isAlive() {
            return true;
        }

        @Override
        boolean confirms() {
            return true;
        }

        @Override
        boolean isReusable() {
            return true;
        }

        @Override
        void abandon() {}
    }

    @Test
    void questions_oneAfterTheOther_areOneStatementEachOnOneConnection() throws Exception {
        Path file = folder.resolve("trust.db");
        UUID org = UUID.randomUUID();
        StoreUrl url = StoreUrl.ofFile(file);
        List<PackageHash> hashes = IntStream.range(0, 10)
                .mapToObj(i -> PackageHash.ofContent(new byte[] {(byte) i}))
                .toList();
        try (JdbiStore store = JdbiStore.create(url, Duration.ofSeconds(30), Clock.systemUTC());
                Ed25519PrivateKey key = Samples.privateKey()) {
            store.trustedKeys().add(Samples.trust(org, key.publicKey()));
            for (PackageHash hash : hashes) {
                store.signatures().add(Samples.signature(hash, key));
            }
        }
        Connector connector = () -> {
            calls.add("open");
            return new RecordedConnection(JDBC.createConnection("jdbc:sqlite:" + file, new java.util.Properties()));
        };
        StoreThreads threads = new StoreThreads(Duration.ofSeconds(30), () -> {});
        try (threads;
                ConnectionPool pool = new ConnectionPool(connector)) {
            for (PackageHash hash : hashes) {
                Question question = new Question(org, hash, true, List.of());
                assertEquals(
                        1,
                        threads.call(
                                        "ask",
                                        deadline -> pool.read(deadline, pooled -> Verification.ask(pooled, question)))
                                .signatures()
                                .size());
            }
        }
        List<String> expected = new ArrayList<>(List.of("open", "prepareStatement"));
        hashes.forEach(hash -> expected.add("executeQuery"));
        assertEquals(expected, calls);
    }

    @Test
    void prepare_connection_isTriedAndServesTheFirstQuestion() throws Exception {
        Path file = folder.resolve("trust.db");
        JdbiStore.create(StoreUrl.ofFile(file), Duration.ofSeconds(30), Clock.systemUTC())
                .close();
        Question question = new Question(UUID.randomUUID(), PackageHash.ofContent(new byte[1]), true, List.of());
        try (ConnectionPool pool = new ConnectionPool(() -> {
            calls.add("open");
            return new RecordedConnection(JDBC.createConnection("jdbc:sqlite:" + file, new java.util.Properties()));
        })) {
            pool.prepare(pooled -> Verification.ask(pooled, question));
            pool.prepare(pooled -> Verification.ask(pooled, question));
            pool.read(new StoreThreads.Deadline(), pooled -> Verification.ask(pooled, question));
        }
        assertEquals(List.of("open", "prepareStatement", "executeQuery", "executeQuery"), calls);
    }

    @Test
    void prepare_connectionThatFails_isGivenUp() throws Exception {
        Path file = folder.resolve("trust.db");
        List<PooledConnection> opened = new ArrayList<>();
        try (ConnectionPool pool = new ConnectionPool(() -> {
            opened.add(
                    new RecordedConnection(JDBC.createConnection("jdbc:sqlite:" + file, new java.util.Properties())));
            return opened.get(opened.size() - 1);
        })) {
            assertThrows(
                    SQLException.class,
                    () -> pool.prepare(pooled -> {
                        throw new SQLException("no such table");
                    }));
            assertTrue(opened.get(0).connection().isClosed());
            pool.read(new StoreThreads.Deadline(), pooled -> pooled);
        }
        assertEquals(2, opened.size());
    }
}
