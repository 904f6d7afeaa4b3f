// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.TrustedKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;

/**
 * How long the question of a verification takes on PostgreSQL when the store is large, against the same question in a
 * store with ten rows in each table.
 *
 * <p>Run it with {@code mvn -B -ntp -pl core test-compile exec:java -Dexec.classpathScope=test
 * -Dexec.mainClass=io.cloacina.guard.internal.store.VerificationBenchmark}; it starts a server of its own and takes a few
 * minutes. An argument is the number of version floors of the organisation that asks.
 */
public final class VerificationBenchmark {

    private static final int ROUNDS = 10;
    private static final int QUESTIONS_PER_ROUND = 1_000;
    private static final int REAL_PACKAGES = 1_000;

    private final String name;
    private final int signatures;
    private final int trustedKeys;
    private final int organisations;
    private final int grants;
    private final int withdrawals;
    private final int limits;
    private final int statements;
    private final int floors;
    private final String database;
    private final JdbiStore store;
    private final Random random = new Random(1);
    private final long[] asked = new long[ROUNDS * QUESTIONS_PER_ROUND];
    private final long[] verified = new long[ROUNDS * QUESTIONS_PER_ROUND];
    private int count;

    /**
     * @param limits on the first keys, by the organisations that trust them; they bind nothing
     * @param withdrawals by other organisations, so that they bind nothing; those of packages that are asked about come
     *     on top, and so do statements
     */
    private VerificationBenchmark(
            String name,
            int signatures,
            int trustedKeys,
            int organisations,
            int grants,
            int withdrawals,
            int limits,
            int statements,
            int floors)
            throws Exception {
        this.name = name;
        this.signatures = signatures;
        this.trustedKeys = trustedKeys;
        this.organisations = organisations;
        this.grants = grants;
        this.withdrawals = withdrawals;
        this.limits = limits;
        this.statements = statements;
        this.floors = floors;
        this.database = PostgresServer.newDatabase();
        this.store =
                JdbiStore.create(PostgresServer.url(database, "postgres"), Duration.ofSeconds(30), Clock.systemUTC());
    }

    public static void main(String[] arguments) throws Exception {
        VerificationBenchmark small = new VerificationBenchmark("10 rows", 10, 10, 10, 9, 10, 10, 10, 10);
        int floors = arguments.length == 0 ? 10_000 : Integer.parseInt(arguments[0]);
        VerificationBenchmark large =
                new VerificationBenchmark("large", 1_000_000, 100_000, 10_000, 1_000, 100_000, 10_000, 100_000, floors);
        small.fill();
        large.fill();
        for (VerificationBenchmark warmUp : new VerificationBenchmark[] {small, large, small, large}) {
            warmUp.ask();
            warmUp.count = 0;
        }
        for (int round = 0; round < ROUNDS; round++) {
            small.ask();
            large.ask();
        }
        small.report();
        large.report();
        System.out.printf(
                Locale.ROOT,
                "latency of the question, large against 10 rows: median %.2f times, 99th percentile %.2f times%n",
                (double) percentile(large.asked, 50) / percentile(small.asked, 50),
                (double) percentile(large.asked, 99) / percentile(small.asked, 99));
        large.explain();
        small.store.close();
        large.store.close();
        PostgresServer.stop();
    }

    private static UUID organisation(int number) {
        return new UUID(0x1L, number);
    }

    /** Every key is a real one; the key with number n is trusted by organisation n modulo their count. */
    private static Ed25519PrivateKey key(int number) {
        return Ed25519PrivateKey.ofSeed(ByteBuffer.allocate(32).putInt(number).array());
    }

    private static PackageHash hash(int number) {
        return PackageHash.ofContent(Integer.toString(number).getBytes(StandardCharsets.US_ASCII));
    }

    private void fill() throws Exception {
        try (Connection connection = PostgresServer.connect(database, "postgres");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            fillTrust(connection);
            statement.execute("CREATE TEMP TABLE signer (number INTEGER PRIMARY KEY, key_fingerprint TEXT)");
            statement.execute("INSERT INTO signer SELECT ('x' || right(id::text, 8))::bit(32)::int, key_fingerprint"
                    + " FROM trusted_keys");
            statement.execute("INSERT INTO package_signatures"
                    + " SELECT gen_random_uuid(), encode(sha256(i::text::bytea), 'hex'), s.key_fingerprint,"
                    + " decode(repeat('00', 64), 'hex'), now(), NULL"
                    + " FROM generate_series(0, " + (signatures - 1) + ") i"
                    + " JOIN signer s ON s.number = i % " + trustedKeys);
            fillLimits(statement);
            connection.commit();
            connection.setAutoCommit(true);
            statement.execute("VACUUM ANALYZE");
        }
        for (int i = 0; i < Math.min(REAL_PACKAGES, signatures); i++) {
            int number = packageNumber(i);
            try (Ed25519PrivateKey key = key(number % trustedKeys)) {
                PackageSignature row = Samples.signature(hash(number), key);
                if (!store.signatures().replace(row)) {
                    throw new IllegalStateException("no signature of package [" + number + "]");
                }
            }
        }
    }

