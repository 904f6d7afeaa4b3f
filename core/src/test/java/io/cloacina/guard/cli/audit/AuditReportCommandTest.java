// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.cli.Shell;
import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.internal.text.JsonLine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditReportCommandTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private Path audit;
    private Path enforcing;

    @BeforeEach
    void openShellWithRecords() throws Exception {
        audit = recorded("audit-mode.jsonl");
        enforcing = recorded("enforcing.jsonl");
    }

    private Path recorded(String name) throws IOException {
        Path file = home.resolve(name);
        try (InputStream in = getClass().getResourceAsStream("/io/cloacina/guard/internal/report/" + name)) {
            Files.copy(in, file);
        }
        return file;
    }

    private static String load(String time, String path, boolean verified) {
        JsonLine line = new JsonLine()
                .with("timestamp", time)
                .with("event_type", "package.load.success")
                .with("org_id", Shell.ORG)
                .with("package_path", path)
                .with("signature_verified", verified);
        return (verified ? line : line.with("failure_reason", "signature_not_found")) + "\n";
    }

    @Test
    void report_text_namesEachPackageAndFewCommands() {
        Done done = shell.run("audit", "report", audit).with(1);

        assertTrue(done.out().contains("5 packages would be refused"), done.out());
        assertTrue(
                done.lines()
                        .contains("    cloacina sign --key e3bfe796ad973fd6 /srv/host/plugins/native-tourist.so"
                                + " /srv/host/plugins/tourist.jar"),
                done.out());
        assertTrue(done.lines().contains("        #   cloacina trust add SIGNER.pem"), done.out());
        assertTrue(done.lines().contains("    export CLOACINA_ORG_ID=" + Shell.ORG));
        assertTrue(
                done.lines().stream()
                        .filter(line -> !line.contains("cloacina ") && !line.contains("openssl"))
                        .allMatch(line -> line.length() <= 100),
                done.out());
        assertEquals("", done.err());
    }

    @Test
    void report_json_isOneObjectAPackageAndASummary() {
        Done done = shell.run("audit", "report", audit, enforcing, "--key", "release", "--json")
                .with(1);

        assertEquals(7, done.lines().size());
        Map<String, Object> tampered = JsonLines.object(done.lines().get(0));
        assertFields(
                tampered,
                "record",
                "package",
                "package_path",
                "/srv/host/plugins/keeper.jar",
                "failure_reason",
                "tampered_package",
                "open",
                true,
                "would_be_refused",
                1,
                "refused",
                1,
                "remedy",
                "restore");
        String command = "cloacina sign --org " + Shell.ORG + " --key release /srv/host/plugins/keeper.jar";
        assertTrue(tampered.toString().contains(command), tampered::toString);
        assertEquals(
                "{\"record\":\"command\",\"order\":1,\"what\":\"2 unsigned files\",\"command\":\"cloacina sign"
                        + " --org " + Shell.ORG + " --key release /srv/host/plugins/native-tourist.so"
                        + " /srv/host/plugins/tourist.jar\"}",
                done.lines().get(5));
        Map<String, Object> summary = JsonLines.object(done.lines().get(6));
        assertFields(summary, "record", "summary", "would_be_refused", true, "packages_open", 5);
        assertEquals(4L, ((Map<?, ?>) summary.get("outcomes")).get("verified"));
    }

    @Test
    void report_html_isWrittenWholeAndSaidWhere() throws Exception {
        Path page = home.resolve("page.html");

        Done done = shell.run("audit", "report", audit, "--html", "--out", page).with(1);

        assertEquals("", done.out());
        assertTrue(done.err().contains(page.toString()), done.err());
        assertTrue(Files.readString(page).endsWith("</html>\n"));
        assertEquals(
                Files.readString(page),
                shell.run("audit", "report", audit, "--html").with(1).out());
    }

    @Test
    void report_htmlThatCannotBeWritten_isTrouble() {
        Done done = shell.run("audit", "report", audit, "--html", "--out", home.resolve("no/such"))
                .with(3);

        assertTrue(done.err().contains("cannot be written"), done.err());
    }

    private Path unsigned() throws IOException {
        return shell.file("unsigned.jsonl", load("2026-01-28T11:00:00Z", "/no/such/host/a.jar", false));
    }

    @Test
    void report_whereTheStoreHasOneTrustedKey_namesIt() throws Exception {
        shell.createTrustedKey("release");

        Done done = shell.run("audit", "report", unsigned()).with(1);

        assertTrue(done.lines().contains("    cloacina sign --key release /no/such/host/a.jar"), done.out());
        assertFalse(done.out().contains("is your signing key"), done.out());
        shell.run("key", "create", "other").with(0);
        assertTrue(shell.run("audit", "report", unsigned()).with(1).out().contains("--key release "));
        shell.run("trust", "add", "--key", "other").with(0);
        Done either = shell.run("audit", "report", unsigned()).with(1);
        assertTrue(either.out().contains("--key KEY "), either.out());
        assertTrue(either.out().contains("KEY is your signing key"), either.out());
    }

    @Test
    void report_whereTheStoresOnlyKeyIsNotTrusted_saysWhatIsMissing() throws Exception {
        shell.run("key", "create", "release").with(0);

        Done done = shell.run("audit", "report", unsigned()).with(1);

        assertTrue(done.out().contains("--key release "), done.out());
        assertTrue(done.err().contains("cloacina trust add --key release"), done.err());
    }

    @Test
    void report_whereTheSignerOnRecordIsNoKeyOfTheStore_doesNotNameIt() throws Exception {
        shell.createTrustedKey("release");

        Done done = shell.run("audit", "report", audit).with(1);

        assertTrue(done.out().contains("cloacina sign --key release "), done.out());
        assertFalse(done.out().contains("--key e3bfe796ad973fd6"), done.out());
    }

    @Test
    void report_whereTheStoreDoesNotAnswer_isMadeFromTheRecord() throws Exception {
        Path store = shell.file("trust.db", "no database at all, but long enough to be looked at as one".repeat(20));

        Done done = shell.run("audit", "report", audit, "--store", "sqlite://" + store)
                .with(1);

        assertTrue(done.out().contains("--key e3bfe796ad973fd6 "), done.out());
        assertTrue(done.err().contains("was not asked which key signs"), done.err());
    }

    @Test
    void report_whereAllVerified_isDone() throws Exception {
        Path file = shell.file("good.jsonl", load("2026-01-28T11:00:00Z", "/a.jar", true));

        assertTrue(shell.run("audit", "report", file).with(0).out().contains("Nothing would be refused."));
    }

    @Test
    void report_rotatedFiles_areReadOldestFirstInAnyOrder() throws Exception {
        Path older = shell.file("c.jsonl.1", load("2026-01-28T10:00:00Z", "/a.jar", false));
        Path newer = shell.file("c.jsonl", load("2026-01-28T11:00:00Z", "/a.jar", true));
        // Two files of a host whose name no line tells count as two hosts.
        for (Path file : List.of(older, newer)) {
            Files.writeString(file, Files.readString(file).replace("}", ",\"host\":\"h\",\"pid\":1}"));
        }

        for (List<Path> order : List.of(List.of(older, newer), List.of(newer, older))) {
            Done done = shell.run("audit", "report", order.get(0), order.get(1)).with(0);
            assertTrue(done.out().contains("Settled"), done.out());
        }
    }

    @Test
    void report_sameFileTwice_isReadOnce() throws Exception {
        Path link = Files.createSymbolicLink(home.resolve("link"), audit);

        Done done = shell.run("audit", "report", audit, link, "--json").with(1);

        assertTrue(done.err().contains("named twice"), done.err());
        assertFields(JsonLines.object(done.lines().get(6)), "loads", 7);
    }

    /** By {@code FILE*}, a rotated file is named with its compressed copy, an older copy, and the checkpoints. */
    @Test
    void report_copiesAndCheckpoints_areNotCounted() throws Exception {
        String events = chained(1, "/a.jar") + chained(2, "/b.jar");
        Path whole = shell.file("c.jsonl.000000000003", events + chained(3, "/c.jar"));
        Path older = shell.file("older.jsonl", events + chained(3, "/c.jar").substring(0, 40));
        Path gzip = home.resolve("c.jsonl.000000000003.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
            Files.copy(whole, out);
        }
        Path checkpoints = shell.file("c.jsonl.checkpoints", "{\"version\":1}\n");

        for (List<Path> order : List.of(List.of(older, whole, gzip), List.of(gzip, whole, older))) {
            Done done = shell.run("audit", "report", order.get(0), order.get(1), order.get(2), checkpoints)
                    .with(1);
            assertTrue(done.out().contains("Loads   3: 3 would be refused"), done.out());
            assertTrue(done.err().contains("not counted again"), done.err());
            assertFalse(done.err().contains("left out"), done.err());
        }
    }

    @Test
    void report_ofFilesThatOnlyBeginAlike_countsBoth() throws Exception {
        Path one = shell.file("one", chained(1, "/a.jar") + chained(2, "/b.jar"));
        Path other = shell.file("other", chained(1, "/a.jar") + chained(2, "/c.jar") + chained(3, "/d.jar"));

        Done done = shell.run("audit", "report", one, other).with(1);

        assertTrue(done.out().contains("Loads   5: 5 would be refused"), done.out());
        assertFalse(done.err().contains("not counted again"), done.err());
    }

    /** As a file sink leaves it behind a process that was killed while it wrote. */
    @Test
    void report_tornLineInAChain_isToldAndFieldsOfTheSinkAreNotRepeated() throws Exception {
        String degraded = chained(3, "/x")
                .replace("package.load.success", "guard.degraded")
                .replace(",\"sequence\"", ",\"torn_line\":\"00\",\"kept_from_sequence\":1,\"sequence\"");
        Path file = shell.file(
                "c.jsonl",
                chained(1, "/a.jar") + chained(2, "/b.jar").substring(0, 40) + "\n" + chained(2, "/b.jar") + degraded);

        Done done = shell.run("audit", "report", file).with(1);

        assertTrue(done.out().contains("Loads   2: 2 would be refused"), done.out());
        assertTrue(done.err().contains("c.jsonl] line 2 was left out"), done.err());
        assertTrue(done.out().contains("guard.degraded"), done.out());
        for (String added : List.of("previous_hash", "sequence", "torn_line", "process_started_at")) {
            assertFalse(done.out().contains(added), added);
        }
    }

    private static String chained(int sequence, String path) {
        return load("2026-01-28T10:00:0" + sequence + "Z", path, false)
                .replace(
                        ",\"org_id\"",
                        ",\"event_id\":\"019c0000-0000-7000-8000-00000000000" + sequence + "\",\"org_id\"")
                .replace(
                        "}",
                        ",\"host\":\"h\",\"pid\":1,\"process_started_at\":\"2026-01-28T09:00:00Z\","
                                + "\"process_configuration\":\"00\",\"sequence\":" + sequence
                                + ",\"previous_hash\":\"" + "0".repeat(64) + "\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n"})
    void report_ofNothing_saysThatThisProvesNothing(String content) throws Exception {
        Done done = shell.run("audit", "report", shell.file("empty", content)).with(0);

        assertTrue(done.out().contains("No load is on record."), done.out());
        assertTrue(done.err().contains("no proof"), done.err());
    }

    @Test
    void report_ofWhatIsNoRecord_isTrouble() throws Exception {
        Done done = shell.run("audit", "report", shell.file("log", "hello\nworld\n"), "--json")
                .with(3);

        assertEquals("no_record", done.json().get("error"));
        assertTrue(done.err().contains("log] line 1"), done.err());
    }

    @Test
    void report_malformedLines_areToldAndTheRestIsRead() throws Exception {
        Path file = shell.file(
                "some",
                load("2026-01-28T10:00:00Z", "/a.jar", true)
                        + "cloacina-guard: \u001b[31mAUDIT MODE\n"
                        + load("2026-01-28T10:00:00Z", "/b.jar", true).substring(0, 30));

        Done done = shell.run("audit", "report", file).with(0);

        assertTrue(done.err().contains("some] line 2 was left out"), done.err());
        assertTrue(done.err().contains("some] line 3 was left out: torn"), done.err());
        assertFalse(done.err().contains("\u001b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2h", "120m", "1d", "2026-01-28T10:00:00.123456Z", "2026-01-28T11:00:00.123456+01:00"})
    void report_since_takesDatesTimesAndDurations(String since) throws Exception {
        Path file = shell.file(
                "some", load("2026-01-27T00:00:00Z", "/old.jar", false) + load("2026-01-28T11:00:00Z", "/a.jar", true));

        shell.run("audit", "report", file).with(1);
        shell.run("audit", "report", file, "--since", since).with(0);
        shell.run("audit", "report", file, "--until", since).with(1);
        assertTrue(shell.run("audit", "report", file, "--since", "2026-01-29")
                .with(0)
                .err()
                .contains("outside the time asked for: 2"));
    }

    @Test
    void report_mode_leavesOutTheOther() {
        Done done = shell.run("audit", "report", audit, enforcing, "--mode", "audit", "--json")
                .with(1);
        assertTrue(
                JsonLines.objects(done.lines()).stream()
                        .anyMatch(line -> Long.valueOf(7).equals(line.get("loads"))),
                done.out());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "audit report",
                "audit report x --mode strict",
                "audit report x --html --json",
                "audit report x --out y",
                "audit report x --since yesterday",
                "audit report x --since 2026-13-01",
                "audit report x --until 7y"
            })
    void report_askedWrongly_isUsage(String line) {
        shell.run(Arrays.copyOf(line.split(" "), line.split(" ").length, Object[].class))
                .with(2);
    }

    @Test
    void report_filesThatCannotBeRead_areTrouble() {
        assertTrue(
                shell.run("audit", "report", home.resolve("nope")).with(3).err().contains("no such file"));
        assertTrue(shell.run("audit", "report", home).with(3).err().contains("it is a directory"));
        assertEquals(
                "unreadable_file",
                shell.run("audit", "report", audit, home, "--json")
                        .with(3)
                        .json()
                        .get("error"));
    }

    @Test
    void report_hostilePaths_steerNoTerminal() throws Exception {
        String path = "/p/\u001b]0;x\u0007\u202e\n</script>.jar";
        Path file = shell.file("some", load("2026-01-28T11:00:00Z", path, false));

        for (String form : List.of("--json", "--html", "--since=2026-01-01")) {
            Done done = shell.run("audit", "report", file, form).with(1);
            assertTrue(done.out().codePoints().noneMatch(c -> c < ' ' && c != '\n' || c == 0x202e || c == 0x7f));
        }
        assertTrue(
                shell.run("audit", "report", file).with(1).out().contains("$'/p/\\033]0;x\\007\\342\\200\\256\\012"));
    }

    @Test
    void report_makesNoStoreAndNoEvent() {
        shell.run("audit", "report", audit).with(1);

        assertFalse(Files.exists(home.resolve(".cloacina")));
    }
}
