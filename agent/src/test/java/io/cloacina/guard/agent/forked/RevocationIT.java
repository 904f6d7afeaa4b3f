// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.cloacina.guard.agent.forked.GuardedJvm.Running;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
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
import org.junit.jupiter.api.extension.RegisterExtension;

/** A running JVM learns of revocations that another process makes with the packaged command line. */
@Timeout(300)
class RevocationIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private Path plugin;
    private Path key;

    @BeforeEach
    void makePlugin() throws Exception {
        plugin = packages.sign(packages.jar("plugin.jar", fixture.file("marker"), "good"));
        key = packages.publicKeyFile();
    }

    private void cloacina(String store, Object... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                GuardedJvm.agentJar().toString()));
        Arrays.stream(words).map(Object::toString).forEach(command::add);
        command.addAll(List.of(
                "--store", store, "--org", TestStore.ORG.toString(), "--audit", "file:" + fixture.file("cli.jsonl")));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertEquals(0, process.waitFor(), () -> command.toString());
    }

    /** The events of a type, as soon as there are {@code count} of them. */
    private List<LoggedEvent> events(String type, int count) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        CountDownLatch never = new CountDownLatch(1);
        while (true) {
            List<LoggedEvent> found = fixture.events(type);
            if (found.size() >= count) {
                return found;
            }
            if (System.nanoTime() > end) {
                fail("only " + found.size() + " of " + type + " in " + LoggedEvent.read(fixture.file("events.jsonl")));
            }
            never.await(20, TimeUnit.MILLISECONDS);
        }
    }

    @EachJdk
    void sqlite_keyRevokedByTheCommandLine_isToldWhileItRuns(Jdk jdk) throws Exception {
        String store = "sqlite://" + fixture.file("trust.db");
        cloacina(store, "trust", "add", key);
        try (Running host = fixture.enforcing(jdk, store)
                .set("cloacina.revocation_poll", "200ms")
                .start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(plugin.toString());
            host.expect("LOADED");

            cloacina(store, "trust", "revoke", packages.key().publicKey().fingerprint(), "--all-orgs");

            LoggedEvent event = events("package.revoked.loaded", 1).get(0);
            event.assertHas("package_path", plugin, "kind", "jar").assertMatches("loaded_at", "20.*");
            host.send(plugin.toString());
            assertTrue(host.next().contains("(untrusted_signer)"));
        }
        assertEquals(1, events("package.revoked.loaded", 1).size());
        assertEquals(1, events("guard.stopped", 1).size());
    }

    @EachJdk
    void sqlite_packageWithdrawnByTheCommandLine_isToldWhileItRuns_andRefusedFromTheNextLoadOn(Jdk jdk)
            throws Exception {
        String store = "sqlite://" + fixture.file("trust.db");
        cloacina(store, "trust", "add", key);
        Path other = packages.sign(packages.jar("other.jar", fixture.file("other-marker"), "other"));
        try (Running host = fixture.enforcing(jdk, store)
                .set("cloacina.revocation_poll", "200ms")
                .start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(plugin.toString());
            host.expect("LOADED");

            cloacina(store, "package", "withdraw", plugin, "--reason", "opens a port");

            host.send(plugin.toString());
            assertTrue(host.next().contains("(withdrawn_package)"));
            events("package.revoked.loaded", 1).get(0).assertHas("package_path", plugin, "reason", "package_withdrawn");
            host.send(other.toString());
            host.expect("LOADED");

            cloacina(store, "package", "reinstate", plugin);
            host.send(plugin.toString());
            host.expect("LOADED");
        }
        events("package.load.failure", 1)
                .get(0)
                .assertHas("failure_reason", "withdrawn_package")
                .assertMatches("error", ".*opens a port.*");
    }

    /** The watch begins in each JVM that has loaded a signed package, and JDBI is 900 classes. */
    @EachJdk
    void watch_thatFindsAWithdrawal_loadsNoJdbi(Jdk jdk) throws Exception {
        String store = "sqlite://" + fixture.file("trust.db");
        Path classes = fixture.file("classes.txt");
        cloacina(store, "trust", "add", key);
        try (Running host = fixture.enforcing(jdk, store)
                .set("cloacina.revocation_poll", "200ms")
                .option("-Xlog:class+load:file=" + classes)
                .start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(plugin.toString());
            host.expect("LOADED");
            cloacina(store, "package", "withdraw", plugin);

            events("package.revoked.loaded", 1).get(0).assertHas("reason", "package_withdrawn");
        }

        List<String> loaded = Files.readAllLines(classes);
        assertTrue(loaded.stream().anyMatch(line -> line.contains("RevocationWatch")), "the log was read");
        assertEquals(
                List.of(),
                loaded.stream()
                        .filter(line -> line.contains(" org.jdbi.v3.core.Jdbi "))
                        .toList());
    }

    @EachJdk
    void keyOfACoveringArchive_revoked_isToldForWhatItCovers_andAskedForEachLoaderAnew(Jdk jdk) throws Exception {
        String store = "sqlite://" + fixture.file("trust.db");
        cloacina(store, "trust", "add", key);
        Path inner = packages.jar("inner.jar", fixture.file("inner-marker"), "inner");
        Path lib = fixture.newDirectory("shipped/lib");
        Files.copy(inner, lib.resolve("inner.jar"));
        Path war = packages.sign(Packages.zip(lib.getParent(), fixture.file("hello.war")));
        Path unpacked = fixture.file("unpacked.jar");
        String define = " mvn:group/artifact/1 " + Packages.PLUGIN + " " + war + " lib/inner.jar sample/Plugin.class";
        try (Running host = fixture.enforcing(jdk, store)
                .set("cloacina.revocation_poll", "200ms")
                .start(ContainedHost.class)) {
            host.send("unpack " + war + " lib/inner.jar " + unpacked);
            host.expect("DONE");
            host.send("load " + Packages.PLUGIN + " " + unpacked);
            host.expect("LOADED");
            host.send("define one" + define);
            host.expect("LOADED");

            cloacina(store, "trust", "revoke", packages.key().publicKey().fingerprint(), "--all-orgs");

            List<LoggedEvent> told = events("package.revoked.loaded", 2);
            for (Path path : new Path[] {war, unpacked}) {
                assertTrue(told.stream().anyMatch(event -> event.has("package_path", path)), told::toString);
            }
            host.send("load " + Packages.PLUGIN + " " + unpacked);
            assertTrue(host.next().contains("(untrusted_signer)"));
            host.send("define two" + define);
            assertTrue(host.next().contains("(untrusted_signer)"));
        }
    }

    /** Who withdraws a library need not know in which archives it was shipped. */
    @EachJdk
    void libraryInsideASignedArchive_withdrawn_isRefusedHoweverItsClassesAreRead(Jdk jdk) throws Exception {
        String store = "sqlite://" + fixture.file("trust.db");
        cloacina(store, "trust", "add", key);
        Path inner = packages.jar("inner.jar", fixture.file("inner-marker"), "inner");
        Path lib = fixture.newDirectory("shipped/lib");
        Files.copy(inner, lib.resolve("inner.jar"));
        Path war = packages.sign(Packages.zip(lib.getParent(), fixture.file("hello.war")));
        fixture.newDirectory("outer/web");
        Files.copy(war, fixture.file("outer/web/hello.war"));
        Path ear = packages.sign(Packages.zip(fixture.file("outer"), fixture.file("hello.ear")));
        String bytes = " " + Packages.PLUGIN + " " + inner + " sample/Plugin.class";
        String[] urls = {
            "mvn:group/artifact/1",
            "war:file:" + war + "*/lib/inner.jar",
            "jar:nested:" + war + "/!lib/inner.jar!/",
            "jar:nested:" + ear + "/!web/hello.war!/lib/inner.jar!/"
        };
        try (Running host = fixture.enforcing(jdk, store)
                .set("cloacina.revocation_poll", "200ms")
                .start(ContainedHost.class)) {
            host.send("open " + war);
            host.expect("DONE");
            for (int i = 0; i < urls.length; i++) {
                host.send("define before" + i + " " + urls[i] + bytes);
                host.expect("LOADED");
            }

            cloacina(store, "package", "withdraw", inner, "--reason", "opens a port");

            List<LoggedEvent> told = events("package.revoked.loaded", 2);
            for (String path : new String[] {war + "!/lib/inner.jar", ear + "!/web/hello.war!/lib/inner.jar"}) {
                assertTrue(told.stream().anyMatch(event -> event.has("package_path", path)), told::toString);
            }
            for (int i = 0; i < urls.length; i++) {
                host.send("define after" + i + " " + urls[i] + bytes);
                String line = host.next();
                assertTrue(line.contains("(withdrawn_package)"), urls[i] + " " + line);
            }
        }
        LoggedEvent failure = events("package.load.failure", urls.length).get(0);
        failure.assertHas("package_path", war + "!/lib/inner.jar");
        failure.assertMatches("error", ".*opens a port.*");
    }

    @EachJdk
    void libraryInsideASignedPlugin_withdrawn_itsNativesAreRefused(Jdk jdk) throws Exception {
        String store = "sqlite://" + fixture.file("trust.db");
        cloacina(store, "trust", "add", key);
        Path library = packages.nativeLibrary("inside.so", fixture.file("native-marker"));
        fixture.newDirectory("inner");
        Files.copy(library, fixture.file("inner/inside.so"));
        Path inner = Packages.zip(fixture.file("inner"), fixture.file("inner.jar"));
        Path classes = packages.classes("plugin", fixture.file("marker"), "plugin");
        Files.createDirectories(classes.resolve("lib"));
        Files.copy(inner, classes.resolve("lib/inner.jar"));
        Path plugin = packages.sign(Packages.zip(classes, fixture.file("plugin.jar")));
        try (Running host = fixture.enforcing(jdk, store).start(ContainedHost.class)) {
            host.send("load " + Packages.PLUGIN + " " + plugin);
            host.expect("LOADED");
            host.send("native " + Files.copy(library, fixture.file("before.so")));
            host.expect("LOADED");

            cloacina(store, "package", "withdraw", inner);

            host.send("native " + Files.copy(library, fixture.file("after.so")));
            String line = host.next();
            assertTrue(line.contains("(withdrawn_package)"), line);
        }
    }

    /** With a role that may only read, through announcements alone: the poll would come far too late. */
    @EachJdk
    void postgres_restartedAndThenRevoked_isToldWhileItRuns(Jdk jdk) throws Exception {
        Path data = fixture.file("data");
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
            try (Running host = fixture.enforcing(jdk, "postgres://agent:only@localhost:" + port + "/postgres")
                    .set("cloacina.revocation_poll", "60m")
                    .start(RetryHost.class, Packages.PLUGIN)) {
                host.expect("READY");
                host.send(plugin.toString());
                host.expect("LOADED");
                cloacina(owner, "trust", "revoke", packages.key().publicKey().fingerprint());
                events("package.revoked.loaded", 1);

                server.close();
                LoggedEvent degraded = events("guard.degraded", 1).get(0);
                degraded.assertMentions("what", "revocations are not noticed");
                server = builder.setPort(port).start();
                events("guard.degraded", 2).get(1).assertMentions("what", "noticed again");
                cloacina(owner, "trust", "add", key, "--reinstate");
                host.send(plugin.toString());
                host.expect("LOADED");
                cloacina(owner, "trust", "revoke", packages.key().publicKey().fingerprint());
                List<LoggedEvent> told = events("package.revoked.loaded", 2);

                assertEquals(2, told.size());
                told.get(1).assertHas("loads", 2, "reason", "key_revoked");
                assertEquals(2, events("guard.degraded", 2).size());
            }
        } finally {
            server.close();
        }
    }
}
