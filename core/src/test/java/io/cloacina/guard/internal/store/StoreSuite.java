// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.KeyStore.SealedKey;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustGrant;
import io.cloacina.guard.trust.TrustedKey;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store does, whatever the database: run on real ones by the subclasses. */
abstract class StoreSuite {

    static final Duration TIMEOUT = Duration.ofSeconds(20);
    static final Clock CLOCK = Clock.fixed(Samples.NOON, ZoneOffset.UTC);

    private final List<JdbiStore> opened = new ArrayList<>();
    private final UUID org = UUID.randomUUID();
    private final UUID child = UUID.randomUUID();
    private final PackageHash hash = Samples.hash(UUID.randomUUID().toString());
    private StoreUrl url;
    private JdbiStore store;

    /** The address of a database without any tables, or of a file that is not there. */
    abstract StoreUrl newStore() throws Exception;

    /** A connection that knows nothing of this program's code. */
    abstract Connection plain(StoreUrl url) throws SQLException;

    @BeforeEach
    void make() throws Exception {
        url = newStore();
        store = keep(JdbiStore.create(url, TIMEOUT, CLOCK));
    }

    @AfterEach
    void close() {
        opened.forEach(JdbiStore::close);
    }

    final JdbiStore keep(JdbiStore opening) {
        opened.add(opening);
        return opening;
    }

    private JdbiStore verifier() {
        return keep(JdbiStore.openForVerification(url, TIMEOUT));
    }

    private Answer ask(Ed25519PublicKey signer) throws StoreUnavailableException {
        return verifier().ask(new Question(org, hash, true, List.of(signer.fingerprint())));
    }

    private SignerTrust trustIn(Ed25519PublicKey signer) throws StoreUnavailableException {
        return ask(signer).trustIn(signer.fingerprint());
    }

    @Test
    void ask_keyNobodyKnows_isUnknown() throws Exception {
        assertInstanceOf(SignerTrust.Unknown.class, trustIn(Samples.publicKey()));
    }

