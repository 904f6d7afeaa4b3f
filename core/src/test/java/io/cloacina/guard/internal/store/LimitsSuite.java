// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.trust.TrustStore.Answer;
import io.cloacina.guard.trust.TrustStore.Question;
import io.cloacina.guard.trust.TrustStore.SignerTrust;
import io.cloacina.guard.trust.TrustStore.Withdrawal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
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

    @Test
    void ask_oneOfTheTablesIsMissing_isUnavailable() throws Exception {
        execute("DROP TABLE guard_key_limits");

        StoreSuite.assertSays("guard_key_limits", this::ask);
    }
}
