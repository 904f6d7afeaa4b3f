// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.GuardedJvm.Running;
import io.cloacina.guard.agent.hosts.RetryHost;
import io.cloacina.guard.agent.hosts.SettingsHost;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.sign.TrustManager;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.verify.PackageSnapshot;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The agent on real trust stores: revocation while it runs, stores that go away and come back, a role that may only read. */
class StoreIT {

    private static final UUID ORG = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static EmbeddedPostgres postgres;

    @TempDir
    Path folder;

    private Packages packages;
    private Path marker;

    @BeforeAll
    static void startPostgres() throws Exception {
        postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    }

    @AfterAll
    static void stopPostgres() throws Exception {
        postgres.close();
    }

    @BeforeEach
    void prepare() {
        packages = new Packages(folder);
        marker = folder.resolve("marker");
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private GuardedJvm enforcing(Jdks.Jdk jdk, String store) {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.database_url", store)
                .set("cloacina.verification_org_id", ORG);
    }

    /** Trusts the packages' key and stores a signature of {@code jar}. */
    private void trustAndSign(JdbiStore store, Path jar) throws Exception {
        manager(store).trustPublicKey(ORG, packages.key().publicKey(), "release", false);
        PackageHash hash = PackageSnapshot.hash(jar);
        store.signatures()
                .add(new PackageSignature(
                        UUID.randomUUID(),
                        hash,
                        packages.key().publicKey().fingerprint(),
                        packages.key().sign(hash.bytes()),
                        Clock.systemUTC().instant(),
                        ORG));
    }

    private static TrustManager manager(JdbiStore store) {
        return new TrustManager(store, Clock.systemUTC(), new SecureRandom());
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void sqlite_revokedReinstatedAndMovedAway_countsForTheNextLoad(Jdks.Jdk jdk) throws Exception {
        Path file = folder.resolve("trust.db");
        Path jar = packages.jar("plugin.jar", marker, "good");
        try (JdbiStore store = JdbiStore.create(StoreUrl.ofFile(file), TIMEOUT, Clock.systemUTC())) {
            trustAndSign(store, jar);
            try (Running host = enforcing(jdk, "sqlite://" + file).start(RetryHost.class, Packages.PLUGIN)) {
                host.expect("READY");
                host.send(jar.toString());
                host.expect("LOADED");

                manager(store)
                        .revokeTrustedKey(
                                ORG, packages.key().publicKey().fingerprint().hex());
                host.send(jar.toString());
                assertTrue(host.next().contains("(untrusted_signer)"));

                manager(store).trustPublicKey(ORG, packages.key().publicKey(), "release", true);
                host.send("interrupted " + jar);
                host.expect("LOADED");
                host.expect("STILL INTERRUPTED");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void sqlite_movedAwayAndBack_isUnavailableAndServesAgain(Jdks.Jdk jdk) throws Exception {
        Path file = folder.resolve("trust.db");
        Path away = folder.resolve("away.db");
        Path jar = packages.jar("plugin.jar", marker, "good");
        try (JdbiStore store = JdbiStore.create(StoreUrl.ofFile(file), TIMEOUT, Clock.systemUTC())) {
            trustAndSign(store, jar);
        }
        Files.move(file, away);
        try (Running host = enforcing(jdk, "sqlite://" + file).start(RetryHost.class, Packages.PLUGIN)) {
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

    @ParameterizedTest
    @MethodSource("jdks")
    void postgres_cutHangingAndBack_isUnavailableAndServesAgain_withAReadOnlyRole(Jdks.Jdk jdk) throws Exception {
        String database = "agent_" + jdk.feature();
        String role = "agent_role_" + jdk.feature();
        sql("postgres", "CREATE DATABASE " + database);
        Path jar = packages.jar("plugin.jar", marker, "good");
        String owner = "postgres://postgres:x@localhost:" + postgres.getPort() + "/" + database;
        try (JdbiStore store = JdbiStore.create(StoreUrl.parse(owner), TIMEOUT, Clock.systemUTC())) {
            trustAndSign(store, jar);
        }
        sql(database, "CREATE ROLE " + role + " LOGIN PASSWORD 'only'");
        sql(
                database,
                "GRANT SELECT ON trusted_keys, key_trust_acls, package_signatures, guard_withdrawn_packages,"
                        + " guard_key_limits, guard_statements, guard_statement_names, guard_version_floors TO "
                        + role);

        try (TcpProxy proxy = new TcpProxy(postgres.getPort())) {
            GuardedJvm jvm = enforcing(jdk, "postgres://" + role + ":only@127.0.0.1:" + proxy.port() + "/" + database)
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
            String events = Files.readString(folder.resolve("events.jsonl"));
            assertFalse(events.contains("only@"), "no password in events");
        }
    }

    /** A log manager, a time zone and the size of the common pool are chosen once in a JVM, and not by the guard. */
    @ParameterizedTest
    @MethodSource("jdks")
    void settings_thatTheHostMakesAfterItsFirstPlugin_areItsOwn(Jdks.Jdk jdk) throws Exception {
        String database = "settings_" + jdk.feature();
        sql("postgres", "CREATE DATABASE " + database);
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));
        String sqlite = "sqlite://" + folder.resolve("trust.db");
        String server = "postgres://postgres:x@localhost:" + postgres.getPort() + "/" + database;
        for (String url : List.of(sqlite, server)) {
            try (JdbiStore store = JdbiStore.create(StoreUrl.parse(url), TIMEOUT, Clock.systemUTC())) {
                trustAndSign(store, jar);
            }
            assertSettingsOfHost(enforcing(jdk, url), jar);
        }
        assertSettingsOfHost(
                new GuardedJvm(jdk, folder)
                        .set("cloacina.require_signatures", true)
                        .set("cloacina.trusted_keys", packages.publicKeyFile()),
                jar);
    }

    private static void assertSettingsOfHost(GuardedJvm jvm, Path jar) throws Exception {
        Result result = jvm.run(SettingsHost.class, Packages.PLUGIN, jar);
        assertEquals("plugin LOADED\nOwnLogManager\nAsia/Tokyo\n7\n", result.out(), result::toString);
    }

    /** SQLite's driver has native methods, and from Java 24 on these need leave. */
    @ParameterizedTest
    @MethodSource("jdks")
    void sqlite_whereNativeCodeIsDenied_servesWithoutAWarning(Jdks.Jdk jdk) throws Exception {
        Path file = folder.resolve("trust.db");
        Path jar = packages.jar("plugin.jar", marker, "good");
        try (JdbiStore store = JdbiStore.create(StoreUrl.ofFile(file), TIMEOUT, Clock.systemUTC())) {
            trustAndSign(store, jar);
        }
        GuardedJvm jvm = enforcing(jdk, "sqlite://" + file);

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

    @ParameterizedTest
    @MethodSource("jdks")
    void store_thatIsNotThereAtStart_doesNotStopTheJvm(Jdks.Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "good");
        try (Running host =
                enforcing(jdk, "postgres://nobody:secret@127.0.0.1:9/none").start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(jar.toString());
            String refused = host.next();
            assertTrue(refused.contains("(store_unavailable)"), refused);
            assertFalse(refused.contains("secret"), refused);
        }
        assertEquals(false, Files.exists(marker));
    }
}
