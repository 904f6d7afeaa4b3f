// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.verify.SignatureFormat;
import io.cloacina.guard.verify.SignaturePolicy;
import io.cloacina.guard.verify.SignatureSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardConfigTest {

    private static final String ORG = "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40";

    private static GuardConfig read(String... properties) throws ConfigException {
        return GuardConfig.read(map(properties), Map.of());
    }

    private static Map<String, String> map(String... pairs) {
        Map<String, String> map = new java.util.HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static String error(String... properties) {
        String message =
                assertThrows(ConfigException.class, () -> read(properties)).getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @Test
    void read_revocationPoll_isADurationOrNothingAtAll() throws Exception {
        assertEquals(Duration.ofSeconds(10), read().revocationPoll());
        assertEquals(
                Duration.ofMinutes(2), read("cloacina.revocation_poll", "2m").revocationPoll());
        assertEquals(Duration.ZERO, read("cloacina.revocation_poll", "0").revocationPoll());
    }

    @Test
    void read_keyAsTheValueOfAnySetting_isNotRepeated() {
        String body = "MC4CAQAwBQYDK2VwBCIEIA5bO2rS1vDk0cYyv8fJxH7Qn3mWtZ6uPqLrE9aKsTgB";
        assertTrue(Setting.properties().size() > 20);
        for (String setting : Setting.properties()) {
            for (String key : List.of(
                    body,
                    "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n",
                    "file:" + body,
                    "/keys/" + body,
                    "sqlite://" + body)) {
                for (boolean variable : new boolean[] {true, false}) {
                    String said;
                    try {
                        Map<String, String> one = Map.of(variable ? SettingNames.variableOf(setting) : setting, key);
                        GuardConfig config =
                                variable ? GuardConfig.read(Map.of(), one) : GuardConfig.read(one, Map.of());
                        said = config.toString();
                        config.readTrustedKeys();
                        if (config.databaseUrl() != null) {
                            Guard.open(config, java.time.Clock.systemUTC()).close();
                        }
                    } catch (Exception e) {
                        said = e.toString();
                    }
                    assertFalse(said.contains("O2rS1vDk0c"), setting + ": " + said);
                }
            }
        }
    }

    @Test
    void read_nothing_isTheDefaults() throws Exception {
        GuardConfig config = read();

        assertFalse(config.requireSignatures());
        assertEquals(null, config.databaseUrl());
        assertEquals(null, config.orgId());
        assertEquals(List.of(), config.trustedKeys());
        assertEquals(SignaturePolicy.anyFrom(SignatureSource.AUTO), config.signatures());
        assertEquals(List.of("stderr"), config.audit());
        assertEquals(List.of(), config.exempt());
        assertEquals(GuardConfig.Scope.PLUGINS, config.scope());
        assertEquals(null, config.pinDirectory());
        assertEquals(4L << 30, config.maxPackageSizeBytes());
        assertEquals(Duration.ofSeconds(5), config.storeTimeout());
        assertEquals(1, config.storeConnections());
        assertEquals(GuardConfig.Permission.ALLOW, config.dynamicCode());
        assertEquals(GuardConfig.Permission.DENY, config.wovenClasses());
        assertEquals("audit", config.mode());
    }

    @Test
    void read_everyProperty_isTaken() throws Exception {
        GuardConfig config = read(
                "cloacina.require_signatures", "true",
                "cloacina.database_url", "sqlite:///x/t.db",
                "cloacina.verification_org_id", ORG,
                "cloacina.trusted_keys", "/a.pem, /keys",
                "cloacina.signature_source", "database",
                "cloacina.signature_format", "2",
                "cloacina.required_signers", "9",
                "cloacina.audit", "stderr,file:/x/a.jsonl",
                "cloacina.exempt", "/opt/**,**/x.jar",
                "cloacina.scope", "application",
                "cloacina.pin_directory", "/pins",
                "cloacina.max_package_size", "100MB",
                "cloacina.store_timeout", "500ms",
                "cloacina.dynamic_code", "deny",
                "cloacina.woven_classes", "allow");

        assertEquals("enforcing", config.mode());
        assertEquals(UUID.fromString(ORG), config.orgId());
        assertEquals(List.of(Path.of("/a.pem"), Path.of("/keys")), config.trustedKeys());
        assertEquals(new SignaturePolicy(SignatureSource.DATABASE, SignatureFormat.VERSION_2, 9), config.signatures());
        assertEquals(List.of("stderr", "file:/x/a.jsonl"), config.audit());
        assertEquals(List.of("/opt/**", "**/x.jar"), config.exempt());
        assertEquals(GuardConfig.Scope.APPLICATION, config.scope());
        assertEquals(Path.of("/pins"), config.pinDirectory());
        assertEquals(100L << 20, config.maxPackageSizeBytes());
        assertEquals(Duration.ofMillis(500), config.storeTimeout());
        assertEquals(GuardConfig.Permission.DENY, config.dynamicCode());
        assertEquals(GuardConfig.Permission.ALLOW, config.wovenClasses());
    }

    @Test
    void read_propertyAndVariable_propertyWinsAndEmptyVariableIsNone() throws Exception {
        Map<String, String> environment =
                Map.of("CLOACINA_SCOPE", "application", "CLOACINA_AUDIT", "", "CLOACINA_STORE_TIMEOUT", "1m");

        GuardConfig config = GuardConfig.read(Map.of("cloacina.scope", "plugins"), environment);

        assertEquals(GuardConfig.Scope.PLUGINS, config.scope());
        assertEquals(List.of("stderr"), config.audit());
        assertEquals(Duration.ofMinutes(1), config.storeTimeout());
    }

    @ParameterizedTest
    @CsvSource({
        "cloacina.require_signature, cloacina.require_signatures",
        "cloacina.requireSignatures, cloacina.require_signatures",
        "cloacina.database.url, cloacina.database_url",
        "cloacina.orgid, cloacina.verification_org_id",
        "cloacina.SCOPE, cloacina.scope",
        "cloacina., cloacina.audit",
    })
    void read_unknownProperty_namesTheNearest(String wrong, String right) {
        String message = error(wrong, "x");

        assertTrue(message.contains("[" + wrong + "]"), message);
        if (!wrong.equals("cloacina.") && !wrong.equals("cloacina.orgid")) {
            assertTrue(message.contains("[" + right + "]"), message);
        }
    }

    @Test
    void read_otherPropertiesAndVariables_doNotMatter() throws Exception {
        GuardConfig.read(Map.of("java.home", "x", "cloacinax.y", "z"), Map.of("CLOACINA_ORG_ID", "x", "PATH", "y"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cloacina.require_signatures|yes",
                "cloacina.require_signatures|TRUE",
                "cloacina.verification_org_id|1-1-1-1-1",
                "cloacina.verification_org_id|6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d4g",
                "cloacina.signature_source|file",
                "cloacina.signature_format|1",
                "cloacina.signature_format|v2",
                "cloacina.required_signers|0",
                "cloacina.required_signers|10",
                "cloacina.required_signers|two",
                "cloacina.audit|syslog",
                "cloacina.audit|stderr,,stdout",
                "cloacina.exempt|relative/*.jar",
                "cloacina.exempt|/x/[",
                "cloacina.resource_directories|conf",
                "cloacina.scope|all",
                "cloacina.store_timeout|5",
                "cloacina.store_timeout|0s",
                "cloacina.store_timeout|61m",
                "cloacina.store_timeout|-1s",
                "cloacina.store_timeout|9999999999s",
                "cloacina.revocation_poll|10",
                "cloacina.revocation_poll|-1s",
                "cloacina.dynamic_code|maybe",
                "cloacina.woven_classes|true",
                "cloacina.trusted_keys|a.pem,,b.pem",
            })
    void read_badValue_namesPropertyAndValue(String property, String value) {
        String message = error(property, value);

        assertTrue(message.contains("[" + property + "]"), message);
        assertTrue(message.contains(value), message);
    }

    @Test
    void read_badVariable_namesTheVariable() {
        String message = assertThrows(
                        ConfigException.class, () -> GuardConfig.read(Map.of(), Map.of("CLOACINA_SCOPE", "x")))
                .getMessage();

        assertTrue(message.contains("[CLOACINA_SCOPE]"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cloacina.scope", "cloacina.audit", "cloacina.database_url"})
    void read_emptyProperty_isAnError(String property) {
        assertTrue(error(property, "").contains("empty"));
    }

    @Test
    void read_contradictions_areErrors() {
        assertTrue(error("cloacina.require_signatures", "true").contains("cloacina.trusted_keys"));
        assertTrue(error("cloacina.require_signatures", "true", "cloacina.database_url", "sqlite:///x")
                .contains("cloacina.verification_org_id"));
        assertTrue(error("cloacina.signature_source", "database").contains("cloacina.database_url"));
    }

    @Test
    void requiredSigners_moreThanThereAreKeysOffline_isAContradiction() throws Exception {
        GuardConfig offline = read(
                "cloacina.require_signatures", "true",
                "cloacina.trusted_keys", "/k.pem",
                "cloacina.required_signers", "2");

        offline.requireEnough(2);
        String message = assertThrows(ConfigException.class, () -> offline.requireEnough(1))
                .getMessage();
        assertEquals(
                "cloacina.required_signers is [2], but cloacina.trusted_keys has 1 different key: nothing could ever be"
                        + " loaded; name more keys, or ask for fewer signers",
                message);
        read("cloacina.required_signers", "2").requireEnough(0);
    }

    @Test
    void isExempt_globs_matchWholePaths() throws Exception {
        GuardConfig config = read("cloacina.exempt", "/opt/lib/*.jar,**/trusted/**");

        assertTrue(config.isExempt(Path.of("/opt/lib/a.jar")));
        assertFalse(config.isExempt(Path.of("/opt/lib/x/a.jar")));
        assertFalse(config.isExempt(Path.of("/opt/lib/a.jar.bak")));
        assertTrue(config.isExempt(Path.of("/x/trusted/y/z.so")));

        GuardConfig resources = read("cloacina.resource_directories", "/opt/conf,/srv/*/etc");
        assertEquals(List.of("/opt/conf", "/srv/*/etc"), resources.resourceDirectories());
        assertTrue(resources.isResourceDirectory(Path.of("/srv/a/etc")));
        assertFalse(resources.isResourceDirectory(Path.of("/opt/conf/inner")));
        assertFalse(resources.isExempt(Path.of("/opt/conf")));
        assertFalse(config.digest().equals(resources.digest()));
        GuardConfig folders = read("cloacina.exempt", "/opt/lib/**,/opt/[ab]/**,/**/c/**");
        assertTrue(folders.isExempt(Path.of("/opt/lib/x/a.jar")));
        assertFalse(folders.isExempt(Path.of("/opt/lib")));
        assertFalse(folders.isExempt(Path.of("/opt/library/a.jar")));
        assertTrue(folders.isExempt(Path.of("/opt/b/x/a.jar")));
        assertTrue(folders.isExempt(Path.of("/x/c/a.jar")));
    }

    @Test
    void digest_oneSettingOther_isOther() throws Exception {
        assertEquals(read().digest(), read().digest());
        assertNotEquals(read().digest(), read("cloacina.scope", "application").digest());
        assertNotEquals(
                read("cloacina.database_url", "postgres://u:a@h/d").digest(),
                read("cloacina.database_url", "postgres://u:b@h/d").digest());
    }

    @Test
    void toString_databaseWithPassword_doesNotShowIt() throws Exception {
        assertFalse(read("cloacina.database_url", "postgres://u:geheim@h/d")
                .toString()
                .contains("geheim"));
    }
}
