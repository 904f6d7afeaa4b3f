// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.GuardedJvm.Running;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.RetryHost;
import io.cloacina.guard.agent.hosts.SettingsHost;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The agent on real trust stores: revocation while it runs, stores that go away and come back, a role that may only read. */
class StoreIT {

    private static EmbeddedPostgres postgres;

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    }

    @AfterAll
    static void stopPostgres() throws Exception {
        postgres.close();
    }

    @EachJdk
    void sqlite_revokedReinstatedAndMovedAway_countsForTheNextLoad(Jdk jdk) throws Exception {
        String url = "sqlite://" + fixture.file("trust.db");
        Path jar = packages.jar("plugin.jar", marker, "good");
        try (TestStore store = TestStore.create(url, packages).trust().sign(jar);
                Running host = fixture.enforcing(jdk, url).start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(jar.toString());
            host.expect("LOADED");

            store.revoke();
            host.send(jar.toString());
            assertTrue(host.next().contains("(untrusted_signer)"));

            store.reinstate();
            host.send("interrupted " + jar);
            host.expect("LOADED");
            host.expect("STILL INTERRUPTED");
        }
    }

    @EachJdk
    void sqlite_movedAwayAndBack_isUnavailableAndServesAgain(Jdk jdk) throws Exception {
        Path file = fixture.file("trust.db");
        Path away = fixture.file("away.db");
        Path jar = packages.jar("plugin.jar", marker, "good");
        String url = fixture.trustStore(jar);
        Files.move(file, away);
        try (Running host = fixture.enforcing(jdk, url).start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(jar.toString());
            assertTrue(host.next().contains("(store_unavailable)"));
            assertFalse(Files.exists(marker));

            Files.move(away, file);
            host.send(jar.toString());
            host.expect("LOADED");

            Files.move(file, away);
            host.send(jar.toString());
            assertTrue(host.next().contains("(store_unavailable)"));

            Files.move(away, file);
            host.send(jar.toString());
            host.expect("LOADED");
        }
    }

    @EachJdk
    void postgres_cutHangingAndBack_isUnavailableAndServesAgain_withAReadOnlyRole(Jdk jdk) throws Exception {
        String database = "agent_" + jdk.feature();
        String role = "agent_role_" + jdk.feature();
        sql("postgres", "CREATE DATABASE " + database);
        Path jar = packages.jar("plugin.jar", marker, "good");
        String owner = "postgres://postgres:x@localhost:" + postgres.getPort() + "/" + database;
        fixture.trustStore(owner, jar);
        sql(database, "CREATE ROLE " + role + " LOGIN PASSWORD 'only'");
        sql(
                database,
                "GRANT SELECT ON trusted_keys, key_trust_acls, package_signatures, guard_withdrawn_packages,"
                        + " guard_key_limits, guard_statements, guard_version_floors TO " + role);

        try (TcpProxy proxy = new TcpProxy(postgres.getPort())) {
            GuardedJvm jvm = fixture.enforcing(
                            jdk, "postgres://" + role + ":only@127.0.0.1:" + proxy.port() + "/" + database)
                    .set("cloacina.store_timeout", "2s");
            try (Running host = jvm.start(RetryHost.class, Packages.PLUGIN)) {
                host.expect("READY");
                for (TcpProxy.State trouble : new TcpProxy.State[] {TcpProxy.State.CUT, TcpProxy.State.HANGS}) {
                    proxy.become(TcpProxy.State.WORKS);
                    host.send(jar.toString());
                    host.expect("LOADED");

                    proxy.become(trouble);
                    Files.delete(marker);
                    host.send(jar.toString());
                    assertTrue(host.next().contains("(store_unavailable)"), trouble::toString);
                    assertFalse(Files.exists(marker), trouble::toString);
                }
                proxy.become(TcpProxy.State.WORKS);
                host.send(jar.toString());
                host.expect("LOADED");
            }
            String events = Files.readString(fixture.file("events.jsonl"));
            assertFalse(events.contains("only@"), "no password in events");
        }
    }

    /** A log manager, a time zone and the size of the common pool are chosen once in a JVM, and not by the guard. */
    @EachJdk
    void settings_thatTheHostMakesAfterItsFirstPlugin_areItsOwn(Jdk jdk) throws Exception {
        String database = "settings_" + jdk.feature();
        sql("postgres", "CREATE DATABASE " + database);
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));
        String sqlite = "sqlite://" + fixture.file("trust.db");
        String server = "postgres://postgres:x@localhost:" + postgres.getPort() + "/" + database;
        for (String url : List.of(sqlite, server)) {
            assertSettingsOfHost(fixture.enforcing(jdk, fixture.trustStore(url, jar)), jar);
        }
        assertSettingsOfHost(fixture.enforcing(jdk), jar);
    }

    private static void assertSettingsOfHost(GuardedJvm jvm, Path jar) throws Exception {
        Result result = jvm.run(SettingsHost.class, Packages.PLUGIN, jar);
        assertEquals("plugin LOADED\nOwnLogManager\nAsia/Tokyo\n7\n", result.out(), result::toString);
    }

    /** SQLite's driver has native methods, and from Java 24 on these need leave. */
    @EachJdk
    void sqlite_whereNativeCodeIsDenied_servesWithoutAWarning(Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "good");
        GuardedJvm jvm = fixture.enforcing(jdk, fixture.trustStore(jar));

        Result result = jvm.run(SettingsHost.class, Packages.PLUGIN, jar);
        assertTrue(result.out().startsWith("plugin LOADED\n"), result::toString);
        assertEquals(
                List.of(),
                result.err().lines().filter(line -> line.contains("WARNING")).toList());

        if (jdk.feature() >= 24) {
            Result denied = jvm.option("--illegal-native-access=deny").run(SettingsHost.class, Packages.PLUGIN, jar);
            assertTrue(denied.out().startsWith("plugin LOADED\n"), denied::toString);
        }
    }

    private static void sql(String database, String statement) throws Exception {
        try (Connection connection = postgres.getDatabase("postgres", database).getConnection();
                Statement run = connection.createStatement()) {
            run.execute(statement);
        }
    }

    @EachJdk
    void store_thatIsNotThereAtStart_doesNotStopTheJvm(Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "good");
        try (Running host = fixture.enforcing(jdk, "postgres://nobody:secret@127.0.0.1:9/none")
                .start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(jar.toString());
            String refused = host.next();
            assertTrue(refused.contains("(store_unavailable)"), refused);
            assertFalse(refused.contains("secret"), refused);
        }
        assertEquals(false, Files.exists(marker));
    }
}
