// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.PackageSignature;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How every store's tables come about, are told and taken over: run on real databases by the subclasses. */
abstract class StoreSchemaSuite extends StoreFixture {

    @Test
    void create_twice_keepsTheRows() throws Exception {
        store.grants().add(Samples.grant(org, child));

        JdbiStore again = keep(JdbiStore.create(url, TIMEOUT, CLOCK));

        assertTrue(again.grants().find(org, child).isPresent());
    }

    @Test
    void status_newStore_tellsOriginSchemaAndCounts() throws Exception {
        store.grants().add(Samples.grant(org, child));
        store.trustedKeys().add(Samples.trust(org, Samples.publicKey()));

        StoreStatus status = verifier().status();

        assertEquals(
                new StoreStatus(
                        url,
                        StoreStatus.Origin.GUARD,
                        4,
                        0,
                        1,
                        1,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        url.dialect() == Dialect.POSTGRESQL,
                        true,
                        false),
                status);
        assertEquals(url.dialect(), status.dialect());
    }

    @Test
    void open_databaseWithoutTables_isUnavailableAndSaysWhatToDo() throws Exception {
        StoreUrl empty = emptyDatabase();
        JdbiStore keys = keep(JdbiStore.openForKeys(empty, TIMEOUT));
        assertSays("the database has no trust store", () -> keys.signingKeys().of(org));
        assertSays("the database has no trust store", () -> keys.grants().add(Samples.grant(org, child)));
        JdbiStore verifier = keep(JdbiStore.openForVerification(empty, TIMEOUT));
        assertSays("package_signatures", () -> verifier.ask(new Question(org, hash, true, List.of())));
        assertSays("the database has no trust store", verifier::status);
    }

    /** There, but empty. */
    private StoreUrl emptyDatabase() throws Exception {
        StoreUrl empty = newStore();
        try (Connection connection = plain(empty);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE unrelated (x INTEGER)");
        }
        return empty;
    }

    @Test
    void open_newerSchema_isRefusedClearly() throws Exception {
        execute("INSERT INTO guard_schema (version, origin, applied_at) VALUES (5, 'guard', " + now() + ")");

        String expected = "the store's schema has version [5]; this program knows none above [4]: use a newer one";
        JdbiStore keys = keep(JdbiStore.openForKeys(url, TIMEOUT));
        assertSays(expected, () -> keys.grants().of(org));
        assertSays(expected, () -> JdbiStore.create(url, TIMEOUT, CLOCK));
    }

