// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTextTest {

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static void assertHidden(String text, String secret) {
        String shown = KeyText.shown(text);
        assertTrue(shown.contains(KeyText.HIDDEN), shown);
        for (int i = 0; i + 10 <= secret.length(); i++) {
            assertFalse(shown.contains(secret.substring(i, i + 10)), shown);
        }
    }

    @Test
    void shown_thirtyTwoBytesInAnyForm_areHiddenAndWhatStandsAroundIsNot() {
        for (int seed = 0; seed < 500; seed++) {
            byte[] key = random(seed, 32);
            String hex = HexFormat.of().formatHex(key);
            String base64 = Base64.getEncoder().encodeToString(key);
            String url = Base64.getUrlEncoder().withoutPadding().encodeToString(key);
            for (String secret : new String[] {
                hex,
                hex.toUpperCase(java.util.Locale.ROOT),
                base64,
                url,
                HexFormat.ofDelimiter(":").formatHex(key)
            }) {
                assertHidden(secret, secret);
                assertHidden("there is no file ['" + secret + "']", secret);
                assertHidden("--kek-file=" + secret, secret);
                assertHidden("/run/" + secret, secret);
            }
            assertEquals("a [" + KeyText.HIDDEN + "] b", KeyText.shown("a [" + base64 + "] b"));
        }
    }

    @Test
    void shown_privateKeyInPem_isHiddenWithoutItsLineFeedsAndWithoutItsFrameToo() {
        String body = "MC4CAQAwBQYDK2VwBCIEI"
                + Base64.getEncoder().encodeToString(random(1, 32)).substring(0, 43);
        String pem = "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n";

        for (String text : new String[] {
            pem,
            pem.replace("\n", ""),
            pem.replace("\n", " "),
            pem.substring(5),
            body,
            "BEGIN PRIVATE KEY " + body,
            pem.substring(0, 60)
        }) {
            assertHidden(text, body);
        }
        assertEquals("x " + KeyText.HIDDEN + " y", KeyText.shown("x " + pem.strip() + " y"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nosuch.pem",
                "/srv/host/plugins/release-2026/plugin-with-a-long-name-1.2.3-SNAPSHOT.jar",
                "/var/lib/kubelet/pods/0a8dd9c0-5c5d-4b42-9a3e-3a1a3a0f7c11/volumes/kubernetes.io~secret/kek",
                "/tmp/junit-1234567890123456789/CloacinaGuardCommandLineTest/packages/GoodPackage",
                "/home/user/.cache/59e8d331a924ec3d78c088ab74e1aede/lib/postgresql/plpgsql.so",
                "/build/15c80f3d0c4be0a5e1c9d62f2a8d1b8f0f2a9a11/target/plugins",
                "C:\\Program Files\\Host\\plugins\\ReleasePlugin.jar",
                "there is no command [signs] but audit, completion, doctor, key, sign, store, trust, verify",
                "the PEM block [CERTIFICATE] has no end",
                "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40",
                ""
            })
    void shown_namesAndWords_stayAsTheyAre(String text) {
        assertEquals(text, KeyText.shown(text));
    }

    @Test
    void isKey_nameOfAFileThatIsThere_isNone(@TempDir Path folder) throws IOException {
        String hex = HexFormat.of().formatHex(random(2, 32));
        Path blob = Files.createDirectories(folder.resolve(hex)).resolve("layer.jar");

        assertFalse(GivenFile.isKey(folder.resolve(hex).toString()));
        assertFalse(GivenFile.isKey(blob.toString()), "the file may still be made");
        assertTrue(GivenFile.isKey(folder.resolve(hex.replace('a', 'b')).toString()));
        assertTrue(GivenFile.isKey(hex));
        assertTrue(GivenFile.isKey("\0" + hex));
    }
}
