// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreUrlTest {

    @ParameterizedTest
    @CsvSource({
        "jdbc:sqlite:/var/lib/trust.db, /var/lib/trust.db",
        "jdbc:sqlite:file:/var/lib/trust.db, /var/lib/trust.db",
        "sqlite:///var/lib/trust.db, /var/lib/trust.db",
        "sqlite:///var/lib/trust.db?mode=rwc&_journal_mode=WAL, /var/lib/trust.db",
        "sqlite:///var/lib/../lib/a b.db, /var/lib/a b.db",
    })
    void parse_sqlite_namesTheFile(String text, String path) {
        StoreUrl url = StoreUrl.parse(text);

        assertEquals(Dialect.SQLITE, url.dialect());
        assertEquals(Path.of(path), url.file().orElseThrow());
        assertEquals("sqlite://" + path, url.toString());
    }

    @Test
    void parse_relativeFile_isMadeAbsolute() {
        assertEquals(
                Path.of("trust.db").toAbsolutePath(),
                StoreUrl.parse("sqlite://trust.db").file().orElseThrow());
        assertEquals(
                Path.of("trust.db").toAbsolutePath(),
                StoreUrl.parse("jdbc:sqlite:./trust.db").file().orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgres://u:hunter2@db.example:5433/trust | db.example:5433 | trust | u | hunter2",
                "postgresql://u:hunter2@db.example/trust | db.example | trust | u | hunter2",
                "jdbc:postgresql://db.example/trust?user=u&password=hunter2 | db.example | trust | u | hunter2",
                "jdbc:postgresql://u:hunter2@db.example/trust | db.example | trust | u | hunter2",
                "postgres://u%40corp:hunter2%2F%3A%40+@h/trust | h | trust | u@corp | hunter2/:@+",
                "postgres://u:hunter2@[::1]:5433/trust | [::1]:5433 | trust | u | hunter2",
                "postgres://u:hunter2@h1:1,h2:2/trust | h1:1,h2:2 | trust | u | hunter2",
                "jdbc:postgresql:trust?user=u&password=hunter2 | localhost | trust | u | hunter2",
                "postgres://u:hunter2@h:1/trust?sslmode=require&application_name=x | h:1 | trust | u | hunter2",
            })
    void parse_postgresql_keepsThePasswordToItself(
            String text, String hosts, String database, String user, String password) {
        StoreUrl url = StoreUrl.parse(text);

        assertEquals(Dialect.POSTGRESQL, url.dialect());
        assertEquals("jdbc:postgresql://" + hosts + "/", url.jdbcUrl());
        Map<String, String> parameters = url.parameters();
        assertEquals(database, parameters.get("PGDBNAME"));
        assertEquals(user, parameters.get("user"));
        assertEquals(password, parameters.get("password"));
        assertEquals("postgresql://" + user + "@" + hosts + "/" + database, url.toString());
        assertFalse(url.toString().contains("hunter2"));
        assertEquals(url, StoreUrl.parse(" " + text + " "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hunter2",
                "mysql://u:hunter2@h/db",
                "jdbc:mysql://u:hunter2@h/db",
                "jdbc:sqlite:",
                "jdbc:sqlite::memory:",
                "sqlite://",
                "sqlite::memory:",
                "jdbc:sqlite:/x.db?password=hunter2",
                "postgres:trust",
                "postgres://u:hunter2#@h:5432/trust/more",
                "postgres://u:hunter2/x@h:5432/trust",
                "postgres://u:hunter2%zz@h/trust",
                "postgres://u:hunter2@h:port/trust",
                "postgres://u:hunter2@h:0/trust",
                "postgres://u:hunter2@h:99999/trust",
                "postgres://u:hunter2@/a/b",
                "postgres://u:hunter2@%2Ftmp%2Fsocket/trust",
                "postgres://u:hunter2@h/trust?sslmode",
            })
    void parse_nonsense_isRefusedWithoutShowingAPassword(String text) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> StoreUrl.parse(text));
        assertFalse(e.getMessage().contains("hunter2"), e.getMessage());
    }
}
