// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingNamesTest {

    @ParameterizedTest
    @CsvSource({
        "CLOACINA_REQUIRE_SIGNATURE, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA_REQUIRES_SIGNATURES, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA_REQUIRED_SIGNATURES, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA_SIGNATURES_REQUIRED, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA_REQUIRE__SIGNATURES, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA__REQUIRE_SIGNATURES, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA_REQUIRESIGNATURES, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINAREQUIRE_SIGNATURES, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA_REQUIRE_SINGATURES, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA_REQ_SIG, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINE_REQUIRE_SIGNATURES, CLOACINA_REQUIRE_SIGNATURES",
        "CLOCAINA_REQUIRE_SIGNATURES, CLOACINA_REQUIRE_SIGNATURES",
        "cloacina_require_signatures, CLOACINA_REQUIRE_SIGNATURES",
        "Cloacina_Require_Signatures, CLOACINA_REQUIRE_SIGNATURES",
        "cloacina.require_signatures, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA-REQUIRE-SIGNATURES, CLOACINA_REQUIRE_SIGNATURES",
        "CLOACINA_TRUSTED_KEY, CLOACINA_TRUSTED_KEYS",
        "CLOACINA_TRUST_KEYS, CLOACINA_TRUSTED_KEYS",
        "CLOACINA_EXEMPTS, CLOACINA_EXEMPT",
        "CLOACINA_SCOEP, CLOACINA_SCOPE",
        "CLOACINA_AUDITS, CLOACINA_AUDIT",
        "CLOACINA_AUDIT_FILE, CLOACINA_AUDIT_FILES",
        "CLOACINA_PIN_DIR, CLOACINA_PIN_DIRECTORY",
        "CLOACINA_DATABASE_URI, CLOACINA_DATABASE_URL",
        "CLOACINA_VERIFICATION_ORG, CLOACINA_VERIFICATION_ORG_ID",
        "CLOACINA_VERIFICATION_ORGID, CLOACINA_VERIFICATION_ORG_ID",
        "CLOACINA_STORE_TIME_OUT, CLOACINA_STORE_TIMEOUT",
    })
    void read_variableThatNearlyHasTheNameOfASetting_isRefusedWithTheRightName(String given, String meant) {
        String message = assertThrows(ConfigException.class, () -> GuardConfig.read(Map.of(), Map.of(given, "true")))
                .getMessage();

        assertEquals("unknown environment variable [" + given + "]; did you mean [" + meant + "]?", message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // The command line's.
                "CLOACINA_ORG_ID",
                "CLOACINA_KEY_ENCRYPTION_KEY",
                "CLOACINA_NEW_KEY_ENCRYPTION_KEY",
                // The workflow engine's.
                "CLOACINA_SERVER_PORT",
                "CLOACINA_SERVER_URL",
                "CLOACINA_API_KEY",
                "CLOACINA_VAR_REQUIRED",
                "CLOACINA_VAR_DATABASE_URL",
                "CLOACINA_VAR_SCOPES",
                "CLOACINA_SECRET_KEK",
                "CLOACINA_DEFAULT_EXECUTOR",
                "CLOACINA_BOOTSTRAP_KEY",
                "CLOACINA_PROVIDER_PATH",
                "CLOACINA_SERVER",
                "CLOACINA_FLEET_ROUTES",
                "CLOACINA_CORS_ALLOWED_ORIGINS",
                "CLOACINA_AGENT_IMAGE",
                "CLOACINA_HOME",
                "CLOACINA_VERSION",
                "CLOACINA_OIDC_SCOPES",
                "CLOACINA_OIDC_ISSUER",
                "CLOACINA_TRUST_PROXY_HEADERS",
                "CLOACINA_URL",
                "CLOACINA_STRICT_SEARCH_PATH",
                "CLOACINA_TENANT_SCHEMA",
                "CLOACINA_BIND_ADDR",
                "CLOACINA_ADMIN_KEY",
                "CLOACINA_LOCAL_KEY",
                "CLOACINA_PROD_KEY",
                "CLOACINA_DEMO_TENANT_KEYS",
                "CLOACINA_RECONCILE_INTERVAL_S",
                "CLOACINA_TENANT_DELETION_DRAIN_TIMEOUT_S",
                "CLOACINA_COMPILER_VENDOR_DIR",
                "CLOACINA_REPO",
                "CLOACINA_KAFKA_BROKER",
                "CLOACINA_AUTOSCALE",
                "CLOACINA_CONFIG__",
                "CLOACINA_REFRESH_ENC_KEY",
                // Of others.
                "CLASSPATH",
                "CLOUD_REGION",
                "CLOACA_REQUIRE",
                "COLUMNS",
                "PATH",
                "C",
                ""
            })
    void read_variableOfTheCommandLineOrTheEngine_isLeftAlone(String name) throws Exception {
        GuardConfig.read(Map.of(), Map.of(name, "8080"));
    }

    @Test
    void read_emptyNearMiss_countsAsNotSet() throws Exception {
        assertFalse(GuardConfig.read(Map.of(), Map.of("CLOACINA_REQUIRE_SIGNATURE", ""))
                .requireSignatures());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CLOACINA_REQUIRE_SIGNATURES",
                "Cloacina.require_signatures",
                "cloacina_require_signatures",
                "cloacina.requireSignatures",
                "cloacnia.require_signatures"
            })
    void read_propertyWithAnotherPrefix_isRefusedToo(String given) {
        assertTrue(GuardConfig.isMeant(given));
        assertEquals(
                "unknown property [" + given + "]; did you mean [cloacina.require_signatures]?",
                assertThrows(ConfigException.class, () -> GuardConfig.read(Map.of(given, "true"), Map.of()))
                        .getMessage());
    }

    @Test
    void read_propertyOfOthers_isLeftAlone() throws Exception {
        assertFalse(GuardConfig.isMeant("java.class.path"));
        GuardConfig.read(Map.of("cloacinactl.home", "/x", "catalina.home", "/y"), Map.of());
    }
}
