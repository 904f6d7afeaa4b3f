// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentKeysTest {

    @TempDir
    Path folder;

    private static byte[] content(int number) {
        return ("content " + number).getBytes(StandardCharsets.UTF_8);
    }

    private Path archive(int entries, String last) throws IOException {
        Path file = folder.resolve("any.zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (int i = 0; i < entries; i++) {
                zip.putNextEntry(new ZipEntry(i == entries - 1 ? last : i + ".class"));
                zip.write(content(i));
            }
        }
        return file;
    }

    private static ContentKeys read(Path file) throws IOException {
        return ContentKeys.read(file.toFile(), name -> name.endsWith(".jar"));
    }

    @Test
    void contains_whatTheEntriesHave_andNothingElse() throws IOException {
        ContentKeys keys = read(archive(100, "last.jar"));

        for (int i = 0; i < 100; i++) {
            assertTrue(keys.contains(ContentKeys.crcOf(content(i)), content(i).length), "entry " + i);
            assertFalse(keys.contains(ContentKeys.crcOf(content(i)), content(i).length + 1), "entry " + i);
        }
        assertFalse(keys.contains(ContentKeys.crcOf(content(100)), content(100).length));
        assertTrue(keys.hasInner());
        assertFalse(read(archive(2, "last.txt")).hasInner());
    }

    /** More entries than PlainArchive reads take ZIP64. */
    @Test
    void contains_inAnArchiveWithZip64_too() throws IOException {
        ContentKeys keys = read(archive(0x10001, "last.jar"));

        assertTrue(keys.contains(ContentKeys.crcOf(content(0x10000)), content(0x10000).length));
        assertTrue(keys.hasInner());
    }

    @Test
    void read_whatIsNoArchive_isAnError() throws IOException {
        Path file = Files.write(folder.resolve("none"), new byte[100]);
        assertThrows(IOException.class, () -> read(file));
    }

    @Test
    void entriesOfAnArchive_areFoundByNameAndContent() throws IOException {
        try (PlainArchive archive =
                PlainArchive.open(archive(50, "a/b/Last.class").toFile())) {
            assertEquals(1, archive.entriesNamed("Last.class").size());
            PlainArchive.Entry last = archive.entriesNamed("Last.class").get(0);
            assertEquals("a/b/Last.class", last.name());
            assertTrue(archive.isEqual(last, content(49)));
            assertEquals(archive.entriesWith(ContentKeys.crcOf(content(49))), archive.entriesNamed("Last.class"));
            assertTrue(archive.entriesNamed("None.class").isEmpty());
            assertTrue(archive.entriesWith(ContentKeys.crcOf(content(51))).isEmpty());
        }
    }

    @Test
    void digests_areFoundAgain_andNoOthers() {
        Random random = new Random(1);
        DigestMap map = new DigestMap();
        byte[][] digests = new byte[2_000][32];
        for (byte[] digest : digests) {
            random.nextBytes(digest);
        }
        for (int i = 0; i < 1_000; i++) {
            map.add(digests[i], i);
            map.add(digests[i], i + 1);
        }
        assertEquals(1_000, map.size());
        for (int i = 0; i < digests.length; i++) {
            assertEquals(i < 1_000 ? i : DigestMap.NONE, map.get(digests[i]), "number " + i);
        }
        byte[] bent = digests[0].clone();
        bent[31] ^= 1;
        assertFalse(map.contains(bent));
    }
}
