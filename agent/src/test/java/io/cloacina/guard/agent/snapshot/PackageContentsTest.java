// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.format.TinyClasses;
import io.cloacina.guard.agent.snapshot.PackageContents.Match;
import io.cloacina.guard.crypto.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageContentsTest {

    private static final byte[] CLASS = tinyClass("a.B");

    @TempDir
    Path folder;

    private static byte[] tinyClass(String name) {
        try {
            return TinyClasses.named(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] zip(Object... namesAndData) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < namesAndData.length; i += 2) {
                zip.putNextEntry(new ZipEntry((String) namesAndData[i]));
                zip.write((byte[]) namesAndData[i + 1]);
            }
        }
        return bytes.toByteArray();
    }

    private Match match(byte[] archive, String className, byte[] bytes) throws IOException {
        Path jar = Files.write(folder.resolve("outer.jar"), archive);
        try (PackageContents contents = new PackageContents(jar)) {
            return contents.match(className, bytes);
        }
    }

    @Test
    void classOfInnerArchive_isFound_differs_orIsAbsent() throws IOException {
        byte[] outer = zip("lib/inner.jar", zip("WEB-INF/classes/a/B.class", CLASS));

        assertEquals(Match.EQUAL, match(outer, "a.B", CLASS));
        assertEquals(Match.DIFFERENT, match(outer, "a.B", new byte[] {1}));
        assertEquals(Match.ABSENT, match(outer, "a.C", new byte[] {1}));
    }

    /** Java 17 opens such a file, and says so with an IllegalArgumentException when its entries are listed. */
    @Test
    void archive_withACommentThatIsNotText_cannotBeRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            ZipEntry entry = new ZipEntry("a/\u00e8.class");
            entry.setComment("\u00e9");
            zip.putNextEntry(entry);
            zip.write(CLASS);
        }
        // What stands behind the archive makes ZipFile read it; the comment, of two bytes, is the last text before its
        // end.
        byte[] archive = Arrays.copyOf(bytes.toByteArray(), bytes.size() + 1);
        archive[bytes.size() - 24] = (byte) 0xff;

        assertThrows(ZipException.class, () -> match(archive, "a.B", CLASS));
    }

    /** For a load it is an error still: what cannot be compared is refused. */
    @Test
    void innerArchive_thatCannotBeRead_leavesTheOthersToLookInto() throws IOException {
        byte[] outer = zip("lib/broken.jar", zip("a/C.class", CLASS), "lib/inner.jar", zip("a/B.class", CLASS));
        // The first local header.
        outer[0] = 0;
        assertThrows(IOException.class, () -> match(outer, "a.B", CLASS));

        try (PackageContents contents = new PackageContents(folder.resolve("outer.jar"))) {
            assertTrue(contents.readInside().holdsClass(Sha256.digest().digest(CLASS)));
        }
    }

    /** Such an entry is data, whatever its bytes are. */
    @Test
    void entryWithAnotherName_isNotTheClass() throws IOException {
        assertEquals(Match.ABSENT, match(zip("a/C.class", CLASS, "data.bin", CLASS), "a.B", CLASS));
        assertEquals(
                Match.ABSENT, match(zip("lib/inner.jar", zip("a/C.class", CLASS, "data.bin", CLASS)), "a.B", CLASS));
        assertEquals(
                Match.EQUAL, match(zip("lib/inner.jar", zip("META-INF/versions/21/a/B.class", CLASS)), "a.B", CLASS));
    }

    /** Such names threw IllegalArgumentException out of the comparison. */
    @Test
    void innerArchive_withNamesThatAreNoUtf8_isReadAllTheSame() throws IOException {
        byte[] inner = zip("AAAA.txt", CLASS, "a/B.class", CLASS);
        for (int i = 0; i + 4 <= inner.length; i++) {
            if (new String(inner, i, 4, StandardCharsets.ISO_8859_1).equals("AAAA")) {
                inner[i] = (byte) 0xfc;
            }
        }

        byte[] unflagged = inner.clone();
        unflagged[7] &= ~8;
        assertEquals(Match.EQUAL, match(zip("lib/inner.jar", unflagged), "a.B", CLASS));
        // With the flag for UTF-8 it cannot be read on, and holds nothing.
        byte[] flagged = inner.clone();
        flagged[7] |= 8;
        assertEquals(Match.ABSENT, match(zip("lib/inner.jar", flagged), "a.B", CLASS));
        assertEquals(Match.EQUAL, match(zip("1.jar", flagged, "2.jar", zip("a/B.class", CLASS)), "a.B", CLASS));
    }

    @Test
    void innerArchives_areReadToABoundedDepth() throws IOException {
        byte[] archive = zip("a/B.class", CLASS);
        for (int depth = 1; depth < InnerArchives.MAX_DEPTH; depth++) {
            archive = zip("inner.jar", archive);
        }
        assertEquals(Match.EQUAL, match(zip("inner.jar", archive), "a.B", CLASS));
        assertEquals(Match.ABSENT, match(zip("inner.jar", zip("inner.jar", archive)), "a.B", CLASS));
    }

    @Test
    void innerArchives_areReadToABoundedSize() throws IOException {
        byte[] zeros = new byte[1 << 20];
        List<Object> entries = new ArrayList<>();
        for (long size = 0; size <= InnerArchives.MIN_BYTES; size += zeros.length) {
            entries.add(size + ".bin");
            entries.add(zeros);
        }
        entries.add("last");
        entries.add(CLASS);
        byte[] bomb = zip(entries.toArray());
        List<String> seen = new ArrayList<>();

        assertFalse(new InnerArchives(0).search(new ByteArrayInputStream(bomb), (name, in) -> {
            seen.add(name);
            return name.equals("last");
        }));
        assertTrue(seen.contains("0.bin"));
        assertFalse(seen.contains("last"));
    }
}