    private void fillLimits(Statement statement) throws SQLException {
        StringBuilder asked = new StringBuilder("SELECT i FROM (VALUES ");
        for (int i = 0; i < Math.min(REAL_PACKAGES, signatures); i++) {
            asked.append(i == 0 ? "(" : ", (").append(packageNumber(i)).append(')');
        }
        asked.append(") a (i) UNION SELECT generate_series(0, ")
                .append(signatures - 1)
                .append(", ");
        statement.execute("INSERT INTO guard_withdrawn_packages (org_id, package_hash)"
                + " SELECT gen_random_uuid(), encode(sha256(i::text::bytea), 'hex')"
                + " FROM (" + asked + Math.max(1, signatures / withdrawals) + ")) i");
        statement.execute("INSERT INTO guard_key_limits (org_id, key_fingerprint, not_after)"
                + " SELECT org_id, key_fingerprint, now() + interval '1 year'"
                + " FROM trusted_keys ORDER BY id LIMIT " + limits);
        statement.execute("INSERT INTO guard_statements (package_hash, key_fingerprint, envelope)"
                + " SELECT encode(sha256(i::text::bytea), 'hex'), s.key_fingerprint, decode(repeat('00', 600), 'hex')"
                + " FROM (" + asked + Math.max(1, signatures / statements) + ")) i"
                + " JOIN signer s ON s.number = i % " + trustedKeys);
        statement.execute("INSERT INTO guard_statement_names (statement_id, package_name)"
                + " SELECT id, 'com.example:package-1' FROM guard_statements");
        statement.execute("INSERT INTO guard_version_floors (org_id, package_name, minimum_version)"
                + " SELECT '" + organisation(0) + "', 'com.example:package-' || i, '1.0.' || i"
                + " FROM generate_series(1, " + floors + ") i");
    }

    private void fillTrust(Connection connection) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO trusted_keys VALUES (?, ?, ?, ?, 'key', now(), NULL)")) {
            for (int i = 0; i < trustedKeys; i++) {
                TrustedKey row = Samples.trust(organisation(i % organisations), key(i).publicKey());
                insert.setObject(1, new UUID(0x2L, i));
                insert.setObject(2, row.orgId());
                insert.setString(3, row.fingerprint().hex());
                insert.setBytes(4, row.publicKey());
                insert.addBatch();
                if (i % 1_000 == 999 || i == trustedKeys - 1) {
                    insert.executeBatch();
                }
            }
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO key_trust_acls VALUES (gen_random_uuid(), ?, ?, now(), NULL)")) {
            for (int i = 1; i <= grants; i++) {
                insert.setObject(1, organisation(0));
                insert.setObject(2, organisation(i));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** The i-th package that is asked for: spread over the table, signed by a key of organisations 0 to {@code grants}. */
    private int packageNumber(int i) {
        int spread = signatures / Math.min(REAL_PACKAGES, signatures) / organisations * organisations;
        return i * spread + i % Math.min(organisations, grants + 1);
    }

    private void ask() throws Exception {
        for (int i = 0; i < QUESTIONS_PER_ROUND; i++) {
            PackageHash hash = hash(packageNumber(random.nextInt(Math.min(REAL_PACKAGES, signatures))));
            Question question = new Question(organisation(0), hash, true, List.of());
            long start = System.nanoTime();
            Answer answer = store.ask(question);
            long answered = System.nanoTime();
            var signature = answer.signatures().get(0);
            if (!(answer.trustIn(signature.keyFingerprint()) instanceof SignerTrust.Trusted trusted)
                    || !trusted.key().verifies(hash.bytes(), signature.signature())) {
                throw new IllegalStateException("not verified: " + answer);
            }
            long end = System.nanoTime();
            if (count < asked.length) {
                asked[count] = answered - start;
                verified[count++] = end - start;
            }
        }
    }

    private static long percentile(long[] nanos, int percent) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return sorted[(int) ((sorted.length - 1L) * percent / 100)];
    }

    private void report() throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%s: %d signatures, %d trusted keys, %d organisations, %d grants, %d withdrawals, %d limits, %d"
                        + " statements, %d floors%n"
                        + "  question:                  median %.3f ms, 99th percentile %.3f ms%n"
                        + "  question and signature:    median %.3f ms, %.0f verifications per second on one thread%n",
                name,
                store.status().signatures(),
                trustedKeys,
                organisations,
                grants,
                withdrawals,
                limits,
                statements,
                floors,
                percentile(asked, 50) / 1e6,
                percentile(asked, 99) / 1e6,
                percentile(verified, 50) / 1e6,
                1e9 * verified.length / Arrays.stream(verified).sum());
    }

    private void explain() throws SQLException {
        Question question = new Question(organisation(0), hash(packageNumber(3)), true, List.of());
        try (Connection connection = PostgresServer.connect(database, "postgres");
                PreparedStatement statement = connection.prepareStatement(
                        "EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF) " + VerificationSql.of(Dialect.POSTGRESQL, true))) {
            Verification.bind(statement, new PostgresCodecs(), question);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    System.out.println(row.getString(1));
                }
            }
        }
    }
}