    @Test
    void ask_keyTrustedDirectly_isTrustedByTheOrganisation() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(org, key));

        assertEquals(new SignerTrust.Trusted(key, "a key", org), trustIn(key));
    }

    @Test
    void ask_keyTrustedByAnotherOrganisation_isUnknown() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));

        assertInstanceOf(SignerTrust.Unknown.class, trustIn(key));
    }

    @Test
    void ask_keyTrustedThroughGrant_isTrustedByTheChild() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));

        assertEquals(new SignerTrust.Trusted(key, "a key", child), trustIn(key));
    }

    @Test
    void ask_grantInTheOtherDirection_isUnknown() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(child, org));

        assertInstanceOf(SignerTrust.Unknown.class, trustIn(key));
    }

    @Test
    void ask_grantRevoked_isUnknown() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustGrant grant = Samples.grant(org, child);
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(grant);
        store.grants().revoke(grant.id(), Samples.NOON);

        assertInstanceOf(SignerTrust.Unknown.class, trustIn(key));
    }

    @Test
    void ask_grantOfGrant_isNotTransitive() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        UUID grandchild = UUID.randomUUID();
        store.trustedKeys().add(Samples.trust(grandchild, key));
        store.grants().add(Samples.grant(org, child));
        store.grants().add(Samples.grant(child, grandchild));

        assertInstanceOf(SignerTrust.Unknown.class, trustIn(key));
    }

    @Test
    void ask_grantsInACircle_areHarmless() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));
        store.grants().add(Samples.grant(child, org));
        store.grants().add(Samples.grant(org, org));

        assertEquals(new SignerTrust.Trusted(key, "a key", child), trustIn(key));
    }

    @Test
    void ask_ownTrustAndInherited_namesTheOrganisationItself() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));
        store.trustedKeys().add(Samples.trust(org, key));

        assertEquals(new SignerTrust.Trusted(key, "a key", org), trustIn(key));
    }

    @Test
    void ask_ownRevocation_winsOverInheritedTrust() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustedKey own = Samples.trust(org, key);
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));
        store.trustedKeys().add(own);
        store.trustedKeys().revoke(own.id(), Samples.NOON.plusSeconds(60));

        assertEquals(new SignerTrust.Revoked("a key", org, Samples.NOON.plusSeconds(60)), trustIn(key));
    }

    @Test
    void ask_inheritedRevocation_isToldUnlessAnotherChildTrusts() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustedKey inherited = Samples.trust(child, key);
        store.trustedKeys().add(inherited);
        store.trustedKeys().revoke(inherited.id(), Samples.NOON);
        store.grants().add(Samples.grant(org, child));
        assertEquals(new SignerTrust.Revoked("a key", child, Samples.NOON), trustIn(key));

        UUID other = UUID.randomUUID();
        store.trustedKeys().add(Samples.trust(other, key));
        store.grants().add(Samples.grant(org, other));
        assertEquals(new SignerTrust.Trusted(key, "a key", other), trustIn(key));
    }

    @Test
    void ask_publicKeyOfAnotherFingerprint_doesNotCount() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustedKey row = Samples.trust(org, key);
        store.trustedKeys()
                .add(new TrustedKey(
                        row.id(), org, row.fingerprint(), Samples.publicKey().raw(), null, row.trustedAt(), null));
        assertInstanceOf(SignerTrust.Unusable.class, trustIn(key));

        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));
        assertEquals(new SignerTrust.Trusted(key, "a key", child), trustIn(key));
    }

    @Test
    void ask_weakOrShortPublicKey_doesNotCount() throws Exception {
        for (byte[] raw : List.of(new byte[32], new byte[31], new byte[0])) {
            Fingerprint fingerprint =
                    raw.length == 32 ? Fingerprint.of(raw) : Samples.publicKey().fingerprint();
            store.trustedKeys().add(new TrustedKey(UUID.randomUUID(), org, fingerprint, raw, null, Samples.NOON, null));

            Answer answer = verifier().ask(new Question(org, hash, false, List.of(fingerprint)));

            assertInstanceOf(SignerTrust.Unusable.class, answer.trustIn(fingerprint));
        }
    }

    @Test
    void ask_storedSignatures_comeOldestFirstWithTheirSigners() throws Exception {
        Ed25519PrivateKey trusted = Samples.privateKey();
        Ed25519PrivateKey stranger = Samples.privateKey();
        PackageSignature second = Samples.signature(hash, trusted);
        PackageSignature first = new PackageSignature(
                UUID.randomUUID(),
                hash,
                stranger.publicKey().fingerprint(),
                new byte[] {1, 2, 3},
                Samples.NOON.minusSeconds(1),
                org);
        store.signatures().add(second);
        store.signatures().add(first);
        store.trustedKeys().add(Samples.trust(org, trusted.publicKey()));

        Answer answer = verifier().ask(new Question(org, hash, true, List.of()));

        assertEquals(2, answer.signatures().size());
        assertEquals(first.keyFingerprint(), answer.signatures().get(0).keyFingerprint());
        assertArrayEquals(first.signature(), answer.signatures().get(0).signature());
        assertArrayEquals(second.signature(), answer.signatures().get(1).signature());
        assertInstanceOf(SignerTrust.Trusted.class, answer.trustIn(second.keyFingerprint()));
        assertInstanceOf(SignerTrust.Unknown.class, answer.trustIn(first.keyFingerprint()));
        assertTrue(verifier()
                .ask(new Question(org, hash, false, List.of()))
                .signatures()
                .isEmpty());
    }

    @Test
    void ask_revocationCommittedByAnotherConnection_isSeenByTheNextQuestion() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        TrustedKey row = Samples.trust(org, key);
        JdbiStore verifier = verifier();
        Question question = new Question(org, hash, true, List.of(key.fingerprint()));
        for (int round = 0; round < 20; round++) {
            store.trustedKeys().add(row);
            store.trustedKeys().replace(row);
            assertInstanceOf(SignerTrust.Trusted.class, verifier.ask(question).trustIn(key.fingerprint()));
            store.trustedKeys().revoke(row.id(), Samples.NOON);
            assertInstanceOf(SignerTrust.Revoked.class, verifier.ask(question).trustIn(key.fingerprint()));
        }
    }

    @Test
    void ask_manyGrantsAndOneKeyInAllOfThem_isTrustedByTheFirst() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        for (int i = 0; i < 50; i++) {
            UUID other = UUID.randomUUID();
            store.grants().add(Samples.grant(org, other));
            store.trustedKeys()
                    .add(new TrustedKey(
                            UUID.randomUUID(),
                            other,
                            key.fingerprint(),
                            key.raw(),
                            "n" + i,
                            Samples.NOON.plusSeconds(i),
                            null));
        }

        assertEquals(
                "n0", assertInstanceOf(SignerTrust.Trusted.class, trustIn(key)).name());
    }

    @Test
    void rows_writtenAndRead_areTheSame() throws Exception {
        Ed25519PrivateKey key = Samples.privateKey();
        SealedKey signingKey = Samples.signingKey(org, "name 'quoted' \"twice\" \ud83d\udd11");
        TrustedKey trusted = new TrustedKey(
                UUID.randomUUID(),
                org,
                key.publicKey().fingerprint(),
                key.publicKey().raw(),
                null,
                Samples.NOON,
                null);
        TrustGrant grant = Samples.grant(org, child);
        PackageSignature signature = new PackageSignature(
                UUID.randomUUID(), hash, key.publicKey().fingerprint(), new byte[64], Samples.NOON, org);

        assertTrue(store.signingKeys().add(signingKey, Samples.ANY_KEK));
        assertTrue(store.trustedKeys().add(trusted));
        assertTrue(store.grants().add(grant));
        assertTrue(store.signatures().add(signature));

        SealedKey readKey = store.signingKeys().sealed(signingKey.key().id()).orElseThrow();
        assertArrayEquals(signingKey.sealed(), readKey.sealed());
        assertEquals(signingKey.key().name(), readKey.key().name());
        assertEquals(Samples.NOON, readKey.key().createdAt());
        assertEquals(org, readKey.key().orgId());
        assertArrayEquals(signingKey.key().publicKey(), readKey.key().publicKey());
        TrustedKey readTrusted =
                store.trustedKeys().find(org, trusted.fingerprint()).orElseThrow();
        assertEquals(trusted.id(), readTrusted.id());
        assertEquals(null, readTrusted.name());
        assertEquals(Samples.NOON, readTrusted.trustedAt());
        assertEquals(Optional.of(grant), store.grants().find(org, child));
        assertEquals(List.of(grant), store.grants().of(org));
        PackageSignature readSignature = store.signatures().of(hash).get(0);
        assertEquals(signature.id(), readSignature.id());
        assertEquals(org, readSignature.orgId());
        assertEquals(Samples.NOON, readSignature.signedAt());
        assertArrayEquals(signature.signature(), readSignature.signature());
    }

    @Test
    void signatures_addedInOneGo_areThereButForThoseThatWere() throws Exception {
        Ed25519PrivateKey key = Samples.privateKey();
        PackageSignature present = Samples.signature(hash, key);
        PackageSignature again = Samples.signature(hash, key);
        PackageHash otherHash = PackageHash.ofContent(new byte[] {1, 2, 3});
        PackageSignature other = Samples.signature(otherHash, key);
        assertTrue(store.signatures().add(present));

        assertEquals(List.of(), store.signatures().addAll(List.of()));
        assertEquals(List.of(again), store.signatures().addAll(List.of(again, other)));
        assertEquals(present.id(), store.signatures().of(hash).get(0).id());
        assertEquals(other.id(), store.signatures().of(otherHash).get(0).id());
        assertEquals(List.of(again, other), store.signatures().addAll(List.of(again, other)));
    }

    @Test
    void rows_addedAgain_stayAsTheyAre() throws Exception {
        Ed25519PrivateKey key = Samples.privateKey();
        PackageSignature first = Samples.signature(hash, key);
        PackageSignature other = new PackageSignature(
                UUID.randomUUID(), hash, first.keyFingerprint(), new byte[64], Samples.NOON.plusSeconds(9), org);
        SealedKey signingKey = Samples.signingKey(org, "name");
        assertTrue(store.signatures().add(first));
        assertTrue(store.signingKeys().add(signingKey, Samples.ANY_KEK));

        assertFalse(store.signatures().add(other));
        assertFalse(store.signingKeys().add(Samples.signingKey(org, "name"), Samples.ANY_KEK));
        assertArrayEquals(first.signature(), store.signatures().of(hash).get(0).signature());
        assertEquals(
                List.of(signingKey.key().id()),
                store.signingKeys().of(org).stream().map(SigningKey::id).toList());

        assertTrue(store.signatures().replace(other));
        assertArrayEquals(other.signature(), store.signatures().of(hash).get(0).signature());
        assertFalse(store.signingKeys().revoke(UUID.randomUUID(), Samples.NOON));
        assertFalse(store.grants().revoke(UUID.randomUUID(), Samples.NOON));
        assertFalse(store.grants().reinstate(UUID.randomUUID(), Samples.NOON));
        assertFalse(store.trustedKeys().revoke(UUID.randomUUID(), Samples.NOON));
        assertFalse(store.trustedKeys().replace(Samples.trust(org, key.publicKey())));
    }

    @Test
    void times_betweenTwoZones_areTheSameMoment() throws Exception {
        TimeZone before = TimeZone.getDefault();
        // In Apia a whole day is missing in 2011; in Saint John's this half hour came twice.
        List<Instant> moments = List.of(
                Samples.NOON,
                Instant.parse("2011-12-30T12:00:00Z"),
                Instant.parse("2025-11-02T04:15:00.000001Z"),
                Instant.parse("1969-12-31T23:59:59.999999Z"));
        List<TrustGrant> grants = moments.stream()
                .map(moment -> new TrustGrant(UUID.randomUUID(), org, UUID.randomUUID(), moment, moment))
                .toList();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Apia"));
            for (TrustGrant grant : grants) {
                store.grants().add(grant);
            }
            TimeZone.setDefault(TimeZone.getTimeZone("America/St_Johns"));
            JdbiStore elsewhere = keep(JdbiStore.openForKeys(url, TIMEOUT));
            for (TrustGrant grant : grants) {
                assertEquals(Optional.of(grant), elsewhere.grants().find(org, grant.childOrgId()));
            }
        } finally {
            TimeZone.setDefault(before);
        }
        try (Connection connection = plain(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT CAST(granted_at AS VARCHAR(40)) FROM key_trust_acls ORDER BY granted_at DESC LIMIT 1")) {
            assertTrue(row.next());
            String text = row.getString(1);
            assertEquals(
                    url.dialect() == Dialect.POSTGRESQL
                            ? "2026-01-28 12:00:00.123456"
                            : "2026-01-28T12:00:00.123456+00:00",
                    text);
        }
    }

    @Test
    void times_finerThanMicroseconds_areCutOff() throws Exception {
        TrustGrant grant =
                new TrustGrant(UUID.randomUUID(), org, child, Instant.parse("2026-01-28T12:00:00.123456999Z"), null);
        store.grants().add(grant);

        assertEquals(Samples.NOON, store.grants().find(org, child).orElseThrow().grantedAt());
    }

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
    void ask_onAnInterruptedThread_answersAndKeepsTheInterrupt() throws Exception {
        Thread.currentThread().interrupt();
        try {
            assertInstanceOf(SignerTrust.Unknown.class, trustIn(Samples.publicKey()));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void ask_afterClose_isUnavailable() throws Exception {
        JdbiStore verifier = verifier();
        verifier.ask(new Question(org, hash, true, List.of()));
        verifier.close();

        assertSays("the store was closed", () -> verifier.ask(new Question(org, hash, true, List.of())));
    }

    @Test
    void change_onAStoreForVerification_isAProgrammingError() {
        assertThrows(IllegalStateException.class, () -> verifier().grants().add(Samples.grant(org, child)));
    }

    @Test
    void reseal_thatFails_leavesEverySealAsItWas() throws Exception {
        for (int i = 0; i < 5; i++) {
            store.signingKeys().add(Samples.signingKey(org, "key " + i), Samples.ANY_KEK);
        }
        int[] calls = {0};

        assertThrows(
                IOException.class,
                () -> store.signingKeys()
                        .<IOException>reseal(
                                row -> {
                                    if (++calls[0] == 4) {
                                        throw new IOException("the disk with the keys is gone");
                                    }
                                    return new byte[] {1};
                                },
                                "other"));

        for (SigningKey key : store.signingKeys().of(org)) {
            assertEquals(60, store.signingKeys().sealed(key.id()).orElseThrow().sealed().length);
        }
        assertEquals(5, store.signingKeys().<RuntimeException>reseal(row -> new byte[] {1}, "other"));
    }

    @Test
    void ask_fromManyThreads_answersAll() throws Exception {
        Ed25519PublicKey key = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(org, key));
        JdbiStore verifier = verifier();
        ExecutorService threads = Executors.newFixedThreadPool(24);
        try {
            List<Future<SignerTrust>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(threads.submit(() -> verifier.ask(new Question(org, hash, true, List.of(key.fingerprint())))
                        .trustIn(key.fingerprint())));
            }
            for (Future<SignerTrust> answer : answers) {
                assertInstanceOf(SignerTrust.Trusted.class, answer.get());
            }
        } finally {
            threads.shutdownNow();
        }
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

    static void assertSays(String part, Executable action) {
        StoreUnavailableException e = assertThrows(StoreUnavailableException.class, action);
        assertTrue(e.getMessage().contains(part), e.getMessage());
        assertFalse(e.getMessage().contains("secret"), e.getMessage());
    }
}
