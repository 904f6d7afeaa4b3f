// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.Driver;

/** One real PostgreSQL for all tests of a JVM, with a database for each test class. */
public final class PostgresServer {

    private static final AtomicInteger COUNT = new AtomicInteger();

    private PostgresServer() {}

    private static final class Running {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("timezone", "America/St_Johns")
                        .start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    try {
                        server.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** For programs that Maven runs within itself, whose classes are gone before the JVM ends. */
    static void stop() throws IOException {
        Running.SERVER.close();
    }

    static int port() {
        return Running.SERVER.getPort();
    }

    /** The name of a new, empty database. */
    public static String newDatabase() throws SQLException {
        String name = "store_" + COUNT.incrementAndGet();
        try (Connection connection = connect("postgres", "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        }
        return name;
    }

    public static String address(String database, String user) {
        return "postgres://" + user + ":secret@localhost:" + port() + "/" + database;
    }

    static StoreUrl url(String database, String user) {
        return StoreUrl.parse(address(database, user));
    }

    static Connection connect(String database, String user) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", "secret");
        return new Driver().connect("jdbc:postgresql://localhost:" + port() + "/" + database, properties);
    }
}
