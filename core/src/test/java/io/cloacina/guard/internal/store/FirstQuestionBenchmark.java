// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.TrustStore.Question;
import java.io.File;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.Query;
import org.sqlite.JDBC;

/**
 * What the first question of a JVM costs by plain JDBC and by JDBI, in classes and in milliseconds of processor time of
 * the thread that asks, on an SQLite connection that is already open: medians of fresh JVMs.
 *
 * <p>Run it with {@code mvn -q -pl core test-compile dependency:build-classpath -Dmdep.outputFile=target/cp.txt} and
 * {@code java -cp core/target/classes:core/target/test-classes:$(cat core/target/cp.txt)
 * io.cloacina.guard.internal.store.FirstQuestionBenchmark}.
 */
public final class FirstQuestionBenchmark {

    private static final int TURNS = 11;

    private FirstQuestionBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            ask(arguments[0], arguments[1]);
            return;
        }
        Path file = Files.createTempDirectory("first-question").resolve("trust.db");
        JdbiStore.create(StoreUrl.ofFile(file), Duration.ofSeconds(5), Clock.systemUTC())
                .close();
        for (String by : new String[] {"jdbc", "jdbi"}) {
            double[] millis = new double[TURNS];
            String classes = "";
            for (int i = 0; i < TURNS; i++) {
                String[] said = fork(by, file.toString()).split(" ");
                millis[i] = Double.parseDouble(said[0]);
                classes = said[1];
            }
            Arrays.sort(millis);
            System.out.printf(Locale.ROOT, "%s: %.1f ms, %s classes%n", by, millis[TURNS / 2], classes);
        }
    }

    private static String fork(String... arguments) throws Exception {
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        Process process = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        FirstQuestionBenchmark.class.getName(),
                        arguments[0],
                        arguments[1])
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }

    private static void ask(String by, String file) throws SQLException {
        ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Question question = new Question(UUID.randomUUID(), Samples.hash("a package"), true, List.of());
        TreeMap<Integer, Argument> bindings = JdbiQuestionTest.bindings(
                StoreUrl.ofFile(Path.of(file)).dialect().codecs(), question);
        try (Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties())) {
            // What the recorded bindings need is no part of the question.
            try (PreparedStatement other =
                    connection.prepareStatement("SELECT ?" + ", ?".repeat(bindings.size() - 1))) {
                bind(bindings, other);
            }
            long before = classes.getTotalLoadedClassCount();
            long begin = threads.getCurrentThreadCpuTime();
            int rows = by.equals("jdbc") ? byJdbc(connection, bindings) : byJdbi(connection, bindings);
            long end = threads.getCurrentThreadCpuTime();
            long after = classes.getTotalLoadedClassCount();
            if (rows != 0) {
                throw new IllegalStateException("the store is empty");
            }
            System.out.printf(Locale.ROOT, "%.3f %d%n", (end - begin) / 1e6, after - before);
        }
    }

    private static void bind(TreeMap<Integer, Argument> bindings, PreparedStatement statement) throws SQLException {
        for (Map.Entry<Integer, Argument> binding : bindings.entrySet()) {
            binding.getValue().apply(binding.getKey(), statement, null);
        }
    }

    private static int byJdbc(Connection connection, TreeMap<Integer, Argument> bindings) throws SQLException {
        int rows = 0;
        try (PreparedStatement statement = connection.prepareStatement(VerificationSql.of(Dialect.SQLITE, true))) {
            bind(bindings, statement);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows++;
                }
            }
        }
        return rows;
    }

    private static int byJdbi(Connection connection, TreeMap<Integer, Argument> bindings) {
        try (Handle handle = Jdbi.create(connection).open();
                Query query = handle.createQuery(VerificationSql.of(Dialect.SQLITE, true))) {
            for (Map.Entry<Integer, Argument> binding : bindings.entrySet()) {
                query.bind(binding.getKey() - 1, binding.getValue());
            }
            return query.map((row, context) -> row.getString(1)).list().size();
        }
    }
}
