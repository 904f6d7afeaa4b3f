// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.trust.TrustWatch;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets triggers, and who does not, on a real PostgreSQL. */
@Timeout(120)
class AnnouncementsTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private String database;
    private StoreUrl owner;

    @BeforeEach
    void makeDatabase() throws Exception {
        database = PostgresServer.newDatabase();
        owner = PostgresServer.url(database, "postgres");
    }

    private JdbiStore create(StoreUrl url) throws Exception {
        return JdbiStore.create(url, StoreFixture.TIMEOUT, StoreFixture.CLOCK);
    }

    private void sql(String statements) throws Exception {
        try (Connection connection = PostgresServer.connect(database, "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(statements);
        }
    }

    /** A role that may read and write the rows, and nothing else. */
    private StoreUrl clerk() throws Exception {
        String role = "clerk_" + database;
        sql("CREATE ROLE " + role + " LOGIN PASSWORD 'secret'; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN"
                + " SCHEMA public TO " + role);
        return PostgresServer.url(database, role);
    }

    @Test
    void create_newStore_announcesEveryKindOfChange_toARoleThatMayOnlyRead() throws Exception {
        try (JdbiStore store = create(owner)) {
            assertTrue(store.status().announcesChanges());
            String reader = "reader_" + database;
            sql("CREATE ROLE " + reader + " LOGIN PASSWORD 'secret'; GRANT SELECT ON trusted_keys, key_trust_acls,"
                    + " package_signatures TO " + reader);
            try (JdbiStore reading =
                            JdbiStore.openForVerification(PostgresServer.url(database, reader), StoreFixture.TIMEOUT);
                    TrustWatch watch = reading.watch()) {
                // Each of these would wait for ten minutes if it were not announced.
                store.trustedKeys().add(Samples.trust(UUID.randomUUID(), Samples.publicKey()));
                assertTrue(watch.await(LONG));
                store.grants().add(Samples.grant(UUID.randomUUID(), UUID.randomUUID()));
                assertTrue(watch.await(LONG));
                for (String change : new String[] {
                    "UPDATE key_trust_acls SET revoked_at = CURRENT_TIMESTAMP",
                    "DELETE FROM trusted_keys",
                    "TRUNCATE key_trust_acls",
                    "INSERT INTO guard_withdrawn_packages (org_id, package_hash) VALUES (gen_random_uuid(), '')",
                    "INSERT INTO guard_key_limits (org_id, key_fingerprint) VALUES (gen_random_uuid(), '')",
                    "INSERT INTO guard_statements (package_hash, key_fingerprint, envelope) VALUES ('', '', '')",
                    "INSERT INTO guard_version_floors (org_id, package_name, minimum_version)"
                            + " VALUES (gen_random_uuid(), '', '')"
                }) {
                    sql(change);
                    assertTrue(watch.await(LONG), change);
                }
            }
        }
    }

    @Test
    void create_storeOfBefore_getsThemNow_andTwiceIsNoError() throws Exception {
        create(owner).close();
        sql("DROP FUNCTION guard_trust_changed CASCADE");
        try (JdbiStore plain = JdbiStore.openForKeys(owner, StoreFixture.TIMEOUT)) {
            assertFalse(plain.status().announcesChanges());
        }
        for (int round = 0; round < 2; round++) {
            try (JdbiStore store = create(owner)) {
                assertTrue(store.status().announcesChanges());
            }
        }
    }

    @Test
    void create_roleThatMayNotMakeTriggers_isAStoreThatAnnouncesNothing() throws Exception {
        create(owner).close();
        sql("DROP FUNCTION guard_trust_changed CASCADE");
        try (JdbiStore store = create(clerk())) {
            assertFalse(store.status().announcesChanges());
            assertTrue(store.trustedKeys().add(Samples.trust(UUID.randomUUID(), Samples.publicKey())));
        }
    }

    @Test
    void change_byARoleWithoutPrivilegesOnTheFunction_goesThrough() throws Exception {
        create(owner).close();
        sql("REVOKE ALL ON FUNCTION guard_trust_changed() FROM PUBLIC");
        try (JdbiStore store = JdbiStore.openForKeys(clerk(), StoreFixture.TIMEOUT)) {
            assertTrue(store.trustedKeys().add(Samples.trust(UUID.randomUUID(), Samples.publicKey())));
        }
    }

    @Test
    void create_tableThatSomebodyWrites_doesNotWaitForIt() throws Exception {
        create(owner).close();
        sql("DROP FUNCTION guard_trust_changed CASCADE");
        try (Connection busy = PostgresServer.connect(database, "postgres");
                Statement statement = busy.createStatement()) {
            busy.setAutoCommit(false);
            statement.execute("DELETE FROM trusted_keys");
            try (JdbiStore store = create(owner)) {
                assertFalse(store.status().announcesChanges());
            }
            busy.rollback();
        }
    }

    @Test
    void create_referenceDatabase_isLeftWithoutUnlessAsked() throws Exception {
        try (Connection connection = PostgresServer.connect(database, "postgres")) {
            Reference.make(connection, Dialect.POSTGRESQL, false);
        }
        try (JdbiStore adopted = create(owner)) {
            assertEquals(StoreStatus.Origin.REFERENCE, adopted.status().origin());
            assertFalse(adopted.status().announcesChanges());
        }
        try (JdbiStore asked = JdbiStore.createAnnouncing(owner, StoreFixture.TIMEOUT, StoreFixture.CLOCK)) {
            assertTrue(asked.status().announcesChanges());
            assertEquals(StoreStatus.Origin.REFERENCE, asked.status().origin());
        }
    }

    @Test
    void status_triggerSwitchedOff_announcesNothing() throws Exception {
        try (JdbiStore store = create(owner)) {
            sql("ALTER TABLE trusted_keys DISABLE TRIGGER guard_trust_changed");
            assertFalse(store.status().announcesChanges());
        }
    }
}
