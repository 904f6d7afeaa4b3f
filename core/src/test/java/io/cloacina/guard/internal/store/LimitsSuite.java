// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.trust.StatementRow;
import io.cloacina.guard.internal.trust.TrustStore.Answer;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.trust.KeyLimit;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the one question of a verification finds in the tables of limits, filled by plain SQL, on a real database. */
abstract class LimitsSuite extends LimitsFixture {

    @Test
    void ask_withdrawnByTheOrganisation_saysSo() throws Exception {
        withdraw(org, "opens a port", Samples.NOON);

        assertEquals(Optional.of(new Withdrawal(org, "opens a port", Samples.NOON)), ask().withdrawn());
    }

    @Test
    void ask_withdrawnForEveryOrganisation_saysSo() throws Exception {
        withdraw(new UUID(0, 0), null, Samples.NOON);

        assertEquals(Optional.of(new Withdrawal(Withdrawal.EVERY_ORGANISATION, null, Samples.NOON)), ask().withdrawn());
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
                        key, "a key", child, new KeyLimit(List.of("com.example:*", "com.example.tools:*"), LATER)),
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
        List<Ed25519PublicKey> keys =
                Stream.generate(Samples::publicKey).limit(Question.MOST).toList();
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

        store.statements().add(statement("b"));
        assertEquals(Map.of("b", "2"), ask().floors());
        assertEquals(Map.of("a", "1.2", "b", "2"), ask(Optional.of("a")).floors());
        assertEquals("b", ask().statements().get(0).packageName());

        // By a program that does not say the name.
        insert(
                "guard_statements",
                hash.hex(),
                Samples.publicKey().fingerprint().hex(),
                new byte[] {1},
                Samples.NOON,
                null);
        assertEquals(Map.of("a", "1.2", "b", "2"), ask().floors());
    }

    private StatementRow statement(String packageName) {
        return new StatementRow(UUID.randomUUID(), hash, signer, new byte[] {1}, Samples.NOON, null, packageName);
    }

    @Test
    void ask_storeThatGetsTheTables_countsWhatTheyHoldWithTheNextQuestion() throws Exception {
        StoreUrl reference = newStore();
        url = reference;
        try (Connection connection = plain(reference)) {
            Reference.make(connection, reference.dialect(), true);
        }
        try (JdbiStore agent = JdbiStore.openForVerification(reference, StoreFixture.TIMEOUT)) {
            Question question = new Question(org, hash, true, List.of(signer));
            assertEquals(Optional.empty(), agent.ask(question).withdrawn());
            assertEquals(Optional.empty(), agent.ask(question).withdrawn());

            JdbiStore.create(reference, StoreFixture.TIMEOUT, StoreFixture.CLOCK)
                    .close();
            withdraw(org, null, Samples.NOON);
            assertEquals(org, agent.ask(question).withdrawn().orElseThrow().orgId());

            for (String table : Schema.LIMITS_TABLES) {
                execute("DROP TABLE " + table);
            }
            assertEquals(Optional.empty(), agent.ask(question).withdrawn());
        }
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
    void ask_oneOfTheTablesIsMissing_isUnavailable() throws Exception {
        execute("DROP TABLE guard_key_limits");

        StoreFixture.assertSays("guard_key_limits", this::ask);
    }
}
