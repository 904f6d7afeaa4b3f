// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.internal.store.Dialect;
import io.cloacina.guard.internal.store.Reference;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.JDBC;

/** What all commands have in common. */
class FrameTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;

    static Stream<String> commands() {
        return Stream.of(
                "",
                "key",
                "key create",
                "key list",
                "key show",
                "key export",
                "key import",
                "key revoke",
                "key reseal",
                "trust",
                "trust add",
                "trust list",
                "trust revoke",
                "trust grant",
                "trust ungrant",
                "trust limit",
                "package",
                "package withdraw",
                "package reinstate",
                "package list",
                "package floor",
                "sign",
                "verify",
                "audit",
                "audit verify",
                "audit checkpoint",
                "audit report",
                "store",
                "store init",
                "store status",
                "doctor",
                "prepare",
                "completion",
                "help",
                "version");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void help_everyCommand_hasExitStatusesAndExamples(String command) {
        Done done = shell.run(words(command + " --help")).with(0);

        assertTrue(done.out().contains("Exit status:"), done.out());
        assertTrue(done.out().contains("70   a bug in the program"), done.out());
        boolean isNoun =
                List.of("", "key", "trust", "package", "audit", "store").contains(command);
        assertTrue(isNoun || done.out().contains("Examples:"), done.out());
        assertEquals("", done.err());
        assertTrue(done.out().lines().allMatch(line -> line.length() <= 80), done.out());
        // An example that is too long would go on at the beginning of the next line.
        assertTrue(
                isNoun
                        || done.out()
                                .substring(done.out().indexOf("Examples:"))
                                .lines()
                                .skip(1)
                                .allMatch(line -> line.startsWith("  ")),
                done.out());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void unknownOption_everyCommand_isUsageErrorInBothForms(String command) {
        Done done = shell.run(words(command + " --json --no-such-option")).with(2);

        assertEquals("usage", done.json().get("error"));
        assertEquals(List.of("error", "message"), List.copyOf(done.json().keySet()));
        assertTrue(done.err().contains("--help"), done.err());
        assertEquals("", shell.run(words(command + " --no-such-option")).with(2).out());
    }

    private static Object[] words(String line) {
        return line.strip().split(" ");
    }

    @Test
    void noCommand_isUsageError() {
        assertTrue(shell.run().with(2).err().contains("a command is missing"));
        assertTrue(shell.run("key").with(2).err().contains("cloacina key --help"));
        assertEquals("usage", shell.run("store", "--json").with(2).json().get("error"));
    }

    @Test
    void unknownCommand_isUsageErrorThatNamesTheCommands() {
        Done done = shell.run("sgin", "verify").with(2);

        assertTrue(done.err().contains("[sgin]"), done.err());
        assertTrue(
                done.err()
                        .contains(
                                "audit, completion, doctor, help, intake, key, package, prepare, sign, signature, store, trust,"),
                done.err());
        assertTrue(shell.run("key", "creat").with(2).err().contains("create, export"));
    }

    @Test
    void unknownCommand_withControlCharacters_steersNoTerminal() {
        Done done = shell.run("\u001b[31m").with(2);

        assertFalse(done.err().contains("\u001b"), done.err());
    }

    @Test
    void version_isTheBuilds() {
        String version = shell.run("--version").with(0).out();

        assertTrue(version.matches("cloacina [0-9]+\\.[0-9]+\\.[0-9]+\\S*, commit \\w+ \\(Java .*\\)\\R"), version);
    }

    @Test
    void commonOptions_beforeAndAfterTheVerb_areTheSame() {
        Path store = home.resolve("t.db");
        shell.variables.remove("CLOACINA_ORG_ID");
        shell.run("--store", "sqlite://" + store, "--org", Shell.ORG, "key", "create", "a")
                .with(0);
        shell.run("key", "--store", "sqlite://" + store, "create", "b", "--org", Shell.ORG)
                .with(0);

        List<Map<String, Object>> keys = shell.run(
                        "--json", "key", "list", "--org=" + Shell.ORG, "--store=jdbc:sqlite:" + store)
                .with(0)
                .jsons();

        assertEquals(2, keys.size());
    }

    @Test
    void store_optionAndVariable_optionWins() {
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + home.resolve("variable.db"));

        shell.run("store", "init", "--store", "sqlite://" + home.resolve("option.db"))
                .with(0);

        assertTrue(Files.exists(home.resolve("option.db")));
        assertFalse(Files.exists(home.resolve("variable.db")));
    }

    @Test
    void store_tilde_isTheHome() {
        shell.run("store", "init", "--store", "sqlite://~/t.db").with(0);

        assertTrue(Files.exists(home.resolve("t.db")));
    }

    @Test
    void store_malformedAddress_isUsageErrorWithoutThePassword() {
        Done done = shell.run("store", "init", "--store", "mysql://u:geheim@h/d", "--json")
                .with(2);

        assertEquals("malformed_store_address", done.json().get("error"));
        assertFalse((done.out() + done.err()).contains("geheim"));
    }

    @Test
    void store_initAndStatus_tellTheSame() {
        assertEquals(
                "store_unavailable",
                shell.run("store", "status", "--json").with(3).json().get("error"));

        Map<String, Object> made = shell.run("store", "init", "--json").with(0).json();

        assertEquals(
                List.of(
                        "store",
                        "origin",
                        "dialect",
                        "schema_version",
                        "signing_keys",
                        "trusted_keys",
                        "key_trust_acls",
                        "package_signatures",
                        "guard_statements",
                        "guard_withdrawn_packages",
                        "guard_key_limits",
                        "guard_version_floors",
                        "guard_intake",
                        "announces_changes",
                        "altered"),
                List.copyOf(made.keySet()));
        assertEquals("guard", made.get("origin"));
        assertEquals("sqlite", made.get("dialect"));
        assertEquals(made, shell.run("store", "init", "--json").with(0).json());
        assertEquals(made, shell.run("store", "status", "--json").with(0).json());
        assertTrue(shell.run("store", "status").with(0).out().contains("signing keys 0"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void store_ofTheReference_isUsedAsItIsUntilItIsAdopted(boolean old) throws Exception {
        Path file = home.resolve("reference.db");
        try (Connection connection = new JDBC().connect("jdbc:sqlite:" + file, new Properties())) {
            Reference.make(connection, Dialect.SQLITE, old);
        }
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + file + "?mode=rwc");

        shell.run("key", "create", "release", "--reference-format").with(0);
        shell.run("trust", "add", "--key", "release").with(0);
        Path jar = shell.file("a.jar", "jar");
        shell.run("sign", jar, "--key", "release", "--no-detached").with(0);
        shell.run("verify", jar).with(0);
        Map<String, Object> before =
                shell.run("store", "status", "--json").with(0).json();
        assertEquals("reference", before.get("origin"));
        assertEquals(0L, before.get("schema_version"));
        assertTrue(shell.run("store", "status").with(0).out().contains("not adopted yet"));

        Map<String, Object> adopted =
                shell.run("store", "init", "--json").with(0).json();

        assertEquals("reference", adopted.get("origin"));
        assertEquals(4L, adopted.get("schema_version"));
        assertEquals(1L, adopted.get("package_signatures"));
        shell.run("sign", jar, "--key", "release", "--no-detached").with(0);
        shell.run("verify", jar).with(0);
    }

    @Test
    void store_fileThatIsNoDatabase_isTrouble() throws Exception {
        shell.file("t.db", "this is no database, and long enough to be looked at as one ".repeat(20));

        Done done = shell.run("store", "init", "--store", "sqlite://" + home.resolve("t.db"), "--json")
                .with(3);

        assertEquals("store_unavailable", done.json().get("error"));
        shell.run("key", "create", "k", "--store", "sqlite://" + home.resolve("t.db"))
                .with(3);
    }

    @Test
    void audit_optionWinsOverVariable() throws Exception {
        shell.variables.put("CLOACINA_AUDIT", "file:" + home.resolve("variable.jsonl"));

        shell.run("key", "create", "a", "--audit", "file:" + home.resolve("option.jsonl"))
                .with(0);
        shell.run("key", "create", "b").with(0);

        assertEquals(1, Files.readAllLines(home.resolve("option.jsonl")).size());
        assertEquals(1, Files.readAllLines(home.resolve("variable.jsonl")).size());
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("option.jsonl"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "file:", "stderr,", "", "File:x"})
    void audit_malformed_isUsageError(String audit) {
        assertEquals(
                "malformed_audit",
                shell.run("key", "create", "k", "--audit", audit, "--json")
                        .with(2)
                        .json()
                        .get("error"));
    }

    @Test
    void audit_twoFilesAndTilde_getTheSameEvents() throws Exception {
        shell.run("key", "create", "k", "--audit", "file:~/one, file:" + home.resolve("two"))
                .with(0);

        assertEquals(Files.readString(home.resolve("one")), Files.readString(home.resolve("two")));
    }

    @Test
    void audit_thatCannotBeWritten_stopsEveryCommandThatRecords() throws Exception {
        shell.run("key", "create", "k").with(0);
        Path pem = shell.file("k.pem", shell.run("key", "export", "k").out());
        String noFile = "file:" + home.resolve("no/such/file");

        for (String[] command : new String[][] {
            {"key", "create", "x"},
            {"key", "import", "x", pem.toString()},
            {"key", "export", "k"},
            {"key", "revoke", "k"},
            {"trust", "add", pem.toString()},
            {"trust", "revoke", "k"},
            {"trust", "grant", Shell.OTHER_ORG.toString()},
            {"trust", "ungrant", Shell.OTHER_ORG.toString()},
            {"sign", pem.toString(), "--key", "k"},
            {"verify", pem.toString()},
        }) {
            Object[] words = Stream.concat(Stream.of(command), Stream.of("--json", "--audit", noFile))
                    .toArray();
            assertEquals("audit_unavailable", shell.run(words).with(3).json().get("error"), String.join(" ", command));
        }
        assertEquals(
                1, shell.run("key", "list", "--audit", noFile).with(0).lines().size());
        assertTrue(shell.run("key", "list").out().contains("active"));
        assertEquals("", shell.run("trust", "list", "--all").out());
    }

    @Test
    void bug_isStatus70InOneLine() {
        CliEnvironment broken = environment(OutputStream.nullOutputStream(), new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                throw new IllegalStateException("the clock\nstopped");
            }
        });

        assertEquals(70, Cloacina.run(broken, "store", "init"));
        assertTrue(errors.toString(StandardCharsets.UTF_8).startsWith("cloacina: this is a bug in the program: "));
        assertEquals(1, errors.toString(StandardCharsets.UTF_8).lines().count());
    }

    private final java.io.ByteArrayOutputStream errors = new java.io.ByteArrayOutputStream();

    private CliEnvironment environment(OutputStream out, Clock clock) {
        return new CliEnvironment(
                shell.variables,
                home,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8),
                false,
                clock);
    }

    @Test
    void standardOutput_thatCannotBeWritten_isTrouble() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("no space");
            }
        };

        assertEquals(3, Cloacina.run(environment(full, Clock.systemUTC()), "store", "init"));
    }

    @Test
    void completion_isAScriptThatBashReads() throws Exception {
        Path script =
                shell.file("completion.sh", shell.run("completion").with(0).out());

        Process bash = new ProcessBuilder("bash", "-n", script.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor(), said);
        assertTrue(Files.readString(script).contains("--new-kek-file"));
    }
}
