// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.trust.IntakeRow;
import io.cloacina.guard.internal.trust.KeyLimits;
import io.cloacina.guard.internal.trust.StatementRow;
import io.cloacina.guard.internal.trust.TrustStore.Question;
import io.cloacina.guard.internal.trust.TrustStore.SignerTrust;
import io.cloacina.guard.internal.trust.WithdrawnPackages;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.VersionFloor;
import io.cloacina.guard.trust.WithdrawnPackage;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The tables of limits and statements, read and written, on a real database. */
abstract class LimitTablesSuite extends LimitsFixture {

    /** As a store of this program was before the tables of limits. */
    private void takeLimitsAway() throws SQLException {
        for (String table : Schema.LIMITS_TABLES) {
            execute("DROP TABLE " + table);
        }
        execute("DROP TABLE guard_intake");
        execute("DELETE FROM guard_schema WHERE version >= " + Schema.WITH_LIMITS);
    }

    @Test
    void storeOfAnEarlierVersion_hasNoLimits_andIsBroughtUpToDateByTheFirstOne() throws Exception {
        store.trustedKeys().add(Samples.trust(org, key));
        takeLimitsAway();
        try (JdbiStore agent = JdbiStore.openForVerification(url, StoreFixture.TIMEOUT);
                JdbiStore keys = JdbiStore.openForKeys(url, StoreFixture.TIMEOUT)) {
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
            assertEquals(
                    1, agent.withdrawnPackages().countingFor(org, List.of(hash)).size());
        }
    }

    @Test
    void storeWithoutIntakes_hasNone_andIsBroughtUpToDateByTheFirstOne() throws Exception {
        execute("DROP TABLE guard_intake");
        execute("DELETE FROM guard_schema WHERE version = " + Schema.WITH_INTAKE);
        try (JdbiStore keys = JdbiStore.openForKeys(url, StoreFixture.TIMEOUT)) {
            assertEquals(List.of(), keys.intakes().of(hash));
            assertEquals(0, keys.status().intakes());

            assertEquals(1, keys.intakes().addAll(List.of(intake("pgp", "ABCD", "00"))));

            assertEquals(Schema.NEWEST, keys.status().schemaVersion());
            assertEquals(1, keys.intakes().of(hash).size());
            assertEquals(1, keys.status().intakes());
        }
    }

    private IntakeRow intake(String kind, String identity, String digest) {
        return new IntakeRow(UUID.randomUUID(), org, hash, kind, identity, digest, Samples.NOON);
    }

    @Test
    void intakes_rowsAreReadAsTheyWereWritten_andKeptOnce() throws Exception {
        IntakeRow pgp = intake("pgp", "ABCD", "00");
        IntakeRow list = new IntakeRow(UUID.randomUUID(), org, hash, "sha256", "a \"b\" \u00e4\n", null, LATER);
        assertEquals(2, store.intakes().addAll(List.of(pgp, list)));

        assertEquals(
                1,
                store.intakes().addAll(List.of(intake("pgp", "ABCD", "00"), intake("pgp", "ABCD", "01"))),
                "one is there");

        List<IntakeRow> rows = store.intakes().of(hash);
        assertEquals(3, rows.size());
        assertTrue(rows.containsAll(List.of(pgp, list)));
        assertEquals(list, rows.get(2));
        assertEquals(List.of(), store.intakes().of(Samples.hash("other")));
        assertEquals(0, store.intakes().addAll(List.of()));
    }

    private WithdrawnPackage withdrawal(UUID by) {
        return new WithdrawnPackage(UUID.randomUUID(), by, hash, "bad", Samples.NOON, null);
    }

    @Test
    void withdraw_onADatabaseThatWasNotAdopted_saysWhatToDo() throws Exception {
        StoreUrl reference = newStore();
        try (Connection connection = plain(reference)) {
            Reference.make(connection, reference.dialect(), false);
        }
        try (JdbiStore keys = JdbiStore.openForKeys(reference, StoreFixture.TIMEOUT)) {
            StoreFixture.assertSays(
                    "run cloacina store init", () -> keys.withdrawnPackages().withdraw(withdrawal(org)));
            StoreFixture.assertSays(
                    "run cloacina store init",
                    () -> keys.keyLimits()
                            .set(new LimitedKey(
                                    UUID.randomUUID(), org, signer, new KeyLimit(List.of("a"), null), LATER)));
            StoreFixture.assertSays(
                    "run cloacina store init", () -> keys.intakes().addAll(List.of(intake("pgp", "ABCD", "00"))));
            StoreFixture.assertSays(
                    "run cloacina store init",
                    () -> keys.versionFloors().set(new VersionFloor(UUID.randomUUID(), org, "a", "1", LATER)));
            StoreFixture.assertSays(
                    "run cloacina store init",
                    () -> keys.statements()
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
        LimitedKey row =
                new LimitedKey(UUID.randomUUID(), org, signer, new KeyLimit(List.of("a", "b*"), LATER), Samples.NOON);
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
        StatementRow row = new StatementRow(UUID.randomUUID(), hash, signer, new byte[] {1, 2}, Samples.NOON, org, "a");
        assertTrue(store.statements().add(row));
        assertFalse(store.statements().add(row));
        assertTrue(store.statements()
                .replace(new StatementRow(UUID.randomUUID(), hash, signer, new byte[] {3}, LATER, org, "b")));

        StatementRow read = store.statements().of(hash).get(0);
        assertEquals(row.id(), read.id());
        assertEquals(LATER, read.signedAt());
        assertArrayEquals(new byte[] {3}, read.envelope());
        assertEquals("b", read.packageName());
        assertEquals(1, store.statements().by(signer).size());
        assertEquals(List.of(), store.statements().of(Samples.hash("other")));
    }
}
