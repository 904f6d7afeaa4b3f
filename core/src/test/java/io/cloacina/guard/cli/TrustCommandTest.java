// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustCommandTest {

    private static final String CHILD = Shell.OTHER_ORG.toString();

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;
    private Map<String, Object> key;
    private Path pem;

    @BeforeEach
    void openShellWithAKey() throws Exception {
        key = shell.run("key", "create", "release", "--json").with(0).json();
        pem = shell.file(
                "release.pem", shell.run("key", "export", "release").with(0).out());
    }

    @Test
    void add_pem_isTrustedAndRecorded() {
        Map<String, Object> trusted = shell.run("trust", "add", pem, "--name", "ours", "--json")
                .with(0)
                .json();

        assertEquals(
                List.of(
                        "key_id",
                        "org_id",
                        "key_fingerprint",
                        "public_key",
                        "key_name",
                        "trusted_at",
                        "revoked_at",
                        "standing",
                        "package_names",
                        "not_after"),
                List.copyOf(trusted.keySet()));
        assertEquals("ours", trusted.get("key_name"));
        assertEquals(key.get("key_fingerprint"), trusted.get("key_fingerprint"));
        Map<String, Object> event = shell.lastEvent();
        assertEquals("key.trusted.added", event.get("event_type"));
        assertEquals(
                List.of("key_id", "key_fingerprint", "key_name"),
                List.copyOf(event.keySet()).subList(4, event.size()));
        assertEquals(trusted.get("key_id"), event.get("key_id"));
        assertEquals(
                List.of(trusted), shell.run("trust", "list", "--json").with(0).jsons());
    }

    @Test
    void add_raw_isTheSameKey() {
        assertEquals(
                key.get("key_fingerprint"),
                shell.run("trust", "add", "--raw", key.get("public_key"), "--json")
                        .with(0)
                        .json()
                        .get("key_fingerprint"));
    }

    @Test
    void add_ownSigningKey_takesOverItsName() {
        assertEquals(
                "release",
                shell.run("trust", "add", "--key", "release", "--json")
                        .with(0)
                        .json()
                        .get("key_name"));
    }

    @Test
    void add_twice_changesNothing() {
        Map<String, Object> first =
                shell.run("trust", "add", pem, "--json").with(0).json();
        shell.now = shell.now.plusSeconds(1);

        Done again = shell.run("trust", "add", pem, "--name", "other", "--json").with(0);

        assertEquals(first, again.json());
        assertTrue(again.err().contains("already"), again.err());
        assertEquals(
                1,
                shell.eventTypes().stream().filter("key.trusted.added"::equals).count());
    }

    @Test
    void add_noneOrTwoWaysToNameTheKey_isUsageError() {
        shell.run("trust", "add").with(2);
        shell.run("trust", "add", pem, "--key", "release").with(2);
        shell.run("trust", "add", "--raw", key.get("public_key"), "--key", "release")
                .with(2);
    }

    @Test
    void add_weakKey_isRefusedWithTheReason() {
        // The neutral element: of order 1.
        Done done = shell.run("trust", "add", "--raw", "01" + "00".repeat(31), "--json")
                .with(1);

        assertEquals("weak_key", done.json().get("error"));
        assertTrue(done.err().contains("small order"), done.err());
    }

    @Test
    void add_notCanonicalOrNotOnTheCurve_isRefused() {
        shell.run("trust", "add", "--raw", "ff".repeat(31) + "7f").with(1);
        shell.run("trust", "add", "--raw", "02" + "00".repeat(31)).with(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "zz"})
    void add_malformedRaw_isUsageError(String raw) {
        assertEquals(
                "malformed_key",
                shell.run("trust", "add", "--raw", raw, "--json").with(2).json().get("error"));
    }

    @Test
    void add_privateKeyOrNoPem_isUsageErrorAndMissingFileIsTrouble() throws Exception {
        Path secret = home.resolve("secret.pem");
        shell.run("key", "export", "release", "--private", "--out", secret).with(0);

        Done done = shell.run("trust", "add", secret, "--json").with(2);

        assertEquals("malformed_key", done.json().get("error"));
        assertTrue(done.err().contains("private key"), done.err());
        shell.run("trust", "add", shell.file("x.pem", "x")).with(2);
        shell.run("trust", "add", home.resolve("nope.pem")).with(3);
    }

    @Test
    void add_nameOf256Characters_isUsageError() {
        assertEquals(
                "bad_name",
                shell.run("trust", "add", pem, "--name", "x".repeat(256), "--json")
                        .with(2)
                        .json()
                        .get("error"));
    }

    @Test
    void add_revokedKey_isRefusedWithTheDateUnlessReinstated() {
        shell.run("trust", "add", pem).with(0);
        shell.now = shell.now.plusSeconds(60);
        shell.run("trust", "revoke", "release", "--json").with(2);
        shell.run("trust", "revoke", key.get("key_fingerprint")).with(0);

        Done refused = shell.run("trust", "add", pem, "--json").with(1);
        assertEquals("trust_revoked", refused.json().get("error"));
        assertTrue(refused.err().contains("2026-01-28T12:01:00"), refused.err());

        shell.run("trust", "add", pem, "--reinstate").with(0);
        assertEquals(1, shell.run("trust", "list").with(0).lines().size());
    }

    @Test
    void list_revokedKey_isShownOnlyWithAll() {
        shell.run("trust", "add", pem, "--name", "ours").with(0);
        shell.run("trust", "revoke", "ours").with(0);

        assertEquals("", shell.run("trust", "list").with(0).out());
        Map<String, Object> row =
                shell.run("trust", "list", "--all", "--json").with(0).json();
        assertEquals("revoked", row.get("standing"));
        assertEquals("2026-01-28T12:00:00.123456Z", row.get("revoked_at"));
    }

    @Test
    void list_inheritedKey_saysFromWhom() {
        shell.run("--org", CHILD, "trust", "add", pem, "--name", "theirs").with(0);
        shell.run("trust", "grant", CHILD).with(0);

        Map<String, Object> row = shell.run("trust", "list", "--json").with(0).json();

        assertEquals("inherited", row.get("standing"));
        assertEquals(CHILD, row.get("org_id"));
        assertTrue(shell.run("trust", "list").out().contains("inherited  by " + CHILD));
    }

    @Test
    void revoke_inheritedKey_isForThisOrganisationAlone() throws Exception {
        Path jar = shell.file("a.jar", "jar");
        shell.run("sign", jar, "--key", "release").with(0);
        shell.run("--org", CHILD, "trust", "add", pem, "--name", "theirs").with(0);
        shell.run("trust", "grant", CHILD).with(0);
        shell.run("verify", jar).with(0);

        shell.run("trust", "revoke", "theirs").with(0);

        assertEquals(
                "untrusted_signer",
                shell.run("verify", jar, "--json").with(1).json().get("failure_reason"));
        shell.run("--org", CHILD, "verify", jar).with(0);
        assertEquals(
                Shell.ORG.toString(),
                shell.events().stream()
                        .filter(event -> event.get("event_type").equals("key.trusted.revoked"))
                        .findFirst()
                        .orElseThrow()
                        .get("org_id"));
    }

    @Test
    void revoke_everywhere_recordsEachOrganisation() {
        shell.run("trust", "add", pem, "--name", "ours").with(0);
        shell.run("--org", CHILD, "trust", "add", pem, "--name", "theirs").with(0);

        List<Map<String, Object>> rows = shell.run("trust", "revoke", "ours", "--all-orgs", "--json")
                .with(0)
                .jsons();

        assertEquals(2, rows.size());
        assertEquals(
                List.of(CHILD, Shell.ORG.toString()),
                shell.events().stream()
                        .filter(event -> event.get("event_type").equals("key.trusted.revoked"))
                        .map(event -> (String) event.get("org_id"))
                        .sorted((a, b) -> b.compareTo(a))
                        .toList());
        assertEquals(
                "",
                shell.run("trust", "revoke", "ours", "--all-orgs", "--json")
                        .with(0)
                        .out());
    }

    @Test
    void revoke_twice_changesNothing() {
        shell.run("trust", "add", pem, "--name", "ours").with(0);
        Map<String, Object> first =
                shell.run("trust", "revoke", "ours", "--json").with(0).json();
        shell.now = shell.now.plusSeconds(5);

        assertEquals(
                first, shell.run("trust", "revoke", "ours", "--json").with(0).json());
    }

    @Test
    void revoke_unknownKey_isUsageError() {
        assertEquals(
                "unknown_key",
                shell.run("trust", "revoke", "nope", "--json").with(2).json().get("error"));
    }

    @Test
    void grant_twice_changesNothing() {
        Map<String, Object> grant =
                shell.run("trust", "grant", CHILD, "--json").with(0).json();

        assertEquals(
                List.of("grant_id", "parent_org_id", "child_org_id", "granted_at", "revoked_at"),
                List.copyOf(grant.keySet()));
        assertEquals(grant, shell.run("trust", "grant", CHILD, "--json").with(0).json());
        Map<String, Object> event = shell.lastEvent();
        assertEquals("key.trust_acl.granted", event.get("event_type"));
        assertEquals(Shell.ORG.toString(), event.get("parent_org_id"));
        assertEquals(CHILD, event.get("child_org_id"));
        assertEquals(
                1,
                shell.eventTypes().stream()
                        .filter("key.trust_acl.granted"::equals)
                        .count());
    }

    @Test
    void grant_afterUngrant_isRefusedUnlessReinstated() {
        shell.run("trust", "grant", CHILD).with(0);
        shell.run("trust", "ungrant", CHILD).with(0);
        assertEquals("key.trust_acl.revoked", shell.lastEvent().get("event_type"));

        Done refused = shell.run("trust", "grant", CHILD, "--json").with(1);
        assertEquals("grant_revoked", refused.json().get("error"));
        assertTrue(refused.err().contains("2026-01-28T12:00:00"), refused.err());

        shell.run("trust", "grant", CHILD, "--reinstate").with(0);
        assertEquals(1, shell.run("trust", "list", "--grants").with(0).lines().size());
    }

    @Test
    void ungrant_nothingThere_isRefused() {
        assertEquals(
                "not_granted",
                shell.run("trust", "ungrant", CHILD, "--json").with(1).json().get("error"));
        shell.run("trust", "grant", CHILD).with(0);
        shell.run("trust", "ungrant", CHILD).with(0);
        shell.run("trust", "ungrant", CHILD).with(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1-1-1-1-1", "e0b9a4f27c114f6d8a553d2c1b0a9f8e", "e0b9a4f2-7c11-4f6d-8a55-3d2c1b0a9f8g"})
    void grant_badOrganisation_isUsageError(String org) {
        assertEquals(
                "malformed_organisation",
                shell.run("trust", "grant", org, "--json").with(2).json().get("error"));
        shell.run("--org", org, "trust", "list").with(2);
    }

    @Test
    void list_grants_showsWhatWasGranted() {
        shell.run("trust", "grant", CHILD).with(0);
        assertEquals(
                CHILD,
                shell.run("trust", "list", "--grants", "--json").with(0).json().get("child_org_id"));
        shell.run("trust", "ungrant", CHILD).with(0);
        assertEquals("", shell.run("trust", "list", "--grants").with(0).out());
        assertTrue(shell.run("trust", "list", "--grants", "--all").with(0).out().contains("revoked"));
    }

    @Test
    void rotation_asInTheGuide_bothVerifyThenOnlyTheNew() throws Exception {
        shell.run("trust", "add", "--key", "release").with(0);
        Path old = shell.file("old.jar", "old");
        Path young = shell.file("new.jar", "new");
        shell.run("sign", old, "--key", "release").with(0);

        shell.run("key", "create", "release-2").with(0);
        shell.run("trust", "add", "--key", "release-2").with(0);
        shell.run("sign", young, "--key", "release-2").with(0);
        shell.run("key", "revoke", "release").with(0);
        shell.run("verify", old, young).with(0);

        shell.run("trust", "revoke", "release").with(0);
        List<Map<String, Object>> verdicts =
                shell.run("verify", old, young, "--json").with(1).jsons();
        assertEquals("untrusted_signer", verdicts.get(0).get("failure_reason"));
        assertTrue(verdicts.get(0).get("error").toString().contains("revoked"), verdicts.toString());
        assertEquals(true, verdicts.get(1).get("verified"));

        shell.run("sign", old, "--key", "release-2").with(0);
        shell.run("verify", old, young).with(0);
        assertTrue(Files.exists(home.resolve("old.jar.sig")));
    }
}
