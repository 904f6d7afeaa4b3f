// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the recipes of the document on external signers as they are printed: every fenced block that names no language. The
 * token is a real one of SoftHSM2, where that is installed.
 */
@DisabledOnOs(OS.WINDOWS)
class ExternalSignersDocumentTest {

    private static final Path DOCUMENT = Path.of("docs/external-signers.md");
    private static final List<Path> MODULES = List.of(
            Path.of("/usr/lib/softhsm/libsofthsm2.so"),
            Path.of("/usr/lib64/pkcs11/libsofthsm2.so"),
            Path.of("/usr/local/lib/softhsm/libsofthsm2.so"));

    @TempDir
    private Path work;

    @BeforeEach
    void makePackages() throws IOException {
        Files.writeString(work.resolve("plugin.jar"), "plugin");
        Files.createDirectory(work.resolve("plugins"));
        Files.writeString(work.resolve("plugins/butler.jar"), "butler");
        Files.writeString(work.resolve("plugins/gardener.jar"), "gardener");
    }

    private static List<String> blocks(String heading, String language) throws IOException {
        Matcher section = Pattern.compile("(?ms)^## " + Pattern.quote(heading) + "$(.*?)(?=^## |\\z)")
                .matcher(Files.readString(DOCUMENT));
        assertTrue(section.find(), heading);
        Matcher block = Pattern.compile("(?ms)^```" + language + "$(.*?)^```$").matcher(section.group(1));
        List<String> found = new ArrayList<>();
        int fences = 0;
        while (block.find()) {
            // A closing fence of a block with a language looks like the opening one of a block without.
            if (language.isEmpty()
                    && section.group(1).substring(0, block.start()).split("(?m)^```", -1).length % 2 == 0) {
                continue;
            }
            fences++;
            found.add(block.group(1));
        }
        assertTrue(fences > 0, heading);
        return found;
    }

    private record Session(int status, String output) {}

    private Session run(String script) throws Exception {
        String cloacina = "set -eu\ncloacina() { '" + Path.of(System.getProperty("java.home"), "bin/java")
                + "' -XX:TieredStopAtLevel=1 -cp \"$TEST_CLASS_PATH\" " + Cloacina.class.getName() + " \"$@\"; }\n";
        Path output = work.resolve("output");
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", cloacina + script)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("CLOACINA_"));
        environment.put("TEST_CLASS_PATH", System.getProperty("java.class.path"));
        environment.put("HOME", work.toString());
        environment.put("CLOACINA_ORG_ID", Shell.ORG.toString());
        Process shell = builder.start();
        try {
            assertTrue(shell.waitFor(5, TimeUnit.MINUTES), "the commands do not end");
        } finally {
            shell.destroyForcibly();
        }
        return new Session(shell.exitValue(), Files.readString(output));
    }

    private void assertRuns(String script) throws Exception {
        Session session = run(script);
        assertEquals(0, session.status(), session.output());
        assertTrue(session.output().contains("plugin.jar: verified, signed by "), session.output());
    }

