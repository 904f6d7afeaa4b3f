// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.internal.store.PostgresServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustLimitCommandTest {

    private static final String UNTIL = "2027-01-01T00:00:00.000000Z";

    @RegisterExtension
    final Shell shell = new Shell();

    private Path pem;

    private void makeKey() throws Exception {
        shell.run("key", "create", "release").with(0);
        pem = shell.file(
                "release.pem", shell.run("key", "export", "release").with(0).out());
    }

    private Map<String, Object> listed() {
        return shell.run("trust", "list", "--json").with(0).json();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void add_withALimit_isLimitedFromTheFirstMomentAndRecorded(boolean postgres) throws Exception {
        if (postgres) {
            shell.variables.put(
                    "CLOACINA_DATABASE_URL", PostgresServer.address(PostgresServer.newDatabase(), "postgres"));
        }
        makeKey();

        Map<String, Object> added = shell.run(
                        "trust",
                        "add",
                        pem,
                        "--name",
                        "vendor",
                        "--for",
                        "com.vendor:*",
                        "--for",
                        "org.vendor:a",
                        "--until",
                        "2027-01-01T01:00:00+01:00",
                        "--json")
                .with(0)
                .json();

        assertEquals(List.of("com.vendor:*", "org.vendor:a"), added.get("package_names"));
        assertEquals(UNTIL, added.get("not_after"));
        assertEquals(added, listed());
        String text = shell.run("trust", "list").with(0).out();
        assertTrue(text.contains("for com.vendor:* org.vendor:a  until " + UNTIL), text);
        Map<String, Object> event = shell.lastEvent();
        assertEquals("key.trusted.limited", event.get("event_type"));
        assertEquals(
                List.of("key_id", "key_fingerprint", "key_name", "package_names", "not_after"),
                List.copyOf(event.keySet()).subList(4, event.size()));
        assertEquals("vendor", event.get("key_name"));
        assertEquals("com.vendor:*\norg.vendor:a", event.get("package_names"));
        assertEquals(
                1,
                shell.eventTypes().stream().filter("key.trusted.added"::equals).count());
    }

    @Test
    void add_withALimit_limitsAKeyThatIsTrustedAlready() throws Exception {
        makeKey();
        shell.run("trust", "add", pem).with(0);

        shell.run("trust", "add", pem, "--for", "a").with(0);
        assertEquals(List.of("a"), listed().get("package_names"));

        Done again = shell.run("trust", "add", pem, "--for", "a").with(0);
        assertTrue(again.err().contains("nothing changed"), again.err());
        shell.run("trust", "add", pem).with(0);
        assertEquals(List.of("a"), listed().get("package_names"));
    }

    @Test
    void add_ofARevokedKeyThatIsNotReinstated_changesNoLimit() throws Exception {
        makeKey();
        shell.run("trust", "add", pem).with(0);
        shell.run("trust", "revoke", fingerprint()).with(0);

        shell.run("trust", "add", pem, "--for", "a").with(1);
        assertNull(shell.run("trust", "list", "--all", "--json").with(0).json().get("package_names"));

        shell.run("trust", "add", pem, "--for", "a", "--reinstate").with(0);
        assertEquals(List.of("a"), listed().get("package_names"));
    }

    private String fingerprint() {
        return (String) shell.run("key", "list", "--json").with(0).json().get("key_fingerprint");
    }

    @Test
    void limit_changesWhatIsNamedAndNoneTakesAllAway() throws Exception {
        makeKey();
        shell.run("trust", "add", pem, "--name", "vendor").with(0);

        shell.run("trust", "limit", "vendor", "--for", "a").with(0);
        assertEquals(List.of("a"), listed().get("package_names"));
        assertNull(listed().get("not_after"));
        shell.run("trust", "limit", "vendor", "--until", UNTIL).with(0);
        assertEquals(List.of("a"), listed().get("package_names"));
        assertEquals(UNTIL, listed().get("not_after"));
        Done again = shell.run("trust", "limit", "vendor", "--for", "a", "--until", UNTIL)
                .with(0);
        assertTrue(again.err().contains("nothing changed"), again.err());

        shell.run("trust", "limit", "vendor", "--none").with(0);
        assertNull(listed().get("package_names"));
        assertNull(listed().get("not_after"));
        assertNull(shell.lastEvent().get("package_names"));
        assertEquals(
                3,
                shell.eventTypes().stream()
                        .filter("key.trusted.limited"::equals)
                        .count());
    }

    @Test
    void limit_inheritedKey_isRefusedAndSaysWhere() throws Exception {
        makeKey();
        shell.run("trust", "add", pem, "--name", "vendor", "--org", Shell.OTHER_ORG, "--for", "a")
                .with(0);
        shell.run("trust", "grant", Shell.OTHER_ORG).with(0);

        Done done =
                shell.run("trust", "limit", "vendor", "--for", "b", "--json").with(1);

        assertEquals("not_own_trust", done.json().get("error"));
        assertTrue(done.err().contains(Shell.OTHER_ORG.toString()), done.err());
        assertEquals(List.of("a"), listed().get("package_names"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2027-01-01", "2027-01-01T00:00:00", "tomorrow", ""})
    void limit_timeWithoutZone_isAskedWrongly(String time) throws Exception {
        makeKey();
        shell.run("trust", "add", pem, "--name", "vendor").with(0);

        Done done =
                shell.run("trust", "limit", "vendor", "--until", time, "--json").with(2);

        assertEquals("malformed_time", done.json().get("error"));
        assertNull(listed().get("not_after"));
    }

    @Test
    void limit_badInput_isAskedWrongly() throws Exception {
        makeKey();
        shell.run("trust", "add", pem, "--name", "vendor").with(0);

        for (String bad : List.of("", " ", "a\nb", "x".repeat(256), "0f".repeat(32))) {
            assertEquals(
                    "bad_glob",
                    shell.run("trust", "limit", "vendor", "--for", bad, "--json")
                            .with(2)
                            .json()
                            .get("error"));
        }
        shell.run("trust", "limit", "vendor").with(2);
        shell.run("trust", "limit", "vendor", "--none", "--for", "a").with(2);
        shell.run("trust", "limit", "nobody", "--for", "a").with(2);
    }

    @Test
    void limit_pastTime_isSaidAndKept() throws Exception {
        makeKey();
        shell.run("trust", "add", pem, "--name", "vendor").with(0);

        Done done = shell.run("trust", "limit", "vendor", "--until", "2020-01-01T00:00:00Z")
                .with(0);

        assertTrue(done.err().contains("is past"), done.err());
    }
}
