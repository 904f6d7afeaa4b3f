// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.trust.TrustedKey;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.Query;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/** The one statement that JDBI does not run, run by JDBI: it answers the same. */
class JdbiQuestionTest {

    @TempDir
    Path folder;

    private final UUID org = UUID.randomUUID();
    private final UUID child = UUID.randomUUID();
    private final PackageHash hash = Samples.hash("a package");
    private final Ed25519PrivateKey own = Samples.privateKey();
    private final Ed25519PrivateKey inherited = Samples.privateKey();
    private final Ed25519PrivateKey revoked = Samples.privateKey();
    private final Ed25519PrivateKey unknown = Samples.privateKey();

    /** What {@link Verification#bind} sets, at each position. */
    static TreeMap<Integer, Argument> bindings(Codecs codecs, Question question) throws SQLException {
        TreeMap<Integer, Argument> bindings = new TreeMap<>();
        PreparedStatement recorder = (PreparedStatement) Proxy.newProxyInstance(
                JdbiQuestionTest.class.getClassLoader(),
                new Class<?>[] {PreparedStatement.class},
                (proxy, method, arguments) -> {
                    bindings.put(
                            (Integer) arguments[0],
                            (position, statement, context) -> replay(statement, method, arguments, position));
                    return null;
                });
        Verification.bind(recorder, codecs, question);
        return bindings;
    }

    private static void replay(PreparedStatement statement, Method method, Object[] arguments, int position)
            throws SQLException {
        Object[] placed = arguments.clone();
        placed[0] = position;
        try {
            method.invoke(statement, placed);
        } catch (ReflectiveOperationException e) {
            throw new SQLException(e);
        }
    }

    private static List<String> row(ResultSet row) throws SQLException {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            Object value = row.getObject(i);
            values.add(value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(value));
        }
        return values;
    }

    private static List<String> sorted(List<List<String>> rows) {
        return rows.stream().map(List::toString).sorted().toList();
    }

    private static List<List<String>> byJdbc(Connection connection, String sql, Codecs codecs, Question question)
            throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Verification.bind(statement, codecs, question);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.add(row(row));
                }
            }
        }
        return rows;
    }

    private static List<List<String>> byJdbi(Connection connection, String sql, Codecs codecs, Question question)
            throws SQLException {
        try (Handle handle = Jdbi.create(connection).open();
                Query query = handle.createQuery(sql)) {
            bindings(codecs, question).forEach((position, argument) -> query.bind(position - 1, argument));
            return query.map((row, context) -> row(row)).list();
        }
    }

    private void fill(StoreUrl url) throws Exception {
        try (JdbiStore store = JdbiStore.create(url, StoreFixture.TIMEOUT, StoreFixture.CLOCK)) {
            store.trustedKeys().add(Samples.trust(org, own.publicKey()));
            store.trustedKeys().add(Samples.trust(child, inherited.publicKey()));
            TrustedKey row = Samples.trust(org, revoked.publicKey());
            store.trustedKeys().add(row);
            store.grants().add(Samples.grant(org, child));
            store.trustedKeys().revoke(row.id(), Samples.NOON.plusSeconds(1));
            for (Ed25519PrivateKey key : List.of(own, inherited, revoked, unknown)) {
                store.signatures().addAll(List.of(Samples.signature(hash, key)));
            }
        }
    }

    private void assertSameAnswers(Connection jdbc, Connection jdbi, Dialect dialect) throws SQLException {
        Codecs codecs = dialect.codecs();
        String sql = VerificationSql.of(dialect, true);
        int rows = 0;
        for (UUID asking : List.of(org, child, UUID.randomUUID())) {
            for (PackageHash of : List.of(hash, Samples.hash("another package"))) {
                for (boolean stored : new boolean[] {true, false}) {
                    for (List<Fingerprint> detached : List.of(
                            List.<Fingerprint>of(),
                            List.of(inherited.publicKey().fingerprint()))) {
                        Question question = new Question(asking, of, stored, detached);
                        List<String> expected = sorted(byJdbc(jdbc, sql, codecs, question));
                        rows += expected.size();

                        assertEquals(expected, sorted(byJdbi(jdbi, sql, codecs, question)), question::toString);
                    }
                }
            }
        }
        assertEquals(38, rows, "the questions have answers");
    }

    @Test
    void question_byJdbi_onSqlite_hasTheSameAnswer() throws Exception {
        StoreUrl url = StoreUrl.ofFile(folder.resolve("trust.db"));
        fill(url);
        String address = "jdbc:sqlite:" + url.file().orElseThrow();
        try (Connection jdbc = JDBC.createConnection(address, new Properties());
                Connection jdbi = JDBC.createConnection(address, new Properties())) {
            assertSameAnswers(jdbc, jdbi, url.dialect());
        }
    }

    @Test
    void question_byJdbi_onPostgres_hasTheSameAnswer() throws Exception {
        String database = PostgresServer.newDatabase();
        StoreUrl url = PostgresServer.url(database, "postgres");
        fill(url);
        try (Connection jdbc = PostgresServer.connect(database, "postgres");
                Connection jdbi = PostgresServer.connect(database, "postgres")) {
            assertSameAnswers(jdbc, jdbi, url.dialect());
        }
    }

    /**
     * JDBI runs everything else. What is excepted is the question and what keeps connections, which an agent does
     * without JDBI.
     */
    @Test
    void statements_ofPlainJdbc_areTheQuestionAndTheKeepingOfConnections() throws Exception {
        TreeSet<String> plain = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("src/main/java/io/cloacina/guard/internal/store"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (usesStatements(file)) {
                    plain.add(file.getFileName().toString().replace(".java", ""));
                }
            }
        }

        assertFalse(plain.isEmpty());
        assertEquals(
                new TreeSet<>(List.of(
                        "Announcements",
                        "PooledConnection",
                        "PostgresConnector",
                        "PostgresWatch",
                        "SqliteFile",
                        "Verification")),
                plain);
    }

    private static boolean usesStatements(Path file) throws IOException {
        String code = Files.readString(file);
        return code.contains(".createStatement(")
                || code.contains(".prepareStatement(")
                || code.contains(".executeQuery(");
    }
}
