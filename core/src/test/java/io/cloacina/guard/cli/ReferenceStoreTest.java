// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.internal.store.Dialect;
import io.cloacina.guard.internal.store.Reference;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.JDBC;

/** A database of the reference, which the workflow engine goes on using. */
class ReferenceStoreTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private final Path file = home.resolve("reference.db");

    private void make(boolean old) throws SQLException {
        try (Connection connection = connect()) {
            Reference.make(connection, Dialect.SQLITE, old);
        }
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + file);
    }

    private Connection connect() throws SQLException {
        return new JDBC().connect("jdbc:sqlite:" + file, new Properties());
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String query(String sql) throws SQLException {
        StringBuilder rows = new StringBuilder();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                rows.append(row.getString(1)).append('\n');
            }
        }
        return rows.toString();
    }

    private String theirSchema() throws SQLException {
        return query("SELECT coalesce(sql, name) FROM sqlite_master WHERE name NOT LIKE '%guard%' ORDER BY name");
    }

    private String sealedLengths() throws SQLException {
        return query("SELECT DISTINCT length(encrypted_private_key) FROM signing_keys");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void init_addsOnlyTablesOfOurs_andIsRecordedOnce(boolean old) throws Exception {
        make(old);
        String before = theirSchema();

        Done done = shell.run("store", "init").with(0);
        shell.run("store", "init").with(0);

        assertEquals(before, theirSchema());
        assertEquals(old, done.err().contains("package_signatures has no column org_id"), done.err());
        assertEquals(1, shell.eventTypes().size());
        assertEquals("store.initialised", shell.lastEvent().get("event_type"));
        assertEquals("reference", shell.lastEvent().get("origin"));
        assertEquals(false, shell.run("store", "status", "--json").json().get("altered"));
    }

    @Test
    void status_alteredByAnEarlierVersion_isNamedWithItsRemedy() throws Exception {
        make(true);
        execute("ALTER TABLE package_signatures ADD COLUMN org_id BLOB");
        execute(
                "CREATE TABLE guard_schema (version INTEGER PRIMARY KEY, origin TEXT NOT NULL, applied_at TEXT NOT NULL)");
        execute("INSERT INTO guard_schema VALUES (1, 'reference', '2026-01-01T00:00:00.000000+00:00')");

        Done done = shell.run("store", "status").with(0);

        assertTrue(done.err().contains("an earlier version of this program has added the column"), done.err());
        assertTrue(done.err().contains("ALTER TABLE package_signatures DROP COLUMN org_id;"), done.err());
        assertEquals(true, shell.run("store", "status", "--json").json().get("altered"));
        shell.run("store", "init").with(0);
        assertEquals(true, shell.run("store", "status", "--json").json().get("altered"));
        execute("ALTER TABLE package_signatures DROP COLUMN org_id");
        assertEquals(false, shell.run("store", "status", "--json").json().get("altered"));
    }

    @Test
    void keys_areMadeAndResealedInTheFormThatTheEngineOpens() throws Exception {
        make(false);
        Path future = shell.kekFile("future");
        Path pem = home.resolve("one.pem");

        shell.run("key", "create", "one").with(0);
        shell.run("key", "export", "one", "--private", "--out", pem).with(0);
        shell.run("key", "import", "two", pem).with(0);
        assertEquals("60\n", sealedLengths());
        shell.run("key", "reseal", "--new-kek-file", future).with(0);
        assertEquals("60\n", sealedLengths());

        Done bound = shell.run("key", "create", "three", "--bound-format", "--kek-file", future)
                .with(0);
        assertTrue(bound.err().contains("cannot open keys in the bound form"), bound.err());
        assertEquals("60\n61\n", sealedLengths());
        shell.run("key", "create", "four", "--bound-format", "--reference-format", "--kek-file", future)
                .with(2);
    }

    @Test
    void keys_inAStoreOfOurOwn_areBound() throws Exception {
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + file);
        shell.run("key", "create", "one").with(0);
        assertEquals("61\n", sealedLengths());
    }

    private String prepareInherited() throws Exception {
        shell.run("--org", Shell.OTHER_ORG, "key", "create", "partner").with(0);
        shell.run("--org", Shell.OTHER_ORG, "trust", "add", "--key", "partner").with(0);
        shell.run("trust", "grant", Shell.OTHER_ORG).with(0);
        return (String) shell.run("trust", "list", "--json").json().get("key_fingerprint");
    }

    @Test
    void revoke_whileAGrantCarriesTheKey_namesWhatMakesBothAgree() throws Exception {
        make(false);
        String key = prepareInherited();

        Done done = shell.run("trust", "revoke", "partner").with(0);

        String remedy = "cloacina trust revoke " + key + " --org " + Shell.OTHER_ORG;
        assertTrue(done.err().contains(remedy), done.err());
        assertTrue(done.err().contains("cloacina trust ungrant " + Shell.OTHER_ORG), done.err());
        Done again = shell.run("trust", "revoke", "partner").with(0);
        assertTrue(again.err().contains(remedy), again.err());

        shell.run("trust", "revoke", key, "--org", Shell.OTHER_ORG).with(0);
        assertFalse(shell.run("trust", "revoke", "partner").with(0).err().contains("warning"));
    }

    @Test
    void grant_ofAKeyThatWasRevoked_isWarnedOf() throws Exception {
        make(false);
        String key = prepareInherited();
        shell.run("trust", "revoke", "partner").with(0);
        shell.run("trust", "ungrant", Shell.OTHER_ORG).with(0);

        Done done = shell.run("trust", "grant", Shell.OTHER_ORG, "--reinstate").with(0);

        assertTrue(done.err().contains("has revoked key " + key), done.err());
    }

    @Test
    void revoke_inAStoreOfOurOwn_warnsOfNothing() throws Exception {
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + file);
        prepareInherited();
        assertFalse(shell.run("trust", "revoke", "partner").with(0).err().contains("warning"));
    }

    @Test
    void severalSignaturesOfOneHash_areWarnedOf() throws Exception {
        make(false);
        Path jar = shell.file("a.jar", "jar");
        shell.run("key", "create", "old").with(0);
        shell.run("key", "create", "new").with(0);
        shell.run("trust", "add", "--key", "old").with(0);
        shell.run("trust", "add", "--key", "new").with(0);
        assertFalse(shell.run("sign", jar, "--key", "old").with(0).err().contains("warning"));

        Done signed = shell.run("sign", jar, "--key", "new").with(0);
        Done revoked = shell.run("trust", "revoke", "old").with(0);

        assertTrue(signed.err().contains("warning: 1 package has signatures by key "), signed.err());
        int from = revoked.err().indexOf("DELETE FROM package_signatures");
        assertTrue(from > 0, revoked.err());
        execute(revoked.err().substring(from, revoked.err().indexOf(';', from)));
        assertEquals("1\n", query("SELECT count(*) FROM package_signatures"));
        shell.run("verify", jar, "--source", "database").with(0);
    }
}
