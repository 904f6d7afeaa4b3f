// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.verify.Refusal;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalMessageTest {

    private static final String ORG = "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40";
    private static final Pattern WAY_OUT =
            Pattern.compile("java -jar cloacina-guard\\.jar [a-z]+|-Dcloacina\\.[a-z_]+=|ls -ld -- ");

    private static GuardConfig store() throws ConfigException {
        return GuardConfig.read(
                Map.of(
                        "cloacina.require_signatures",
                        "true",
                        "cloacina.database_url",
                        "postgres://user:geheim@host/db",
                        "cloacina.verification_org_id",
                        ORG),
                Map.of());
    }

    private static GuardConfig keyFiles() throws ConfigException {
        return GuardConfig.read(
                Map.of("cloacina.require_signatures", "true", "cloacina.trusted_keys", "/keys"), Map.of());
    }

    private static Load file(Load.Kind kind, String path) {
        return Load.ofFile(kind, Path.of(path), "a hook", null);
    }

    private static Load url(Load.Kind kind, String url) {
        return Load.ofUrl(kind, null, url, "a hook", null);
    }

    @ParameterizedTest
    @EnumSource
    void of_everyReasonAndKind_saysWhatWhyAndAWayOut_onOneLine(Refusal reason) throws Exception {
        for (GuardConfig config : new GuardConfig[] {store(), keyFiles()}) {
            for (Load.Kind kind : Load.Kind.values()) {
                for (Load load : new Load[] {file(kind, "/plugins/a.jar"), url(kind, "http://h/a.jar")}) {
                    String message = RefusalMessage.of(config, load, reason, "this is wrong");

                    assertTrue(
                            message.startsWith("cloacina-guard refused [" + load.packagePath() + "] (" + reason.code()
                                    + "): this is wrong; "),
                            message);
                    assertTrue(WAY_OUT.matcher(message).find(), message);
                    assertFalse(message.contains("\n") || message.contains("geheim"), message);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "WITHDRAWN_PACKAGE|JAR|not withdrawn; only if it was withdrawn by mistake: java -jar cloacina-guard.jar"
                        + " package reinstate /p/a --org",
                "WITHDRAWN_PACKAGE|DIRECTORY|package reinstate /p/a --org",
                "SIGNATURE_NOT_FOUND|JAR|if it is legitimate: java -jar cloacina-guard.jar sign --key KEY /p/a --org",
                "SIGNATURE_NOT_FOUND|DIRECTORY|sign --key KEY --tree ",
                "TAMPERED_PACKAGE|JAR|put the original back; only if the change is yours: java",
                "INVALID_SIGNATURE|JAR|only if you have checked the package: java",
                "MALFORMED_SIGNATURE|NATIVE|copy the .sig file again",
                "UNTRUSTED_SIGNER|JAR|trust add SIGNER.pem --org 6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40 (with --reinstate",
                "UNREADABLE_PACKAGE|JAR|see: ls -ld -- ",
                "STORE_UNAVAILABLE|JAR|nothing is wrong with the package; see: java -jar cloacina-guard.jar store status",
                "DYNAMIC_CODE|CLASS|-Dcloacina.dynamic_code=allow",
                "AUDIT_UNAVAILABLE|JAR|cloacina.audit can be written",
                "INTERNAL_ERROR|JAR|-Dcloacina.exempt=",
            })
    void of_reasonWithAStore_namesItsCommand(Refusal reason, Load.Kind kind, String expected) throws Exception {
        String message = RefusalMessage.of(store(), file(kind, "/p/a"), reason, "wrong");

        assertTrue(message.contains(expected), message);
    }

    @Test
    void of_withKeyFilesOnly_needsNoStore() throws Exception {
        Load load = file(Load.Kind.JAR, "/p/a.jar");
        assertTrue(RefusalMessage.of(keyFiles(), load, Refusal.SIGNATURE_NOT_FOUND, "x")
                .endsWith("sign --private-key KEY.pem /p/a.jar"));
        assertTrue(RefusalMessage.of(keyFiles(), load, Refusal.UNTRUSTED_SIGNER, "x")
                .endsWith("-Dcloacina.trusted_keys=SIGNER.pem"));
    }

    @Test
    void of_whatIsInNoFile_tellsToSignItsContent() throws Exception {
        String message =
                RefusalMessage.of(store(), url(Load.Kind.CLASS, "http://h/X.class"), Refusal.SIGNATURE_NOT_FOUND, "x");

        assertTrue(message.contains("sign --key KEY --no-detached FILE --org " + ORG), message);
    }

    @Test
    void of_wovenClass_tellsOfWeaving() throws Exception {
        String message = RefusalMessage.of(store(), url(Load.Kind.CLASS, "/p/a.jar"), Refusal.TAMPERED_PACKAGE, "x");

        assertTrue(message.contains("-Dcloacina.woven_classes=allow"), message);
    }

    @Test
    void of_pathMadeToDeceive_isOneLineThatCanBeShownAndPasted() throws Exception {
        String path = "/p/\u001b[31m\nevil'$(id)\u202e.jar";

        String message = RefusalMessage.of(
                store(), file(Load.Kind.JAR, path), Refusal.SIGNATURE_NOT_FOUND, "no file [" + path + ".sig]");

        assertEquals(
                0,
                message.codePoints()
                        .filter(c -> Character.isISOControl(c) || c == 0x202e)
                        .count(),
                message);
        assertTrue(message.contains("sign --key KEY $'/p/\\033[31m\\012evil\\'$(id)\\342\\200\\256.jar'"), message);
    }

    @Test
    void of_limitedKey_saysHowToWidenTheLimit_notToTrustTheKey() throws Exception {
        String message = RefusalMessage.of(
                store(),
                file(Load.Kind.JAR, "/plugins/a.jar"),
                Refusal.UNTRUSTED_SIGNER,
                "the detached signature is by key x, which is trusted for packages called [a] only; this one is called [b]");

        assertTrue(message.contains("trust limit KEY --for NAME --until TIME --org " + ORG), message);
        assertFalse(message.contains("trust add"), message);
    }

    @Test
    void of_unsignedWhereVersion2IsRequired_signsInVersion2() throws Exception {
        GuardConfig config = GuardConfig.read(
                Map.of(
                        "cloacina.require_signatures", "true",
                        "cloacina.trusted_keys", "/keys",
                        "cloacina.signature_format", "2"),
                Map.of());

        String message =
                RefusalMessage.of(config, file(Load.Kind.JAR, "/plugins/a.jar"), Refusal.SIGNATURE_NOT_FOUND, "no");

        assertTrue(message.contains("sign --private-key KEY.pem --format 2 /plugins/a.jar"), message);
    }
}