    private static boolean isThere(String... programs) {
        for (String program : programs) {
            boolean found = false;
            for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
                found |= Files.isExecutable(Path.of(directory, program));
            }
            if (!found) {
                return false;
            }
        }
        return true;
    }

    @Test
    void openssl_signsBothVersionsAndACheckpoint() throws Exception {
        assumeTrue(isThere("openssl"), "openssl is not installed");
        String script = String.join("\n", blocks("OpenSSL", ""));

        assertRuns(script + """
                cloacina sign plugins --public-key release.pem --signer-command ./openssl-sign --signer-arg secret.pem
                cloacina sign plugin.jar --public-key release.pem --signer-command ./openssl-sign \\
                    --signer-arg secret.pem --format 2 --package-name butler --package-version 1.0
                cloacina verify plugin.jar plugins --public-key release.pem
                cloacina audit checkpoint .cloacina/audit.jsonl --public-key release.pem \\
                    --signer-command ./openssl-sign --signer-arg secret.pem
                """);

        Session failed = run("cloacina sign plugin.jar --force --public-key release.pem --signer-command ./openssl-sign"
                + " --signer-arg absent.pem");
        assertEquals(3, failed.status(), failed.output());
        assertTrue(failed.output().contains("ended with status [1]: "), failed.output());
    }

    @Test
    void pkcs11_signsWithAKeyThatStaysInTheToken() throws Exception {
        Path module = MODULES.stream().filter(Files::exists).findFirst().orElse(null);
        assumeTrue(
                module != null && isThere("softhsm2-util", "pkcs11-tool"),
                "softhsm2 and opensc are not installed: their recipe was not tried");
        List<String> blocks = blocks("PKCS#11: HSMs and smart cards", "");
        String script = String.join("\n", blocks).replace(MODULES.get(0).toString(), module.toString());

        assertRuns(script + """
                cloacina sign plugins --key hsm-2026 --signer-command ./pkcs11-sign --signer-arg "$PKCS11_MODULE" \\
                    --signer-arg release --signer-arg 01
                cloacina sign plugin.jar --format 2 --package-name org.example:butler --package-version 1.0 \\
                    --key hsm-2026 --signer-command ./pkcs11-sign --signer-arg "$PKCS11_MODULE" \\
                    --signer-arg release --signer-arg 01
                cloacina verify plugin.jar plugins
                """);

        Session locked = run("""
                export SOFTHSM2_CONF=$PWD/softhsm2.conf PKCS11_PIN=111111
                rm -f plugin.jar.sig
                cloacina sign plugin.jar --public-key hsm.pem --no-store --signer-command ./pkcs11-sign \\
                    --signer-arg MODULE --signer-arg release --signer-arg 01
                """.replace("MODULE", module.toString()));
        assertEquals(3, locked.status(), locked.output());
        assertTrue(locked.output().contains("CKR_PIN_INCORRECT"), locked.output());
        assertFalse(Files.exists(work.resolve("plugin.jar.sig")));
    }

    @Test
    void vault_publicKey_becomesPemByThePrintedPrefix() throws Exception {
        assumeTrue(isThere("openssl"), "openssl is not installed");
        String vault = blocks("Vault and cloud services", "sh").get(0);
        String printed = vault.substring(vault.indexOf("(printf"));

        Session session = run("""
                openssl genpkey -algorithm ed25519 -out secret.pem
                openssl pkey -in secret.pem -pubout -outform DER | tail -c 32 > raw
                """ + printed + "\nopenssl pkey -in secret.pem -pubout | cmp - release.pem");

        assertEquals(0, session.status(), session.output());
    }

    @Test
    void java_compilesAndSigns() throws Exception {
        assumeTrue(isThere("openssl"), "openssl is not installed");
        assertRuns(String.join("\n", blocks("OpenSSL", "")));
        String source =
                "import io.cloacina.guard.*; import io.cloacina.guard.crypto.*; import io.cloacina.guard.sign.*;"
                        + " import java.nio.file.*; import java.util.List; public class Example {"
                        + " public static void main(String[] arguments) throws Exception {"
                        + " Ed25519PrivateKey client = Pem.readPrivateKey(Files.readAllBytes(Path.of(\"secret.pem\")));"
                        + blocks("From Java", "java").get(0) + "}}";
        Path file = Files.writeString(work.resolve("Example.java"), source);
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        errors,
                        errors,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        "" + work,
                        "" + file);
        assertEquals(0, status, errors::toString);

        Session session = run("'" + Path.of(System.getProperty("java.home"), "bin/java")
                + "' -cp \"$TEST_CLASS_PATH:.\" Example\ncloacina verify plugins --public-key release.pem");

        assertEquals(0, session.status(), session.output());
    }
}
