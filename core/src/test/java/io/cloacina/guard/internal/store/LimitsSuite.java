// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.KeyLimits;
import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.StatementRow;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustStore.Answer;
import io.cloacina.guard.trust.TrustStore.Question;
import io.cloacina.guard.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.TrustStore.Withdrawal;
import io.cloacina.guard.trust.VersionFloor;
import io.cloacina.guard.trust.WithdrawnPackage;
import io.cloacina.guard.trust.WithdrawnPackages;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the one question of a verification finds in the tables of limits, filled by plain SQL, on a real database. */
abstract class LimitsSuite {

    private static final Instant LATER = Samples.NOON.plusSeconds(3_600);

    private final UUID org = UUID.randomUUID();
    private final UUID child = UUID.randomUUID();
    private final UUID other = UUID.randomUUID();
    private final PackageHash hash = Samples.hash("package");
    private final Ed25519PublicKey key = Samples.publicKey();
    private final Fingerprint signer = key.fingerprint();
    private StoreUrl url;
    private JdbiStore store;
    private JdbiStore verifier;

    abstract StoreUrl newStore() throws Exception;

    abstract Connection plain(StoreUrl url) throws SQLException;

    @BeforeEach
    void make() throws Exception {
        url = newStore();
        store = JdbiStore.create(url, StoreSuite.TIMEOUT, StoreSuite.CLOCK);
        verifier = JdbiStore.openForVerification(url, StoreSuite.TIMEOUT);
        assertEquals(Optional.empty(), ask().withdrawn());
    }

    @AfterEach
    void close() {
        store.close();
        verifier.close();
    }

    private Answer ask() throws StoreUnavailableException {
        return ask(Optional.empty());
    }

    private Answer ask(Optional<String> packageName) throws StoreUnavailableException {
        return verifier.ask(new Question(org, hash, true, List.of(signer), packageName));
    }

    private SignerTrust.Trusted trusted() throws StoreUnavailableException {
        return assertInstanceOf(SignerTrust.Trusted.class, ask().trustIn(signer));
    }

