// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** Signed JARs that are no such archive as everybody reads in the same way. */
class JarArchiveTest extends JarCheckFixture {

    private void assertAmbiguous(String says, byte[] content) throws Exception {
        Files.write(jar, content);
        IntakeRefusedException refused = assertThrows(IntakeRefusedException.class, () -> check("own"), says);
        assertTrue(refused.getMessage().contains(says), refused.getMessage());
    }

    @Test
    void archive_thatCanBeReadInSeveralWays_isRefused() throws Exception {
        sign(jar, "own");
        check("own");
        byte[] good = Files.readAllBytes(jar);
        byte[] entry = localEntry("com/example/Evil.class");

        assertAmbiguous("belong to no entry", PgpMaker.join(new byte[] {'#', '!', '\n'}, good));
        assertAmbiguous("belong to no entry", PgpMaker.join(entry, good));
        assertAmbiguous("behind its end", PgpMaker.join(good, entry));
        assertAmbiguous("no ZIP archive", Arrays.copyOf(good, good.length - 1));
        assertAmbiguous(
                "belong to no entry", PgpMaker.join(good, Arrays.copyOfRange(good, good.length - 22, good.length)));

        // An entry between the last one and the central directory, which a reader of streams finds.
        int end = good.length - 22;
        int central = number(good, end + 16);
        byte[] between =
                PgpMaker.join(Arrays.copyOf(good, central), entry, Arrays.copyOfRange(good, central, good.length));
        put(between, end + entry.length + 16, central + entry.length);
        assertAmbiguous("belong to no entry", between);

        // Another name in the local header than in the central directory.
        byte[] renamed = good.clone();
        renamed[30] = 'X';
        assertAmbiguous("otherwise where it lies", renamed);

        byte[] counted = good.clone();
        counted[end + 8]--;
        counted[end + 10]--;
        assertAmbiguous("says that it has", counted);
    }

    @Test
    void archive_withOneNameTwice_isRefused() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("com/example/B.class", new byte[] {1});
        write(entries);
        sign(jar, "own");
        byte[] twice = new String(Files.readAllBytes(jar), StandardCharsets.ISO_8859_1)
                .replace("com/example/B.class", "com/example/A.class")
                .getBytes(StandardCharsets.ISO_8859_1);

        assertAmbiguous("two entries [com/example/A.class]", twice);
    }

    @Test
    void archive_withAManifestMoreInOtherLetters_isRefused() throws Exception {
        sign(jar, "own");
        Map<String, byte[]> entries = entries();
        entries.put("meta-inf/manifest.mf", entries.get(JarFile.MANIFEST_NAME));
        write(entries);

        assertRefused(Reason.UNSIGNED_CONTENT, "but for capitals", "own");
    }

    @Test
    void archive_whoseManifestWouldFillTheMemory_isRefusedBeforeItIsRead() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("META-INF/OWN.SF", new byte[65 << 20]);
        write(entries);

        assertRefused(Reason.MALFORMED_EVIDENCE, "larger than any signer makes it", "own");
    }

    @Test
    void file_thatIsNoJar_isRefused() throws Exception {
        Files.write(jar, "text".getBytes(StandardCharsets.UTF_8));
        assertRefused(Reason.MALFORMED_EVIDENCE, "is no ZIP archive", "own");
        Files.write(jar, new byte[0]);
        assertRefused(Reason.MALFORMED_EVIDENCE, "is no ZIP archive", "own");
    }

    private static byte[] localEntry(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        byte[] header = new byte[30];
        header[0] = 'P';
        header[1] = 'K';
        header[2] = 3;
        header[3] = 4;
        header[4] = 10;
        header[26] = (byte) text.length;
        return PgpMaker.join(header, text);
    }

    private static int number(byte[] content, int at) {
        return content[at] & 0xff
                | (content[at + 1] & 0xff) << 8
                | (content[at + 2] & 0xff) << 16
                | content[at + 3] << 24;
    }

    private static void put(byte[] content, int at, int value) {
        for (int i = 0; i < 4; i++) {
            content[at + i] = (byte) (value >> 8 * i);
        }
    }
}