    @Test
    void create_halfAStore_isRefusedAndChangesNothing() throws Exception {
        execute("DROP TABLE key_trust_acls");

        assertSays("not [key_trust_acls]", () -> JdbiStore.create(url, TIMEOUT, CLOCK));
        assertThrows(SQLException.class, () -> execute("SELECT * FROM key_trust_acls"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void create_referenceDatabase_adoptsItAndLosesNothing(boolean old) throws Exception {
        StoreUrl reference = newStore();
        Dialect dialect = reference.dialect();
        Ed25519PrivateKey key = Samples.privateKey();
        String raw = HexFormat.of().formatHex(key.publicKey().raw());
        String fingerprint = key.publicKey().fingerprint().hex();
        byte[] signed = key.sign(hash.bytes());
        UUID id = UUID.randomUUID();
        String before;
        try (Connection connection = plain(reference);
                Statement statement = connection.createStatement()) {
            Reference.make(connection, dialect, old);
            String own = Reference.uuid(dialect, id) + ", " + Reference.uuid(dialect, org);
            String time = Reference.time(dialect);
            String publicKey = Reference.bytes(dialect, raw);
            statement.execute("INSERT INTO signing_keys VALUES (" + own + ", 'theirs', "
                    + Reference.bytes(dialect, "00".repeat(60)) + ", " + publicKey + ", '" + fingerprint + "', " + time
                    + ", NULL)");
            statement.execute("INSERT INTO trusted_keys VALUES (" + own + ", '" + fingerprint + "', " + publicKey
                    + ", NULL, " + time + ", NULL)");
            statement.execute("INSERT INTO key_trust_acls VALUES (" + own + ", " + Reference.uuid(dialect, child) + ", "
                    + time + ", " + time + ")");
            statement.execute("INSERT INTO package_signatures VALUES (" + Reference.uuid(dialect, id) + ", '" + hash
                    + "', '" + fingerprint + "', "
                    + Reference.bytes(dialect, HexFormat.of().formatHex(signed)) + ", "
                    + time + (old ? "" : ", NULL") + ")");
            before = dump(connection);
        }
        JdbiStore unadopted = keep(JdbiStore.openForKeys(reference, TIMEOUT));
        assertEquals(
                new StoreStatus(
                        reference, StoreStatus.Origin.REFERENCE, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, false, !old, false),
                unadopted.status());
        PackageSignature early = Samples.signature(Samples.hash("early"), key);
        assertTrue(unadopted.signatures().add(early));
        execute(reference, "DELETE FROM package_signatures WHERE package_hash = '" + early.packageHash() + "'");
        assertJudgedTrusted(reference, key, signed);

        JdbiStore adopted = keep(JdbiStore.create(reference, TIMEOUT, CLOCK));

        assertEquals(
                new StoreStatus(
                        reference, StoreStatus.Origin.REFERENCE, 4, 1, 1, 1, 1, 0, 0, 0, 0, 0, false, !old, false),
                adopted.status());
        try (Connection connection = plain(reference)) {
            assertEquals(before, dump(connection));
        }
        assertJudgedTrusted(reference, key, signed);
        assertEquals("theirs", adopted.signingKeys().of(org).get(0).name());
        assertEquals(
                Samples.NOON, adopted.signingKeys().of(org).get(0).createdAt().truncatedTo(ChronoUnit.MICROS));
        assertTrue(adopted.grants().find(org, child).orElseThrow().isRevoked());
        assertTrue(adopted.signatures()
                .add(new PackageSignature(
                        UUID.randomUUID(), Samples.hash("later"), early.keyFingerprint(), signed, Samples.NOON, org)));
        assertEquals(
                old ? null : org,
                adopted.signatures().of(Samples.hash("later")).get(0).orgId());
        if (old) {
            // The reference's own migration, in its own time.
            execute(
                    reference,
                    "ALTER TABLE package_signatures ADD COLUMN org_id "
                            + (dialect == Dialect.POSTGRESQL ? "UUID" : "BLOB"));
            assertTrue(adopted.signatures()
                    .add(new PackageSignature(
                            UUID.randomUUID(),
                            Samples.hash("upgraded"),
                            early.keyFingerprint(),
                            signed,
                            Samples.NOON,
                            org)));
            assertEquals(
                    org,
                    adopted.signatures().of(Samples.hash("upgraded")).get(0).orgId());
            assertJudgedTrusted(reference, key, signed);
            assertFalse(adopted.status().altered());
        }
    }

    private void assertJudgedTrusted(StoreUrl at, Ed25519PrivateKey key, byte[] signed) throws Exception {
        Answer answer = keep(JdbiStore.openForVerification(at, TIMEOUT)).ask(new Question(org, hash, true, List.of()));
        assertArrayEquals(signed, answer.signatures().get(0).signature());
        assertEquals(
                new SignerTrust.Trusted(key.publicKey(), null, org),
                answer.trustIn(key.publicKey().fingerprint()));
    }

    /** Every value of the reference's rows, so that a column more shows too. */
    private static String dump(Connection connection) throws SQLException {
        StringBuilder dump = new StringBuilder();
        for (String query : List.of(
                "SELECT * FROM signing_keys",
                "SELECT * FROM trusted_keys",
                "SELECT * FROM key_trust_acls",
                "SELECT * FROM package_signatures",
                "SELECT * FROM workflow_packages")) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(query)) {
                while (row.next()) {
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        Object value = row.getObject(i);
                        dump.append(
                                        value instanceof byte[] bytes
                                                ? HexFormat.of().formatHex(bytes)
                                                : value)
                                .append('|');
                    }
                    dump.append('\n');
                }
            }
        }
        return dump.toString();
    }

    @Test
    void openOrCreate_noStore_makesOne() throws Exception {
        StoreUrl fresh = newStore();
        keep(JdbiStore.openOrCreate(fresh, TIMEOUT, CLOCK)).grants().add(Samples.grant(org, child));

        assertTrue(keep(JdbiStore.openOrCreate(fresh, TIMEOUT, CLOCK))
                .grants()
                .find(org, child)
                .isPresent());
        assertEquals(
                Schema.NEWEST,
                keep(JdbiStore.openForVerification(fresh, TIMEOUT)).status().schemaVersion());
    }

    @Test
    void openOrCreate_referenceDatabase_leavesItAsItIs() throws Exception {
        StoreUrl reference = newStore();
        try (Connection connection = plain(reference)) {
            Reference.make(connection, reference.dialect(), true);
        }
        JdbiStore opened = keep(JdbiStore.openOrCreate(reference, TIMEOUT, CLOCK));

        assertTrue(opened.signatures().add(Samples.signature(hash, Samples.privateKey())));
        assertEquals(0, opened.status().schemaVersion());
    }

    final void execute(String sql) throws SQLException {
        execute(url, sql);
    }

    private void execute(StoreUrl at, String sql) throws SQLException {
        try (Connection connection = plain(at);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String now() {
        return Reference.time(url.dialect());
    }
}
