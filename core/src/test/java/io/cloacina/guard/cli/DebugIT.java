// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.store.PostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --debug} of the packaged command line: shows what libraries log, and never a secret. */
class DebugIT {

    private static final String ORG = "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40";
    private static final String KEK = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

    @TempDir
    Path folder;

    private record Said(int status, String out, String err) {}

    private Said run(String store, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-jar",
                Path.of(System.getProperty("basedir", ""))
                        .resolve("target/cloacina.jar")
                        .toString()));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("CLOACINA_") || name.equals("JAVA_TOOL_OPTIONS"));
        builder.environment()
                .putAll(Map.of(
                        "HOME", folder.toString(),
                        "CLOACINA_ORG_ID", ORG,
                        "CLOACINA_KEY_ENCRYPTION_KEY", KEK,
                        "CLOACINA_DATABASE_URL", store));
        int status = builder.start().waitFor();
        return new Said(status, Files.readString(out), Files.readString(err));
    }

    @Test
    void postgres_underDebug_saysWhatDriverAndJdbiSay_withoutThePassword() throws Exception {
        String store = PostgresServer.address(PostgresServer.newDatabase(), "postgres")
                .replace(":secret@", ":pl%40nted%2Fsecret@");

        Said said = run(store, "key", "create", "release", "--debug");

        assertEquals(0, said.status(), said::toString);
        assertTrue(
                said.err().contains("cloacina: debug: fine org.postgresql.Driver: Connecting with URL: "),
                said::toString);
        assertTrue(said.err().contains("cloacina: debug: trace org.jdbi.v3.core.Jdbi: "), said::toString);
        assertTrue(
                said.err().contains("cloacina: debug: fine org.postgresql: INSERT INTO signing_keys "), said::toString);
        assertFalse(said.err().contains("FE=>"), "what is bound to statements is not shown: " + said);
        assertFalse(said.toString().contains("pl%40nted"), said::toString);
        assertFalse(said.toString().contains("pl@nted"), said::toString);
        assertFalse(said.toString().contains(KEK), said::toString);
        assertFalse(said.err().contains("SLF4J"), said::toString);
    }

    @Test
    void sqlite_underDebug_saysWhatDriverAndJdbiSay() throws Exception {
        Said said = run("sqlite://" + folder.resolve("trust.db"), "--debug", "key", "create", "release");

        assertEquals(0, said.status(), said::toString);
        assertTrue(said.err().contains("cloacina: debug: trace org.sqlite."), said::toString);
        assertTrue(said.err().contains("cloacina: debug: trace org.jdbi.v3.core.Jdbi: "), said::toString);
        assertFalse(said.toString().contains(KEK), said::toString);
    }

    @Test
    void command_withoutDebug_saysNothingOfIt() throws Exception {
        Said said = run("sqlite://" + folder.resolve("trust.db"), "key", "create", "release");

        assertEquals(0, said.status(), said::toString);
        assertFalse(said.err().contains("debug"), said::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "given by option: s3cret-pw!|given by option: ***",
                "decoded s3cret-pw! and not s3cret-pw%21|decoded *** and not ***",
                "postgres://other:hunter2@host/db|postgres://other:***@host/db",
                "postgres://other:hun@ter2@host/db|postgres://other:***@host/db",
                "jdbc:postgresql://h/db?user=u&password=hunter2&ssl=true|jdbc:postgresql://h/db?user=u&password=***&ssl=true",
                "{user=u, PASSWORD=hunter2, sslpassword = hunter2}|{user=u, PASSWORD=***, sslpassword = ***}",
                "the variable is env-secret-1|the variable is ***",
                "kek q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=|kek ***",
                "other q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJ0=|other (not shown: it looks like a key)",
                "nothing secret here|nothing secret here",
            })
    void line_withAPlantedSecret_isMasked(String logged, String shown) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        DebugLog.of(
                        new PrintStream(said, true, StandardCharsets.UTF_8),
                        Map.of("CLOACINA_KEY_ENCRYPTION_KEY", KEK, "PGPASSWORD", "env-secret-1"),
                        "postgres://u:s3cret-pw%21@host/db")
                .say("INFO", "a.b", logged);

        assertEquals(
                "cloacina: debug: info a.b: " + shown,
                said.toString(StandardCharsets.UTF_8).strip());
    }
}
