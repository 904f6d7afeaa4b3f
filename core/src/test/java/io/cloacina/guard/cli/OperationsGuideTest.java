// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.internal.store.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.Driver;

/** What the operations guide, and the other documents, tell people to type. */
class OperationsGuideTest {

    private static final Path GUIDE = Path.of("docs/OPERATIONS.md");
    private static final List<String> TABLES =
            List.of("signing_keys", "trusted_keys", "key_trust_acls", "package_signatures");

    @RegisterExtension
    final Shell shell = new Shell();

    private String database;

    @BeforeEach
    void makeStoreAndRunTheGuidesSql() throws Exception {
        shell.now = Instant.now();
        database = PostgresServer.newDatabase();
        as("postgres", "secret");
        shell.createTrustedKey("release");
        List<String> blocks = blocks("sql");
        assertEquals(1, blocks.size());
        execute("postgres", "secret", blocks.get(0));
    }

    @AfterEach
    void dropRoles() throws Exception {
        for (String role : List.of("cloacina_agent", "cloacina_signer")) {
            execute("postgres", "secret", "DROP OWNED BY " + role + "; DROP ROLE " + role);
        }
    }

    private static List<String> blocks(String language) throws Exception {
        return blocks(GUIDE, language);
    }

    private static List<String> blocks(Path document, String language) throws Exception {
        return matches(document, "(?ms)^ *```" + language + "$(.*?)^ *```$");
    }

    private static List<String> matches(Path document, String pattern) throws Exception {
        Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(document));
        List<String> found = new ArrayList<>();
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    private void as(String role, String password) {
        shell.variables.put(
                "CLOACINA_DATABASE_URL",
                PostgresServer.address(database, role).replace(":secret@", ":" + password + "@"));
    }

    private void execute(String role, String password, String sql) throws SQLException {
        Properties login = new Properties();
        login.setProperty("user", role);
        login.setProperty("password", password);
        String address =
                "jdbc:" + PostgresServer.address(database, role).replaceFirst("postgres://.*@", "postgresql://");
        try (Connection connection = new Driver().connect(address, login);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void agentsRole_mayVerifyAndNothingElse() throws Exception {
        Path jar = shell.file("a.jar", "jar");
        shell.run("sign", jar, "--key", "release", "--no-detached").with(0);
        as("cloacina_agent", "agent-password");

        shell.run("verify", jar).with(0);
        Done doctor = shell.run("doctor").with(0);
        assertTrue(doctor.out().contains("this role can verify and nothing else"), doctor.out());

        for (String table : TABLES) {
            for (String statement : List.of(
                    "INSERT INTO %s SELECT * FROM %s", "UPDATE %s SET id = id", "DELETE FROM %s", "TRUNCATE %s")) {
                denied("cloacina_agent", "agent-password", statement.replace("%s", table));
            }
        }
        denied("cloacina_agent", "agent-password", "SELECT 1 FROM signing_keys");
        denied("cloacina_agent", "agent-password", "CREATE TABLE mine (x INT)");
        execute("cloacina_agent", "agent-password", "LISTEN guard_trust_changed");
    }

    @Test
    void agentsRole_maySetNoneOfItsLimitsAsideToWrite() {
        denied(
                "cloacina_agent",
                "agent-password",
                "SET default_transaction_read_only = off; DELETE FROM package_signatures");
    }

    @Test
    void signersRole_maySignAndNotTrust() throws Exception {
        as("cloacina_signer", "signer-password");
        Path jar = shell.file("a.jar", "jar");

        shell.run("sign", jar, "--key", "release").with(0);
        shell.run("verify", jar, "--source", "database").with(0);
        for (String expiry : List.of("2098-01-01T00:00:00Z", "2099-01-01T00:00:00Z")) {
            shell.run(
                            "sign",
                            jar,
                            "--key",
                            "release",
                            "--format",
                            "2",
                            "--package-name",
                            "a",
                            "--package-version",
                            "1",
                            "--expires",
                            expiry,
                            "--no-detached")
                    .with(0);
        }
        shell.run("verify", jar, "--source", "database").with(0);

        shell.run("trust", "revoke", "release").with(3);
        shell.run("key", "create", "another").with(3);
        for (String table : List.of("trusted_keys", "key_trust_acls", "signing_keys")) {
            denied("cloacina_signer", "signer-password", "INSERT INTO " + table + " SELECT * FROM " + table);
            denied("cloacina_signer", "signer-password", "DELETE FROM " + table);
        }
        denied("cloacina_signer", "signer-password", "DELETE FROM package_signatures");
    }

    private void denied(String role, String password, String sql) {
        SQLException e = assertThrows(SQLException.class, () -> execute(role, password, sql), sql);
        // insufficient_privilege, read_only_sql_transaction
        assertTrue(List.of("42501", "25006").contains(e.getSQLState()), sql + ": " + e.getMessage());
    }

    @Test
    void everyCommand_isOneThatThereIs() throws Exception {
        List<String> commands = new ArrayList<>();
        for (Path document : DocumentLinksTest.documents()) {
            for (String language : List.of("", "yaml", "cron")) {
                for (String block : blocks(document, language)) {
                    block.lines()
                            .map(line -> line.strip().replace("java -jar cloacina-guard.jar ", "cloacina "))
                            .filter(line -> line.startsWith("cloacina "))
                            .forEach(commands::add);
                }
            }
            for (String inText : matches(document, "`((?:cloacina|java -jar cloacina-guard.jar) [a-z][^`]*)`")) {
                commands.add(inText.replace("java -jar cloacina-guard.jar ", "cloacina "));
            }
        }
        assertTrue(commands.size() >= 50, "found: " + commands.size());
        for (String command : commands) {
            // Help is printed if every word before it is known, and nothing is done.
            String words = command.replaceFirst("( +#| && ).*", "").replaceFirst("cloacina ", "");
            assertEquals(
                    0,
                    shell.run((Object[]) (words.strip() + " --help").split("\\s+"))
                            .status(),
                    command);
        }
    }
}
