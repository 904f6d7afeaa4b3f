// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.internal.store.Dialect;
import io.cloacina.guard.internal.store.PostgresServer;
import io.cloacina.guard.internal.store.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.Driver;

class PostgresCommandTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;

    @BeforeEach
    void openShellOnAnEmptyDatabase() throws Exception {
        shell.variables.put("CLOACINA_DATABASE_URL", PostgresServer.address(PostgresServer.newDatabase(), "postgres"));
    }

    @Test
    void commands_onPostgres_liveTheWholeLifeOfAKey() throws Exception {
        assertEquals(
                "store_unavailable",
                shell.run("store", "status", "--json").with(3).json().get("error"));
        assertEquals(
                "store_unavailable",
                shell.run("key", "list", "--json").with(3).json().get("error"));

        Map<String, Object> key =
                shell.run("key", "create", "release", "--json").with(0).json();
        assertEquals(key, shell.run("key", "show", "release", "--json").with(0).json());
        shell.run("trust", "add", "--key", "release").with(0);
        Path jar = shell.file("a.jar", "jar");
        assertEquals(
                true,
                shell.run("sign", jar, "--key", "release", "--json")
                        .with(0)
                        .json()
                        .get("stored"));
        shell.run("sign", jar, "--key", "release", "--json").with(0);
        Files.delete(home.resolve("a.jar.sig"));
        Map<String, Object> verdict = shell.run("verify", jar, "--json").with(0).json();
        assertEquals("database", verdict.get("signature_source"));
        assertEquals("release", verdict.get("signer_name"));

        Map<String, Object> status =
                shell.run("store", "status", "--json").with(0).json();
        assertEquals("postgresql", status.get("dialect"));
        assertEquals("guard", status.get("origin"));
        assertEquals(1L, status.get("package_signatures"));

        shell.run("trust", "revoke", "release").with(0);
        assertEquals(
                "untrusted_signer",
                shell.run("verify", jar, "--json").with(1).json().get("failure_reason"));
        shell.run("trust", "add", "--key", "release").with(1);
        shell.run("trust", "add", "--key", "release", "--reinstate").with(0);
        shell.run("verify", jar).with(0);

        Path future = shell.kekFile("future");
        assertEquals(
                1L,
                shell.run("key", "reseal", "--new-kek-file", future, "--json")
                        .with(0)
                        .json()
                        .get("resealed"));
        shell.run("key", "revoke", "release").with(0);
        shell.run("sign", jar, "--key", "release", "--kek-file", future).with(1);
        shell.now = Instant.now();
        shell.run("doctor", "--kek-file", future).with(0);
    }

    private static Map<String, Object> clock(Done done) {
        return done.jsons().stream()
                .filter(finding -> finding.get("check").equals("clock"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void doctor_clockThatDiffersFromTheDatabases_isToMend() {
        shell.run("store", "init").with(0);

        shell.now = Instant.now();
        assertEquals("ok", clock(shell.run("doctor", "--json")).get("state"));
        shell.now = Instant.now().plusSeconds(3600);
        Map<String, Object> ahead = clock(shell.run("doctor", "--json").with(1));
        assertEquals("mend", ahead.get("state"));
        assertTrue(ahead.get("message").toString().contains("ms ahead of the database's"), ahead::toString);
        shell.now = Instant.now().minusSeconds(60);
        Map<String, Object> behind = clock(shell.run("doctor", "--json").with(1));
        assertTrue(behind.get("message").toString().contains("ms behind the database's"), behind::toString);
    }

    @Test
    void status_onPostgres_showsNoPassword() throws Exception {
        Done done = shell.run("store", "init").with(0);

        assertFalse((done.out() + done.err() + shell.run("doctor").out()).contains("secret"), done.out());
        assertTrue(done.out().contains("postgresql://"), done.out());
    }

    @Test
    void init_ofAReferenceDatabase_announcesOnlyWhenAsked_andSaysSo() throws Exception {
        String database = PostgresServer.newDatabase();
        String address = PostgresServer.address(database, "postgres");
        shell.variables.put("CLOACINA_DATABASE_URL", address);
        try (Connection connection =
                new Driver().connect(address.replaceFirst("postgres://[^@]*@", "jdbc:postgresql://"), login())) {
            Reference.make(connection, Dialect.POSTGRESQL, false);
        }

        Done adopted = shell.run("store", "init").with(0);
        Done asked = shell.run("store", "init", "--announce").with(0);

        assertTrue(adopted.err().contains("store init --announce"), adopted.err());
        assertFalse(adopted.out().contains("announces changes"), adopted.out());
        assertTrue(asked.out().contains("announces changes"), asked.out());
        assertEquals("", asked.err());
        assertEquals(true, shell.run("store", "status", "--json").with(0).json().get("announces_changes"));
    }

    private static Properties login() {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", "secret");
        return properties;
    }

    @Test
    void names_withSql_areNamesOnPostgresToo() {
        String name = "'; DROP TABLE signing_keys; --\"\\";

        shell.run("key", "create", name).with(0);

        assertEquals(name, shell.run("key", "list", "--json").with(0).json().get("key_name"));
    }
}
