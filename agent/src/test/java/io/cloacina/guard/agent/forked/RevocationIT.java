// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.cloacina.guard.agent.forked.GuardedJvm.Running;
import io.cloacina.guard.agent.hosts.ContainedHost;
import io.cloacina.guard.agent.hosts.RetryHost;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A running JVM learns of revocations that another process makes with the packaged command line. */
@Timeout(300)
class RevocationIT {

    private static final String ORG = "00000000-0000-4000-8000-000000000001";

    @TempDir
    Path folder;

    private Packages packages;
    private Path plugin;
    private Path key;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    @BeforeEach
    void makePlugin() throws Exception {
        packages = new Packages(folder);
        plugin = packages.sign(packages.jar("plugin.jar", folder.resolve("marker"), "good"));
        key = packages.publicKeyFile();
    }

    private void cloacina(String store, Object... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                GuardedJvm.agentJar().toString()));
        Arrays.stream(words).map(Object::toString).forEach(command::add);
        command.addAll(List.of("--store", store, "--org", ORG, "--audit", "file:" + folder.resolve("cli.jsonl")));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertEquals(0, process.waitFor(), () -> command.toString());
    }

    private GuardedJvm enforcing(Jdks.Jdk jdk, String store) {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.database_url", store)
                .set("cloacina.verification_org_id", ORG);
    }

    /** The events of a type, as soon as there are {@code count} of them. */
    private List<String> events(String type, int count) throws Exception {
        Path file = folder.resolve("events.jsonl");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        CountDownLatch never = new CountDownLatch(1);
        while (true) {
            List<String> all = Files.exists(file) ? Files.readAllLines(file) : List.of();
            List<String> found = all.stream()
                    .filter(line -> line.contains("\"event_type\":\"" + type + "\""))
                    .toList();
            if (found.size() >= count) {
                return found;
            }
            if (System.nanoTime() > end) {
                fail("only " + found.size() + " of " + type + " in " + all);
            }
            never.await(20, TimeUnit.MILLISECONDS);
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void sqlite_keyRevokedByTheCommandLine_isToldWhileItRuns(Jdks.Jdk jdk) throws Exception {
        String store = "sqlite://" + folder.resolve("trust.db");
        cloacina(store, "trust", "add", key);
        try (Running host = enforcing(jdk, store)
                .set("cloacina.revocation_poll", "200ms")
                .start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(plugin.toString());
            host.expect("LOADED");

            cloacina(store, "trust", "revoke", packages.key().publicKey().fingerprint(), "--all-orgs");

            String event = events("package.revoked.loaded", 1).get(0);
            assertTrue(event.contains("\"package_path\":\"" + plugin + "\""), event);
            assertTrue(event.contains("\"kind\":\"jar\",\"loaded_at\":\"20"), event);
            host.send(plugin.toString());
            assertTrue(host.next().contains("(untrusted_signer)"));
        }
        assertEquals(1, events("package.revoked.loaded", 1).size());
        assertEquals(1, events("guard.stopped", 1).size());
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void sqlite_packageWithdrawnByTheCommandLine_isToldWhileItRuns_andRefusedFromTheNextLoadOn(Jdks.Jdk jdk)
            throws Exception {
        String store = "sqlite://" + folder.resolve("trust.db");
        cloacina(store, "trust", "add", key);
        Path other = packages.sign(packages.jar("other.jar", folder.resolve("other-marker"), "other"));
        try (Running host = enforcing(jdk, store)
                .set("cloacina.revocation_poll", "200ms")
                .start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(plugin.toString());
            host.expect("LOADED");

            cloacina(store, "package", "withdraw", plugin, "--reason", "opens a port");

            host.send(plugin.toString());
            assertTrue(host.next().contains("(withdrawn_package)"));
            String event = events("package.revoked.loaded", 1).get(0);
            assertTrue(event.contains("\"package_path\":\"" + plugin + "\""), event);
            assertTrue(event.contains("\"reason\":\"package_withdrawn\""), event);
            host.send(other.toString());
            host.expect("LOADED");

            cloacina(store, "package", "reinstate", plugin);
            host.send(plugin.toString());
            host.expect("LOADED");
        }
        String refused = events("package.load.failure", 1).get(0);
        assertTrue(refused.contains("\"failure_reason\":\"withdrawn_package\""), refused);
        assertTrue(refused.contains("opens a port"), refused);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void keyOfACoveringArchive_revoked_isToldForWhatItCovers_andAskedForEachLoaderAnew(Jdks.Jdk jdk) throws Exception {
        String store = "sqlite://" + folder.resolve("trust.db");
        cloacina(store, "trust", "add", key);
        Path inner = packages.jar("inner.jar", folder.resolve("inner-marker"), "inner");
        Path lib = Files.createDirectories(folder.resolve("shipped/lib"));
        Files.copy(inner, lib.resolve("inner.jar"));
        Path war = packages.sign(Packages.zip(lib.getParent(), folder.resolve("hello.war")));
        Path unpacked = folder.resolve("unpacked.jar");
        String define = " mvn:group/artifact/1 " + Packages.PLUGIN + " " + war + " lib/inner.jar sample/Plugin.class";
        try (Running host =
                enforcing(jdk, store).set("cloacina.revocation_poll", "200ms").start(ContainedHost.class)) {
            host.send("unpack " + war + " lib/inner.jar " + unpacked);
            host.expect("DONE");
            host.send("load " + Packages.PLUGIN + " " + unpacked);
            host.expect("LOADED");
            host.send("define one" + define);
            host.expect("LOADED");

            cloacina(store, "trust", "revoke", packages.key().publicKey().fingerprint(), "--all-orgs");

            List<String> told = events("package.revoked.loaded", 2);
            for (Path path : new Path[] {war, unpacked}) {
                assertTrue(
                        told.stream().anyMatch(event -> event.contains("\"package_path\":\"" + path + "\"")),
                        told::toString);
            }
            host.send("load " + Packages.PLUGIN + " " + unpacked);
            assertTrue(host.next().contains("(untrusted_signer)"));
            host.send("define two" + define);
            assertTrue(host.next().contains("(untrusted_signer)"));
        }
    }

    /** With a role that may only read, through announcements alone: the poll would come far too late. */
    @ParameterizedTest
    @MethodSource("jdks")
    void postgres_restartedAndThenRevoked_isToldWhileItRuns(Jdks.Jdk jdk) throws Exception {
        Path data = folder.resolve("data");
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setServerConfig("fsync", "off");
        EmbeddedPostgres server = builder.start();
        int port = server.getPort();
        String owner = "postgres://postgres:x@localhost:" + port + "/postgres";
        try {
            cloacina(owner, "store", "init");
            cloacina(owner, "trust", "add", key);
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE ROLE agent LOGIN PASSWORD 'only';"
                        + " GRANT SELECT ON trusted_keys, key_trust_acls, package_signatures, guard_withdrawn_packages,"
                        + " guard_key_limits, guard_statements, guard_statement_names, guard_version_floors TO agent");
            }
            try (Running host = enforcing(jdk, "postgres://agent:only@localhost:" + port + "/postgres")
                    .set("cloacina.revocation_poll", "60m")
                    .start(RetryHost.class, Packages.PLUGIN)) {
                host.expect("READY");
                host.send(plugin.toString());
                host.expect("LOADED");
                cloacina(owner, "trust", "revoke", packages.key().publicKey().fingerprint());
                events("package.revoked.loaded", 1);

                server.close();
                String degraded = events("guard.degraded", 1).get(0);
                assertTrue(degraded.contains("revocations are not noticed"), degraded);
                server = builder.setPort(port).start();
                assertTrue(events("guard.degraded", 2).get(1).contains("noticed again"));
                cloacina(owner, "trust", "add", key, "--reinstate");
                host.send(plugin.toString());
                host.expect("LOADED");
                cloacina(owner, "trust", "revoke", packages.key().publicKey().fingerprint());
                List<String> told = events("package.revoked.loaded", 2);

                assertEquals(2, told.size());
                assertTrue(told.get(1).contains("\"loads\":2,\"reason\":\"key_revoked\""), told.get(1));
                assertEquals(2, events("guard.degraded", 2).size());
            }
        } finally {
            server.close();
        }
    }
}
