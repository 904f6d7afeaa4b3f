// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.internal.store.PostgresServer;
import io.cloacina.guard.internal.text.Rfc3339;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackageCommandTest {

    private static final String EVERYONE = new UUID(0, 0).toString();
    private static final String NOON = Rfc3339.format(Shell.NOON);

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private Path jar;
    private String hash;

    @BeforeEach
    void signAPackage() throws Exception {
        jar = shell.file("plugin.jar", "the plugin");
    }

    private void sign() {
        shell.createTrustedKey("release");
        hash = (String) shell.run("sign", jar, "--key", "release", "--json")
                .with(0)
                .json()
                .get("package_hash");
    }

    private Map<String, Object> verdict(int status) {
        return shell.run("verify", jar, "--json").with(status).json();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void withdraw_andReinstate_bindVerificationAndAreRecorded(boolean postgres) throws Exception {
        if (postgres) {
            shell.variables.put(
                    "CLOACINA_DATABASE_URL", PostgresServer.address(PostgresServer.newDatabase(), "postgres"));
        }
        sign();

        Map<String, Object> withdrawn = shell.run("package", "withdraw", jar, "--reason", "opens a port", "--json")
                .with(0)
                .json();

        assertEquals(
                List.of("package_path", "package_hash", "org_id", "reason", "withdrawn_at", "reinstated_at"),
                List.copyOf(withdrawn.keySet()));
        assertEquals(hash, withdrawn.get("package_hash"));
        assertEquals("opens a port", withdrawn.get("reason"));
        assertEquals(NOON, withdrawn.get("withdrawn_at"));
        Map<String, Object> event = shell.lastEvent();
        assertEquals("package.withdrawn", event.get("event_type"));
        assertEquals(Shell.ORG.toString(), event.get("org_id"));
        assertEquals(jar.toString(), event.get("package_path"));
        assertEquals(hash, event.get("package_hash"));
        assertEquals("opens a port", event.get("reason"));
        Map<String, Object> refused = verdict(1);
        assertEquals("withdrawn_package", refused.get("failure_reason"));
        assertTrue(((String) refused.get("error")).contains("opens a port"), refused::toString);

        shell.now = shell.now.plusSeconds(1);
        shell.run("package", "reinstate", hash.toUpperCase(Locale.ROOT)).with(0);
        assertEquals("package.reinstated", shell.lastEvent().get("event_type"));
        assertNull(shell.lastEvent().get("package_path"));
        verdict(0);
    }

    @Test
    void withdraw_again_changesNothingAndTheFirstDateStays() {
        sign();
        Map<String, Object> first = shell.run("package", "withdraw", jar, "--reason", "bad", "--json")
                .with(0)
                .json();
        shell.now = shell.now.plusSeconds(1);

        Done again = shell.run("package", "withdraw", jar, "--reason", "worse", "--json")
                .with(0);

        assertEquals(first, again.json());
        assertTrue(again.err().contains("already"), again.err());
        assertEquals(
                1,
                shell.eventTypes().stream().filter("package.withdrawn"::equals).count());

        Object reinstated =
                shell.run("package", "reinstate", jar, "--json").with(0).json().get("reinstated_at");
        shell.now = shell.now.plusSeconds(1);
        Done twice = shell.run("package", "reinstate", jar, "--json").with(0);
        assertEquals(reinstated, twice.json().get("reinstated_at"));
        assertTrue(twice.err().contains("already"), twice.err());

        Map<String, Object> anew =
                shell.run("package", "withdraw", jar, "--json").with(0).json();
        assertNotEquals(first.get("withdrawn_at"), anew.get("withdrawn_at"));
        assertNull(anew.get("reinstated_at"));
        assertNull(anew.get("reason"));
    }

    @Test
    void withdraw_forAllOrganisations_needsNoneAndIsReinstatedSo() {
        sign();
        shell.variables.remove("CLOACINA_ORG_ID");
        assertEquals(
                EVERYONE,
                shell.run("package", "withdraw", jar, "--all-orgs", "--json")
                        .with(0)
                        .json()
                        .get("org_id"));
        shell.variables.put("CLOACINA_ORG_ID", Shell.ORG.toString());
        assertEquals("withdrawn_package", verdict(1).get("failure_reason"));

        Done ours = shell.run("package", "reinstate", jar, "--json").with(1);
        assertEquals("not_withdrawn", ours.json().get("error"));
        assertTrue(ours.err().contains("--all-orgs"), ours.err());
        assertEquals("withdrawn_package", verdict(1).get("failure_reason"));

        shell.run("package", "reinstate", jar, "--all-orgs").with(0);
        verdict(0);
    }

    @Test
    void withdraw_byAnOrganisationWhoseTrustIsGranted_counts() {
        sign();
        shell.run("package", "withdraw", jar, "--org", Shell.OTHER_ORG).with(0);
        verdict(0);

        shell.run("trust", "grant", Shell.OTHER_ORG).with(0);

        assertEquals("withdrawn_package", verdict(1).get("failure_reason"));
    }

    @Test
    void withdraw_several_doesAllAndTellsTheWorst() throws Exception {
        sign();
        Path other = shell.file("other.so", "native");
        Path missing = home.resolve("missing.jar");

        Done done = shell.run("package", "withdraw", missing, jar, home.resolve("plugin.jar.sig"), other, "--json")
                .with(3);

        assertEquals(3, done.lines().size(), done.out());
        assertEquals("unreadable_file", done.jsons().get(0).get("error"));
        assertEquals(missing.toString(), done.jsons().get(0).get("package_path"));
        assertEquals(jar.toString(), done.jsons().get(1).get("package_path"));
        assertEquals(other.toString(), done.jsons().get(2).get("package_path"));
        assertTrue(done.err().contains("64 hexadecimal digits"), done.err());
        assertTrue(done.err().contains("is a signature"), done.err());
    }

    @Test
    void withdraw_directory_isThePackageThatVerifyTakesItFor() throws Exception {
        sign();
        Path tree = Files.createDirectory(home.resolve("classes"));
        Files.writeString(tree.resolve("A.class"), "a");
        shell.run("sign", "--tree", tree, "--key", "release").with(0);
        String treeHash = (String)
                shell.run("verify", "--tree", tree, "--json").with(0).json().get("package_hash");

        Done done = shell.run("package", "withdraw", tree, "--json").with(0);

        assertEquals(treeHash, done.json().get("package_hash"));
        assertEquals(tree.toString(), done.json().get("package_path"));
        assertTrue(done.err().contains("taken as one package"), done.err());
        assertEquals(
                "withdrawn_package",
                shell.run("verify", "--tree", tree, "--json").with(1).json().get("failure_reason"));
        verdict(0);
        shell.run("package", "reinstate", tree).with(0);
        shell.run("verify", "--tree", tree).with(0);
    }

    @Test
    void withdraw_directoryThatCanBeNoPackage_saysWhyAndTheOthersAreDone() throws Exception {
        sign();
        Path tree = Files.createDirectory(home.resolve("classes"));
        Files.writeString(tree.resolve("a\nb"), "a");

        Done done = shell.run("package", "withdraw", tree, jar, "--json").with(3);

        assertEquals("unreadable_file", done.jsons().get(0).get("error"));
        assertTrue(done.err().contains("line break"), done.err());
        assertEquals(hash, done.jsons().get(1).get("package_hash"));
    }

    @Test
    void withdraw_badReason_isAskedWronglyAndRepeatsNoSecret() {
        sign();
        for (String bad : List.of("", "a\nb", "x".repeat(1_001), "-----BEGIN PRIVATE KEY-----")) {
            Done done = shell.run("package", "withdraw", jar, "--reason", bad, "--json")
                    .with(2);
            assertEquals("bad_reason", done.json().get("error"));
            assertTrue(!done.err().contains("BEGIN"), done.err());
        }
        shell.run("package", "withdraw", jar, "--reason", "\uD83D\uDE00".repeat(1_000))
                .with(0);
    }

    @Test
    void withdraw_nothingNamed_isUsageError() {
        shell.run("package", "withdraw").with(2);
        shell.run("package", "reinstate").with(2);
        shell.run("package").with(2);
    }

    @Test
    void withdraw_noStore_makesNone() {
        assertEquals(
                "store_unavailable",
                shell.run("package", "withdraw", jar, "--json").with(3).json().get("error"));
        assertTrue(!Files.exists(home.resolve(".cloacina/trust.db")));
    }

    @Test
    void list_tellsWhatAKeyHasSignedAndWhatIsWithdrawn() throws Exception {
        sign();
        Path other = shell.file("other.jar", "other");
        String fingerprint = (String)
                shell.run("key", "create", "second", "--json").with(0).json().get("key_fingerprint");
        shell.now = shell.now.plusSeconds(1);
        shell.run("sign", other, "--key", "second").with(0);
        shell.run("package", "withdraw", jar).with(0);
        shell.run("package", "withdraw", "00".repeat(32)).with(0);

        List<Map<String, Object>> all =
                shell.run("package", "list", "--json").with(0).jsons();
        assertEquals(
                List.of("package_hash", "key_fingerprint", "signer_name", "signed_at", "withdrawn_at"),
                List.copyOf(all.get(0).keySet()));
        assertEquals(3, all.size());
        assertEquals(hash, all.get(0).get("package_hash"));
        assertEquals("release", all.get(0).get("signer_name"));
        assertEquals(NOON, all.get(0).get("signed_at"));
        assertEquals(Rfc3339.format(shell.now), all.get(0).get("withdrawn_at"));
        assertEquals(fingerprint, all.get(1).get("key_fingerprint"));
        assertNull(all.get(1).get("withdrawn_at"));
        assertEquals("00".repeat(32), all.get(2).get("package_hash"));
        assertNull(all.get(2).get("key_fingerprint"));

        for (String key : List.of("second", fingerprint, fingerprint.substring(0, 8))) {
            assertEquals(
                    List.of(all.get(1)),
                    shell.run("package", "list", "--key", key, "--json").with(0).jsons());
        }
        assertEquals(
                List.of(all.get(0), all.get(2)),
                shell.run("package", "list", "--withdrawn", "--json").with(0).jsons());
        assertEquals(
                "unknown_key",
                shell.run("package", "list", "--key", "nobody", "--json")
                        .with(2)
                        .json()
                        .get("error"));
        assertEquals(3, shell.run("package", "list").with(0).lines().size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void floor_isSetListedAndTakenAway(boolean postgres) throws Exception {
        if (postgres) {
            shell.variables.put(
                    "CLOACINA_DATABASE_URL", PostgresServer.address(PostgresServer.newDatabase(), "postgres"));
        }
        sign();
        Map<String, Object> floor = shell.run("package", "floor", "com.example:shop", "2.4.1", "--json")
                .with(0)
                .json();

        assertEquals(List.of("package_name", "minimum_version", "set_at"), List.copyOf(floor.keySet()));
        assertEquals(
                List.of(floor),
                shell.run("package", "floor", "--list", "--json").with(0).jsons());
        assertEquals("package.floor.set", shell.lastEvent().get("event_type"));
        assertEquals("com.example:shop", shell.lastEvent().get("package_name"));
        assertEquals("2.4.1", shell.lastEvent().get("minimum_version"));

        shell.now = shell.now.plusSeconds(1);
        Done again = shell.run("package", "floor", "com.example:shop", "2.4.1", "--json")
                .with(0);
        assertEquals(floor, again.json());
        assertTrue(again.err().contains("already"), again.err());
        shell.run("package", "floor", "com.example:shop", "2.3").with(0);

        shell.run("package", "floor", "com.example:shop", "--none").with(0);
        assertEquals("package.floor.removed", shell.lastEvent().get("event_type"));
        assertEquals("", shell.run("package", "floor", "--list").with(0).out());
        assertTrue(shell.run("package", "floor", "com.example:shop", "--none")
                .with(0)
                .err()
                .contains("nothing changed"));
        assertEquals(
                3,
                shell.eventTypes().stream()
                        .filter(type -> type.toString().startsWith("package.floor"))
                        .count());
    }

    @Test
    void floor_refusal_tellsNameAndVersion() throws Exception {
        shell.createTrustedKey("release");
        shell.run("sign", jar, "--key", "release", "--format", "2", "--package-name", "a", "--package-version", "1")
                .with(0);
        shell.run("package", "floor", "a", "2").with(0);

        Map<String, Object> refused = verdict(1);

        assertEquals("outdated_package", refused.get("failure_reason"));
        assertEquals("a", refused.get("package_name"));
        assertEquals("1", refused.get("package_version"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "v1", "1.0-", "1\n", "-----BEGIN PRIVATE KEY-----"})
    void floor_versionThatDoesNotParse_isAskedWrongly(String version) {
        sign();
        Done done = shell.run("package", "floor", "com.example:shop", "--json", "--", version)
                .with(2);
        assertTrue(List.of("bad_version", "key_given").contains(done.json().get("error")), done.out());
        assertEquals("", shell.run("package", "floor", "--list").with(0).out());
    }

    @Test
    void floor_badNameOrNoSense_isAskedWrongly() {
        sign();
        assertEquals(
                "bad_name",
                shell.run("package", "floor", "a\tb", "1", "--json")
                        .with(2)
                        .json()
                        .get("error"));
        shell.run("package", "floor").with(2);
        shell.run("package", "floor", "a").with(2);
        shell.run("package", "floor", "a", "1", "--none").with(2);
        shell.run("package", "floor", "a", "1", "--list").with(2);
    }

    @Test
    void status_tellsHowManyThereAre() {
        sign();
        shell.run("package", "withdraw", jar).with(0);
        shell.run("package", "floor", "a", "1").with(0);
        shell.run("trust", "limit", "release", "--for", "a").with(0);

        Map<String, Object> status =
                shell.run("store", "status", "--json").with(0).json();

        assertEquals(1L, status.get("guard_withdrawn_packages"));
        assertEquals(1L, status.get("guard_version_floors"));
        assertEquals(1L, status.get("guard_key_limits"));
        assertEquals(0L, status.get("guard_statements"));
    }
}
