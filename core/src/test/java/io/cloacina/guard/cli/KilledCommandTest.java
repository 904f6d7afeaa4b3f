// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.store.Fork;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.JDBC;

/**
 * A real process that is killed between a change and its event: the test holds the lock of the record, so that the process
 * has made its change and waits with the event.
 */
class KilledCommandTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private final Path record = home.resolve(".cloacina/audit.jsonl");
    private Path kek;
    private Path jar;

    @BeforeEach
    void makeStore() throws Exception {
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + home.resolve("trust.db"));
        kek = shell.kekFile("kek");
        jar = shell.file("packages/a.jar", "jar");
        shell.run("key", "create", "release", "--kek-file", kek).with(0);
    }

    private Process start(Object... arguments) throws IOException {
        List<String> words = new ArrayList<>();
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        words.addAll(List.of(
                "--store",
                "sqlite://" + home.resolve("trust.db"),
                "--org",
                Shell.ORG.toString(),
                "--audit",
                "file:" + record));
        return Fork.start(List.of(), Cloacina.class, words.toArray(String[]::new));
    }

    private long count(String rows) throws SQLException {
        try (Connection connection = new JDBC().connect("jdbc:sqlite:" + home.resolve("trust.db"), new Properties());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + rows)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Waits until the process has made its change, which it cannot record meanwhile. */
    private void awaitRow(Process process, String rows) throws Exception {
        while (count(rows) == 0) {
            assertTrue(process.isAlive(), "it ended without having to record anything");
            Thread.onSpinWait();
        }
    }

    private FileLock lockRecord() throws IOException {
        return FileChannel.open(record, StandardOpenOption.WRITE).lock(Long.MAX_VALUE - 1, 1, false);
    }

    private List<Object> types() {
        return shell.eventTypes();
    }

    private void killAtRecord(String rows, Object... arguments) throws Exception {
        FileLock lock = lockRecord();
        try {
            Process process = start(arguments);
            awaitRow(process, rows);
            process.destroyForcibly().waitFor();
        } finally {
            lock.acquiredBy().close();
        }
    }

    @Test
    void changeWithoutEvent_isRecordedByTheNextCommand() throws Exception {
        killAtRecord("trusted_keys", "trust", "add", "--key", "release");
        assertEquals(List.of("key.signing.created"), types());
        assertEquals(1, count("guard_pending_events"));

        shell.run("key", "create", "other", "--kek-file", kek).with(0);

        assertEquals(List.of("key.signing.created", "key.trusted.added", "key.signing.created"), types());
        Map<String, Object> recovered = shell.events().get(1);
        assertEquals("release", recovered.get("key_name"));
        assertEquals(true, recovered.get("recovered"));
        assertTrue(recovered.containsKey("changed_at"));
        assertEquals(Shell.ORG.toString(), recovered.get("org_id"));
        assertEquals(0, count("guard_pending_events"));
    }

    @Test
    void keyRevokeGrantAndReseal_areRecordedByTheNextCommandToo() throws Exception {
        killAtRecord("key_trust_acls", "trust", "grant", Shell.OTHER_ORG);
        shell.run("key", "create", "second", "--kek-file", kek).with(0);
        killAtRecord("signing_keys WHERE revoked_at IS NOT NULL", "key", "revoke", "release");
        shell.run("key", "create", "third", "--kek-file", kek).with(0);
        Path future = shell.kekFile("future");
        String before = checkValue();
        FileLock lock = lockRecord();
        Process process = start("key", "reseal", "--kek-file", kek, "--new-kek-file", future);
        while (checkValue().equals(before)) {
            assertTrue(process.isAlive());
        }
        process.destroyForcibly().waitFor();
        lock.acquiredBy().close();
        shell.run("key", "create", "fourth", "--kek-file", future).with(0);

        List<Object> changes = new ArrayList<>(types());
        changes.removeIf("key.signing.created"::equals);
        assertEquals(List.of("key.trust_acl.granted", "key.signing.revoked", "key.resealed"), changes);
    }

    private String checkValue() throws SQLException {
        try (Connection connection = new JDBC().connect("jdbc:sqlite:" + home.resolve("trust.db"), new Properties());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT check_value FROM guard_key_check")) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void sign_killedBeforeTheEvent_hasNoSigFile_andTheSameCommandDoesTheRest() throws Exception {
        killAtRecord("package_signatures", "sign", jar, "--key", "release", "--kek-file", kek);
        assertFalse(Files.exists(Path.of(jar + ".sig")));

        shell.run("sign", jar, "--key", "release", "--kek-file", kek).with(0);

        assertTrue(Files.exists(Path.of(jar + ".sig")));
        assertTrue(types().contains("package.signed"));
        Map<String, Object> recovered = shell.events().get(1);
        assertEquals("package.signed", recovered.get("event_type"));
        assertEquals(jar.toString(), recovered.get("package_path"));
        assertEquals(0, count("guard_pending_events"));
    }

    @Test
    void signStatement_killedBeforeTheEvent_hasNoSigFile_andTheSameCommandDoesTheRest() throws Exception {
        Object[] sign = {
            "sign",
            jar,
            "--format",
            "2",
            "--package-name",
            "a",
            "--package-version",
            "1",
            "--key",
            "release",
            "--kek-file",
            kek
        };
        killAtRecord("guard_statements", sign);
        assertFalse(Files.exists(Path.of(jar + ".sig")));

        shell.run(sign).with(0);

        assertTrue(Files.exists(Path.of(jar + ".sig")));
        assertEquals("package.signed", shell.events().get(1).get("event_type"));
        assertEquals(jar.toString(), shell.events().get(1).get("package_path"));
        assertEquals(0, count("guard_pending_events"));
        assertEquals(1, count("guard_statements"));
    }

    @Test
    void sign_toldToStop_finishesWhatIsStored() throws Exception {
        for (int i = 0; i < 5; i++) {
            shell.file("packages/p" + i + ".jar", "jar " + i);
        }
        FileLock lock = lockRecord();
        Process process = start("sign", jar.getParent(), "--key", "release", "--kek-file", kek);
        awaitRow(process, "package_signatures");
        process.destroy();
        lock.acquiredBy().close();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));

        assertTrue(process.exitValue() != 0);
        long signatures = signatures();
        assertEquals(count("package_signatures"), signatures);
        assertEquals(
                signatures, types().stream().filter("package.signed"::equals).count());
        assertEquals(0, count("guard_pending_events"));
        try (var files = Files.list(jar.getParent())) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")));
        }
        shell.run("sign", jar.getParent(), "--key", "release", "--kek-file", kek)
                .with(0);
        assertEquals(6, count("package_signatures"));
    }

    /** Whatever ends the process, and wherever: what has a {@code .sig} has its row and its event. */
    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "KILL"})
    void sign_ofAThousandFiles_endedOnTheWay_losesNothing(String signal) throws Exception {
        int all = 1000;
        for (int i = 1; i < all; i++) {
            shell.file("packages/p" + i + ".jar", "jar " + i);
        }
        Process process = start("sign", jar.getParent(), "--key", "release", "--kek-file", kek);
        awaitRow(process, "package_signatures");
        int sent = new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                .start()
                .waitFor();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));

        assertTrue(sent != 0 || process.exitValue() != 0 || signatures() == all);
        long events = types().stream().filter("package.signed"::equals).count();
        assertTrue(signatures() <= events, signatures() + " .sig files, " + events + " events");
        assertTrue(events <= count("package_signatures"), events + " events");

        shell.run("sign", jar.getParent(), "--key", "release", "--kek-file", kek)
                .with(0);

        assertEquals(all, signatures());
        assertEquals(all, count("package_signatures"));
        assertEquals(0, count("guard_pending_events"));
        Set<Object> recorded = new HashSet<>();
        shell.events().stream()
                .filter(event -> event.get("event_type").equals("package.signed"))
                .forEach(event -> recorded.add(event.get("package_path")));
        assertEquals(all, recorded.size());
        try (var files = Files.list(jar.getParent())) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")));
        }
    }

    private long signatures() throws IOException {
        try (var files = Files.list(jar.getParent())) {
            return files.filter(file -> file.toString().endsWith(".sig")).count();
        }
    }

    @Test
    void exportPrivate_killedBeforeTheEvent_hasWrittenNothing() throws Exception {
        Path out = home.resolve("secret.pem");
        FileLock lock = lockRecord();
        Process process = start("key", "export", "release", "--private", "--out", out, "--kek-file", kek);
        while (!Files.exists(out)) {
            assertTrue(process.isAlive());
            Thread.onSpinWait();
        }
        process.destroyForcibly().waitFor();
        lock.acquiredBy().close();
        assertEquals(0, Files.size(out));
    }
}
