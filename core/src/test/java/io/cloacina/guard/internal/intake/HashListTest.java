// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashListTest {

    private static final Path LIST = Path.of("/release/SHA256SUMS");
    private static final PackageHash HASH = PackageHash.ofContent(new byte[] {1});
    private static final PackageHash OTHER = PackageHash.ofContent(new byte[] {2});

    private static Evidence check(String list, String file) throws IntakeRefusedException {
        return HashList.read(list.getBytes(StandardCharsets.UTF_8), LIST).check(Path.of(file), HASH);
    }

    private static void assertRefused(Reason reason, String list, String file) {
        assertEquals(
                reason,
                assertThrows(IntakeRefusedException.class, () -> check(list, file))
                        .reason());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "%s  a.jar\n",
                "%s *a.jar",
                "# made by hand\n\n%s  a.jar\r\n",
                "%s  ./a.jar\n",
                "%s  /release/a.jar\n",
                "%s  ../release/a.jar\n",
                "SHA256 (a.jar) = %s\n",
                "\\%s  a.jar\n"
            })
    void line_ofEveryFormThatSha256sumWrites_counts(String form) throws Exception {
        for (String hash : new String[] {HASH.hex(), HASH.hex().toUpperCase(Locale.ROOT)}) {
            String list = form.formatted(hash);

            Evidence evidence = check(list, "/release/a.jar");

            assertEquals("sha256", evidence.kind());
            assertEquals(
                    PackageHash.ofContent(list.getBytes(StandardCharsets.UTF_8)).hex(), evidence.digest());
        }
    }

    @Test
    void name_withEscapes_isReadAsCoreutilsWritesIt() throws Exception {
        check("\\" + HASH + "  a\\nb\\\\c\\rd.jar\n", "/release/a\nb\\c\rd.jar");
        check(HASH + "  a\\nb.jar\n", "/release/a\\nb.jar");
    }

    @Test
    void package_thatLiesElsewhere_isFoundByItsName() throws Exception {
        check(HASH + "  build/a.jar\n", "/downloads/a.jar");
        // Its own line wins over those of others with the same name.
        check(HASH + "  a.jar\n" + OTHER + "  old/a.jar\n", "/release/a.jar");
        assertRefused(Reason.DIFFERENT_HASH, HASH + "  new/a.jar\n" + OTHER + "  old/a.jar\n", "/downloads/a.jar");
    }

    @Test
    void package_withAnotherHashOrWithout_isRefused() {
        assertRefused(Reason.DIFFERENT_HASH, OTHER + "  a.jar\n", "/release/a.jar");
        assertRefused(Reason.DIFFERENT_HASH, HASH + "  a.jar\n" + OTHER + "  ./a.jar\n", "/release/a.jar");
        assertRefused(Reason.NO_EVIDENCE, HASH + "  b.jar\n", "/release/a.jar");
        assertRefused(Reason.NO_EVIDENCE, HASH + "  aa.jar\n", "/release/a.jar");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# nothing\n",
                "%s\n",
                "%s a.jar\n",
                "%s  \n",
                "%s0  a.jar\n",
                "  %s  a.jar\n",
                "SHA512 (a.jar) = %s\n",
                "\\%s  a\\tb.jar\n",
                "\\%s  a.jar\\",
                "-----BEGIN PGP SIGNED MESSAGE-----\n\n%s  a.jar\n"
            })
    void list_ofAnotherForm_isRefused(String form) {
        byte[] content = form.formatted(HASH).getBytes(StandardCharsets.UTF_8);

        String message = assertThrows(IllegalArgumentException.class, () -> HashList.read(content, LIST))
                .getMessage();

        assertTrue(message.contains("line ") || message.equals("it names no file"), message);
    }

    @Test
    void list_thatIsNoUtf8_isRefused() {
        assertThrows(IllegalArgumentException.class, () -> HashList.read(new byte[] {(byte) 0xff}, LIST));
    }
}
