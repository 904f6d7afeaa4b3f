// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agent jars that are not as they were built. */
class GuardPackTest {

    @TempDir
    Path folder;

    private GuardPack open(String entry, byte[] content, boolean stored) throws IOException {
        Path jar = folder.resolve("agent.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, entry, content, stored);
        }
        return new GuardPack(jar.toFile());
    }

    private static void put(ZipOutputStream zip, String entry, byte[] content, boolean stored) throws IOException {
        ZipEntry one = new ZipEntry(entry);
        if (stored) {
            CRC32 sum = new CRC32();
            sum.update(content);
            one.setMethod(ZipEntry.STORED);
            one.setSize(content.length);
            one.setCrc(sum.getValue());
        }
        zip.putNextEntry(one);
        zip.write(content);
    }

    /** A pack of one file called {@code a}. */
    private static ByteBuffer pack(byte[] file, int stored, int size) {
        return ByteBuffer.allocate(GuardPack.HEADER_SIZE + GuardPack.ROW_SIZE + file.length)
                .putLong(GuardPack.MAGIC)
                .putInt(1)
                .putLong(GuardPack.hash("a"))
                .putInt(0)
                .putInt(stored)
                .putInt(size)
                .put(file);
    }

    @Test
    void read_whatIsNeededAtStart_isThereAsItIs() throws Exception {
        GuardPack pack = open(GuardPack.ENTRY, pack(new byte[] {1, 2, 3}, 3, 3).array(), true);

        assertTrue(pack.has("a"));
        assertArrayEquals(new byte[] {1, 2, 3}, pack.read("a"));
        assertEquals(null, pack.read("b"));
    }

    @Test
    void open_withoutPack_orWithOneThatIsDeflated_isRefused() {
        String none = assertThrows(IOException.class, () -> open("other", new byte[1], true))
                .getMessage();
        byte[] good = pack(new byte[1], 1, 1).array();
        String deflated = assertThrows(IOException.class, () -> open(GuardPack.ENTRY, good, false))
                .getMessage();

        assertTrue(none.contains("not as it was built"), none);
        assertTrue(deflated.contains("not as it was built"), deflated);
    }

    @Test
    void open_packThatBeginsOtherwise_orIsCutOff_isRefused() {
        byte[] other = pack(new byte[3], 3, 3).putLong(0, 1).array();
        String damaged = assertThrows(IOException.class, () -> open(GuardPack.ENTRY, other, true))
                .getMessage();
        byte[] tooManyRows = pack(new byte[3], 3, 3).putInt(8, 1 << 24).array();
        String cutOff = assertThrows(IOException.class, () -> open(GuardPack.ENTRY, tooManyRows, true))
                .getMessage();

        assertTrue(damaged.contains("does not begin as it must"), damaged);
        assertTrue(cutOff.contains("cut off"), cutOff);
    }

    @Test
    void read_fileThatDoesNotInflate_orToAnotherSize_isRefused() throws Exception {
        GuardPack broken =
                open(GuardPack.ENTRY, pack(new byte[] {7, 7, 7}, 3, 5).array(), true);
        // Deflated: the single byte 'x' (RFC 1951, fixed codes).
        GuardPack shorter =
                open(GuardPack.ENTRY, pack(new byte[] {(byte) 0xab, 0, 0}, 3, 5).array(), true);

        for (GuardPack pack : new GuardPack[] {broken, shorter}) {
            String message =
                    assertThrows(IOException.class, () -> pack.read("a")).getMessage();
            assertTrue(message.contains("damaged at [a]"), message);
        }
    }

    @Test
    void read_fileThatEndsBehindTheJar_isRefused() throws Exception {
        GuardPack pack =
                open(GuardPack.ENTRY, pack(new byte[3], 1 << 20, 1 << 20).array(), true);

        String message = assertThrows(IOException.class, () -> pack.read("a")).getMessage();

        assertTrue(message.contains("cut off before [a]"), message);
    }

    @Test
    void open_packBehindAnotherStoredEntry_isFound_butNotBehindADeflatedOne() throws Exception {
        byte[] good = pack(new byte[] {1, 2, 3}, 3, 3).array();
        Path jar = folder.resolve("two.jar");
        for (boolean stored : new boolean[] {true, false}) {
            try (OutputStream out = Files.newOutputStream(jar);
                    ZipOutputStream zip = new ZipOutputStream(out)) {
                put(zip, "META-INF/MANIFEST.MF", new byte[10], stored);
                put(zip, GuardPack.ENTRY, good, true);
            }
            if (stored) {
                assertArrayEquals(new byte[] {1, 2, 3}, new GuardPack(jar.toFile()).read("a"));
            } else {
                assertThrows(IOException.class, () -> new GuardPack(jar.toFile()));
            }
        }
    }
}