    /** Ids and times as this program writes them, everything else as JDBC does. */
    private void insert(String table, Object... values) throws SQLException {
        Codecs codecs = url.dialect().codecs();
        try (Connection connection = plain(url);
                PreparedStatement statement = connection.prepareStatement(
                        "INSERT INTO " + table + " VALUES (?" + ", ?".repeat(values.length) + ")")) {
            codecs.write(statement, 1, UUID.randomUUID());
            for (int i = 0; i < values.length; i++) {
                if (values[i] instanceof UUID id) {
                    codecs.write(statement, i + 2, id);
                } else if (values[i] instanceof Instant time) {
                    codecs.write(statement, i + 2, time);
                } else {
                    statement.setObject(i + 2, values[i]);
                }
            }
            statement.executeUpdate();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = plain(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void withdraw(UUID by, String reason, Instant at) throws SQLException {
        insert("guard_withdrawn_packages", by, hash.hex(), reason, at, null);
    }

    private void limit(UUID by, String packageNames, Instant notAfter) throws SQLException {
        insert("guard_key_limits", by, signer.hex(), packageNames, notAfter, Samples.NOON);
    }

    @Test
    void ask_withdrawnByTheOrganisation_saysSo() throws Exception {
        withdraw(org, "opens a port", Samples.NOON);

        assertEquals(Optional.of(new Withdrawal(org, "opens a port", Samples.NOON)), ask().withdrawn());
    }

    @Test
    void ask_withdrawnForEveryOrganisation_saysSo() throws Exception {
        withdraw(new UUID(0, 0), null, Samples.NOON);

        assertEquals(
                Optional.of(new Withdrawal(Withdrawal.EVERY_ORGANISATION, null, Samples.NOON)), ask().withdrawn());
    }

    @Test
    void ask_withdrawnByAnOrganisation_countsAsLongAsItsTrustIsGranted() throws Exception {
        withdraw(child, "bad", Samples.NOON);
        assertEquals(Optional.empty(), ask().withdrawn());

        var grant = Samples.grant(org, child);
        store.grants().add(grant);
        assertEquals(Optional.of(new Withdrawal(child, "bad", Samples.NOON)), ask().withdrawn());

        store.grants().revoke(grant.id(), Samples.NOON);
        assertEquals(Optional.empty(), ask().withdrawn());
    }

    @Test
    void ask_withdrawnByAnOrganisationThatIsGrantedOurTrust_doesNotCount() throws Exception {
        store.grants().add(Samples.grant(child, org));
        withdraw(child, null, Samples.NOON);

        assertEquals(Optional.empty(), ask().withdrawn());
    }

    @Test
    void ask_reinstatedOrAnotherPackage_isNotWithdrawn() throws Exception {
        insert("guard_withdrawn_packages", org, hash.hex(), null, Samples.NOON, LATER);
        insert("guard_withdrawn_packages", org, Samples.hash("other").hex(), null, Samples.NOON, null);

        assertEquals(Optional.empty(), ask().withdrawn());
    }

    @Test
    void ask_withdrawnByMany_namesTheOrganisationItselfFirst() throws Exception {
        store.grants().add(Samples.grant(org, child));
        withdraw(child, "theirs", Samples.NOON);
        withdraw(new UUID(0, 0), "everyone's", Samples.NOON);
        withdraw(org, "ours", LATER);

        assertEquals("ours", ask().withdrawn().orElseThrow().reason());
    }

    @Test
    void ask_limitedKey_bindsOwnTrustAndInheritedTrust() throws Exception {
        store.trustedKeys().add(Samples.trust(child, key));
        store.grants().add(Samples.grant(org, child));
        limit(child, "com.example:*\ncom.example.tools:*", LATER);

        assertEquals(
                new SignerTrust.Trusted(
                        key,
                        "a key",
                        child,
                        new KeyLimit(List.of("com.example:*", "com.example.tools:*"), LATER)),
                trusted());

        store.trustedKeys().add(Samples.trust(org, key));
        limit(org, null, LATER);
        assertEquals(new SignerTrust.Trusted(key, "a key", org, new KeyLimit(List.of(), LATER)), trusted());
    }

    @Test
    void ask_limitOfAnotherOrganisation_doesNotBind() throws Exception {
        store.trustedKeys().add(Samples.trust(org, key));
        limit(child, "x", LATER);
        limit(Withdrawal.EVERY_ORGANISATION, "x", LATER);

        assertEquals(new SignerTrust.Trusted(key, "a key", org), trusted());
    }

    @Test
    void ask_inheritedUnderSeveralLimits_tellsEach() throws Exception {
        for (UUID trusting : List.of(child, other)) {
            store.trustedKeys().add(Samples.trust(trusting, key));
            store.grants().add(Samples.grant(org, trusting));
        }
        limit(child, "a", null);
        limit(other, "b", null);

        SignerTrust.Trusted first = trusted();
        assertEquals(1, first.others().size());
        SignerTrust.Trusted second = first.others().get(0);
        assertEquals(
                Map.of(child, List.of("a"), other, List.of("b")),
                Map.of(
                        first.trustedBy(), first.limit().packageNames(),
                        second.trustedBy(), second.limit().packageNames()));
    }

    @Test
    void ask_inheritedWithAndWithoutLimit_isNotLimited() throws Exception {
        for (UUID trusting : List.of(child, other)) {
            store.trustedKeys().add(Samples.trust(trusting, key));
            store.grants().add(Samples.grant(org, trusting));
        }
        limit(child, "a", null);

        assertEquals(new SignerTrust.Trusted(key, "a key", other), trusted());
    }

    @Test
    void ask_limitWithoutAnyGlob_letsTheKeySignNothing() throws Exception {
        store.trustedKeys().add(Samples.trust(org, key));
        limit(org, " \n", null);

        assertEquals(List.of(""), trusted().limit().packageNames());
    }

    @Test
    void ask_statements_comeBackOldestFirstWithTrustInTheirSigners() throws Exception {
        Ed25519PublicKey second = Samples.publicKey();
        store.trustedKeys().add(Samples.trust(org, second));
        byte[] envelope = "{\"payload\":\"\"}".getBytes(StandardCharsets.UTF_8);
        insert("guard_statements", hash.hex(), second.fingerprint().hex(), envelope, LATER, org);
        insert("guard_statements", hash.hex(), signer.hex(), new byte[] {1}, Samples.NOON, null);
        insert("guard_statements", Samples.hash("other").hex(), signer.hex(), envelope, Samples.NOON, null);

        Answer answer = ask();

        assertEquals(2, answer.statements().size());
        assertEquals(signer, answer.statements().get(0).keyFingerprint());
        assertArrayEquals(envelope, answer.statements().get(1).envelope());
        assertInstanceOf(SignerTrust.Trusted.class, answer.trustIn(second.fingerprint()));
        assertEquals(
                List.of(),
                verifier.ask(new Question(org, hash, false, List.of())).statements());
    }

    @Test
    void ask_sixteenDetachedSigners_tellsTrustInEach() throws Exception {
        List<Ed25519PublicKey> keys = Stream.generate(Samples::publicKey)
                .limit(Question.MOST)
                .toList();
        for (Ed25519PublicKey one : keys) {
            store.trustedKeys().add(Samples.trust(org, one));
        }
        List<Fingerprint> signers =
                keys.stream().map(Ed25519PublicKey::fingerprint).toList();

        Answer answer = verifier.ask(new Question(org, hash, false, signers));

        for (Fingerprint one : signers) {
            assertInstanceOf(SignerTrust.Trusted.class, answer.trustIn(one));
        }
    }

    @Test
    void ask_floors_comeForTheNameAskedAboutAndForAllIfThereIsAStatement() throws Exception {
        insert("guard_version_floors", org, "a", "1.2", Samples.NOON);
        insert("guard_version_floors", org, "b", "2", Samples.NOON);
        insert("guard_version_floors", child, "c", "3", Samples.NOON);
        store.grants().add(Samples.grant(org, child));

        assertEquals(Map.of(), ask().floors());
        assertEquals(Map.of("a", "1.2"), ask(Optional.of("a")).floors());
        assertEquals(Map.of(), ask(Optional.of("c")).floors());

        insert("guard_statements", hash.hex(), signer.hex(), new byte[] {1}, Samples.NOON, null);
        assertEquals(Map.of("a", "1.2", "b", "2"), ask().floors());
    }

    @Test
    void ask_storeThatGetsTheTables_countsWhatTheyHoldWithTheNextQuestion() throws Exception {
        StoreUrl reference = newStore();
        url = reference;
        try (Connection connection = plain(reference)) {
            Reference.make(connection, reference.dialect(), true);
        }
        try (JdbiStore agent = JdbiStore.openForVerification(reference, StoreSuite.TIMEOUT)) {
            Question question = new Question(org, hash, true, List.of(signer));
            assertEquals(Optional.empty(), agent.ask(question).withdrawn());
            assertEquals(Optional.empty(), agent.ask(question).withdrawn());

            JdbiStore.create(reference, StoreSuite.TIMEOUT, StoreSuite.CLOCK).close();
            withdraw(org, null, Samples.NOON);
            assertEquals(org, agent.ask(question).withdrawn().orElseThrow().orgId());

            for (String table : Schema.LIMITS_TABLES) {
                execute("DROP TABLE " + table);
            }
            assertEquals(Optional.empty(), agent.ask(question).withdrawn());
        }
    }

    /** As a store of this program was before the tables of limits. */
    private void takeLimitsAway() throws SQLException {
        for (String table : Schema.LIMITS_TABLES) {
            execute("DROP TABLE " + table);
        }
        execute("DELETE FROM guard_schema WHERE version = " + Schema.WITH_LIMITS);
    }

    @Test
    void storeOfAnEarlierVersion_hasNoLimits_andIsBroughtUpToDateByTheFirstOne() throws Exception {
        store.trustedKeys().add(Samples.trust(org, key));
        takeLimitsAway();
        try (JdbiStore agent = JdbiStore.openForVerification(url, StoreSuite.TIMEOUT);
                JdbiStore keys = JdbiStore.openForKeys(url, StoreSuite.TIMEOUT)) {
            Question question = new Question(org, hash, true, List.of(signer));
            assertInstanceOf(SignerTrust.Trusted.class, agent.ask(question).trustIn(signer));
            assertEquals(2, keys.status().schemaVersion());
            assertEquals(0, keys.status().withdrawnPackages());
            assertEquals(List.of(), keys.withdrawnPackages().countingFor(org));
            assertEquals(List.of(), keys.withdrawnPackages().countingFor(org, List.of(hash)));
            assertEquals(List.of(), agent.withdrawnPackages().countingFor(org, List.of(hash)));
            assertEquals(Optional.empty(), keys.keyLimits().find(org, signer));
            assertEquals(List.of(), keys.versionFloors().of(org));
            assertEquals(List.of(), keys.statements().all());

            assertTrue(keys.withdrawnPackages().withdraw(withdrawal(org)));

            assertEquals(Schema.NEWEST, keys.status().schemaVersion());
            assertEquals(org, agent.ask(question).withdrawn().orElseThrow().orgId());
            assertEquals(1, agent.withdrawnPackages().countingFor(org, List.of(hash)).size());
        }
    }

    private WithdrawnPackage withdrawal(UUID by) {
        return new WithdrawnPackage(UUID.randomUUID(), by, hash, "bad", Samples.NOON, null);
    }

    /** What an agent of the version before the tables of limits asks. */
    private static final String EARLIER_QUESTION = """
            WITH stored AS (
                SELECT key_fingerprint, signature, signed_at
                FROM package_signatures
                WHERE package_hash = ? AND ?
            ), signers AS (
                SELECT key_fingerprint FROM stored
                UNION
                SELECT CAST(? AS VARCHAR(64)) WHERE CAST(? AS VARCHAR(64)) IS NOT NULL
            ), trust AS (
                SELECT t.key_fingerprint, t.public_key, t.revoked_at, t.org_id, t.key_name,
                       ROW_NUMBER() OVER (
                           PARTITION BY t.key_fingerprint, t.public_key, t.org_id = ?, t.revoked_at IS NULL
                           ORDER BY t.trusted_at, t.org_id) AS place
                FROM signers s
                JOIN trusted_keys t ON t.key_fingerprint = s.key_fingerprint
                WHERE t.org_id = ?
                   OR (SELECT COUNT(*)
                       FROM key_trust_acls g
                       WHERE g.parent_org_id = ? AND g.child_org_id = t.org_id AND g.revoked_at IS NULL) > 0
            )
            SELECT 1 AS is_trust, key_fingerprint, public_key AS content, revoked_at AS moment, org_id, key_name
            FROM trust
            WHERE place = 1
            UNION ALL
            SELECT 0, key_fingerprint, signature, signed_at, NULL, NULL
            FROM stored
            """;

    @Test
    void agentOfAnEarlierVersion_onThisStore_isAnsweredAsBefore() throws Exception {
        store.trustedKeys().add(Samples.trust(org, key));
        withdraw(org, null, Samples.NOON);
        Codecs codecs = url.dialect().codecs();

        try (Connection connection = plain(url);
                PreparedStatement statement = connection.prepareStatement(EARLIER_QUESTION)) {
            statement.setString(1, hash.hex());
            statement.setBoolean(2, true);
            statement.setString(3, signer.hex());
            statement.setString(4, signer.hex());
            codecs.write(statement, 5, org);
            codecs.write(statement, 6, org);
            codecs.write(statement, 7, org);
            try (ResultSet row = statement.executeQuery()) {
                assertTrue(row.next());
                assertEquals(signer.hex(), row.getString("key_fingerprint"));
            }
        }
    }

    @Test
    void withdraw_onADatabaseThatWasNotAdopted_saysWhatToDo() throws Exception {
        StoreUrl reference = newStore();
        try (Connection connection = plain(reference)) {
            Reference.make(connection, reference.dialect(), false);
        }
        try (JdbiStore keys = JdbiStore.openForKeys(reference, StoreSuite.TIMEOUT)) {
            StoreSuite.assertSays("run cloacina store init", () -> keys.withdrawnPackages()
                    .withdraw(withdrawal(org)));
            StoreSuite.assertSays("run cloacina store init", () -> keys.keyLimits()
                    .set(new LimitedKey(UUID.randomUUID(), org, signer, new KeyLimit(List.of("a"), null), LATER)));
            StoreSuite.assertSays("run cloacina store init", () -> keys.versionFloors()
                    .set(new VersionFloor(UUID.randomUUID(), org, "a", "1", LATER)));
            StoreSuite.assertSays("run cloacina store init", () -> keys.statements()
                    .add(new StatementRow(UUID.randomUUID(), hash, signer, new byte[] {1}, LATER, null)));
        }
    }

    @Test
    void withdrawnPackages_rowsAreReadAsTheyWereWritten() throws Exception {
        WithdrawnPackages packages = store.withdrawnPackages();
        WithdrawnPackage first = withdrawal(org);
        assertTrue(packages.withdraw(first));
        assertFalse(packages.withdraw(withdrawal(org)));
        assertEquals(Optional.of(first), packages.find(org, hash));
        assertEquals(List.of(first), packages.countingFor(org));
        assertEquals(List.of(first), packages.countingFor(org, List.of(Samples.hash("other"), hash)));
        assertEquals(List.of(), packages.countingFor(org, List.of(Samples.hash("other"))));
        assertEquals(List.of(), packages.countingFor(child));
        store.grants().add(Samples.grant(child, org));
        assertEquals(List.of(first), packages.countingFor(child));

        assertTrue(packages.reinstate(org, hash, LATER));
        assertFalse(packages.reinstate(org, hash, LATER.plusSeconds(1)));
        assertEquals(LATER, packages.find(org, hash).orElseThrow().reinstatedAt());
        assertEquals(List.of(), packages.countingFor(org));
    }

    @Test
    void withdrawnPackages_ofThousands_areFoundInParts() throws Exception {
        List<PackageHash> many = new ArrayList<>();
        for (int i = 0; i < 1_201; i++) {
            many.add(Samples.hash("package " + i));
        }
        many.add(hash);
        store.withdrawnPackages().withdraw(withdrawal(org));

        assertEquals(1, verifier.withdrawnPackages().countingFor(org, many).size());
    }

    @Test
    void keyLimits_areSetOnceAndTakenAway() throws Exception {
        KeyLimits limits = store.keyLimits();
        LimitedKey row = new LimitedKey(
                UUID.randomUUID(), org, signer, new KeyLimit(List.of("a", "b*"), LATER), Samples.NOON);
        assertTrue(limits.set(row));
        assertFalse(limits.set(new LimitedKey(UUID.randomUUID(), org, signer, row.limit(), LATER)));
        assertEquals(Optional.of(row), limits.find(org, signer));
        assertEquals(List.of(row), limits.countingFor(org));

        assertTrue(limits.set(new LimitedKey(UUID.randomUUID(), org, signer, KeyLimit.NONE, LATER)));
        assertFalse(limits.set(new LimitedKey(UUID.randomUUID(), org, signer, KeyLimit.NONE, LATER)));
        assertEquals(List.of(), limits.countingFor(org));
    }

    @Test
    void statements_areAddedOnceAndReplaced() throws Exception {
        StatementRow row = new StatementRow(UUID.randomUUID(), hash, signer, new byte[] {1, 2}, Samples.NOON, org);
        assertTrue(store.statements().add(row));
        assertFalse(store.statements().add(row));
        assertTrue(store.statements()
                .replace(new StatementRow(UUID.randomUUID(), hash, signer, new byte[] {3}, LATER, org)));

        StatementRow read = store.statements().of(hash).get(0);
        assertEquals(row.id(), read.id());
        assertEquals(LATER, read.signedAt());
        assertArrayEquals(new byte[] {3}, read.envelope());
        assertEquals(1, store.statements().by(signer).size());
        assertEquals(List.of(), store.statements().of(Samples.hash("other")));
    }

    @Test
    void ask_oneOfTheTablesIsMissing_isUnavailable() throws Exception {
        execute("DROP TABLE guard_key_limits");

        StoreSuite.assertSays("guard_key_limits", this::ask);
    }
}
