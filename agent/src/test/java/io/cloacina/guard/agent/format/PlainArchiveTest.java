// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainArchiveTest {

    private static final byte[] SHORT = "short".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] LONG = random(100_000);

    @TempDir
    Path folder;

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static byte[] archive(String comment, byte[] extra) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setComment(comment);
            put(zip, new ZipEntry("empty"), new byte[0], extra);
            put(zip, new ZipEntry("a/Short.class"), SHORT, extra);
            put(zip, new ZipEntry("a/Länge.class"), LONG, extra);
            ZipEntry stored = new ZipEntry("Stored.class");
            stored.setMethod(ZipEntry.STORED);
            stored.setSize(SHORT.length);
            CRC32 sum = new CRC32();
            sum.update(SHORT);
            stored.setCrc(sum.getValue());
            put(zip, stored, SHORT, extra);
        }
        return bytes.toByteArray();
    }

    private static byte[] archiveOfOne(String comment) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setComment(comment);
            put(zip, new ZipEntry("a/Short.class"), SHORT, null);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, ZipEntry entry, byte[] content, byte[] extra) throws IOException {
        entry.setExtra(extra);
        zip.putNextEntry(entry);
        zip.write(content);
    }

    private File file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("any.jar"), bytes).toFile();
    }

    private void requireAll(byte[] bytes) throws IOException {
        byte[] other = LONG.clone();
        other[other.length - 1] ^= 1;
        try (PlainArchive archive = PlainArchive.open(file(bytes))) {
            List<PlainArchive.Entry> entries = archive.entries();
            assertEquals(
                    List.of("empty", "a/Short.class", "a/Länge.class", "Stored.class"),
                    entries.stream().map(PlainArchive.Entry::name).toList());
            byte[][] contents = {new byte[0], SHORT, LONG, SHORT};
            for (int i = 0; i < contents.length; i++) {
                assertTrue(
                        archive.isEqual(entries.get(i), contents[i]),
                        entries.get(i).name());
                assertFalse(
                        archive.isEqual(entries.get(i), new byte[] {1}),
                        entries.get(i).name());
            }
            assertFalse(archive.isEqual(entries.get(2), other));
            assertFalse(archive.isEqual(entries.get(3), "shirt".getBytes(StandardCharsets.US_ASCII)));
        }
    }

    @Test
    void isEqual_whatJavaWrites_isFound() throws Exception {
        requireAll(archive(null, null));
    }

    @Test
    void isEqual_longExtraFields_andComment_andBytesInFront_isFound() throws Exception {
        byte[] extra = new byte[200];
        extra[0] = 0x77;
        extra[2] = (byte) (extra.length - 4);
        byte[] archive = archive("PK\5\6 is how an archive ends", extra);
        byte[] behindScript = new byte[50 + archive.length];
        System.arraycopy(archive, 0, behindScript, 50, archive.length);

        requireAll(archive);
        requireAll(behindScript);
    }

    @Test
    void open_whatItCannotRead_isNone() throws Exception {
        byte[] good = archive(null, null);
        int end = good.length - 22;
        int central = good[end + 16] & 0xff | (good[end + 17] & 0xff) << 8 | (good[end + 18] & 0xff) << 16;
        byte[][] odd = {
            new byte[0],
            new byte[30],
            Arrays.copyOf(good, good.length - 1),
            bent(good, end + 10, 0xff, 0xff), // more than 65534 entries, which takes ZIP64
            bent(good, end + 10, 3, 0), // fewer entries than there are
            bent(good, end + 16, 0xff, 0xff, 0xff, 0xff),
            bent(good, end + 12, 0xff, 0xff, 0xff, 0x7f),
            bent(good, central, 0), // no central header
            bent(good, central + 8, 1), // encrypted
            bent(good, central + 10, 12), // bzip2
            bent(good, central + 20, 0xff, 0xff, 0xff, 0xff), // sizes elsewhere
            bent(good, central + 42, 0xff, 0xff, 0xff, 0xff),
            bent(good, central + 28, 0xff, 0xff), // a name longer than the directory
        };
        for (int i = 0; i < odd.length; i++) {
            assertNull(PlainArchive.open(file(odd[i])), "number " + i);
        }
    }

    @Test
    void open_commentWithAnArchive_isLeftToTheJdk() throws Exception {
        byte[] inner = archiveOfOne(null);
        byte[] outer = archiveOfOne("?".repeat(inner.length + 1));
        System.arraycopy(inner, 0, outer, outer.length - inner.length - 1, inner.length);

        assertNull(PlainArchive.open(file(outer)), "the JDK reads what is in the comment");
    }

    private static byte[] bent(byte[] bytes, int at, int... values) {
        byte[] bent = bytes.clone();
        for (int i = 0; i < values.length; i++) {
            bent[at + i] = (byte) values[i];
        }
        return bent;
    }

    @Test
    void isEqual_entryWithoutHeader_orThatDoesNotInflate_orEndsBehindTheFile_isAnError() throws Exception {
        byte[] good = archive(null, null);
        int end = good.length - 22;
        int central = good[end + 16] & 0xff | (good[end + 17] & 0xff) << 8 | (good[end + 18] & 0xff) << 16;
        byte[] second = {'a', '/', 'S', 'h'};
        int data = 0;
        while (!Arrays.equals(good, data, data + 4, second, 0, 4)) {
            data++;
        }
        int header = data - 30;
        int centralOfFirst = central;
        int centralOfSecond = centralOfFirst + 46 + "empty".length();
        byte[][] damaged = {
            bent(good, header, 0),
            bent(good, data + "a/Short.class".length(), 0xff, 0xff, 0xff),
            bent(good, centralOfSecond + 20, 0, 0, 0x10),
        };
        for (byte[] bytes : damaged) {
            try (PlainArchive archive = PlainArchive.open(file(bytes))) {
                PlainArchive.Entry entry = archive.entries().get(1);
                assertEquals("a/Short.class", entry.name());
                assertThrows(IOException.class, () -> archive.isEqual(entry, SHORT));
            }
        }
    }

    @Test
    void entriesNamed_inWhateverOrder_areFoundInALongDirectory() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<String> names = new ArrayList<>();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < 500; i++) {
                // Also names that are longer than what is read at a time.
                String name = "p" + i + "/" + "d".repeat(i % 100 == 7 ? 9000 : i % 40) + "/C" + i + ".class";
                names.add(name);
                put(zip, new ZipEntry(name), name.getBytes(StandardCharsets.US_ASCII), null);
            }
        }
        Collections.shuffle(names, new Random(3));

        try (PlainArchive archive = PlainArchive.open(file(bytes.toByteArray()))) {
            for (String name : names) {
                List<PlainArchive.Entry> found = archive.entriesNamed(PlainArchive.lastPart(name));

                assertEquals(
                        List.of(name),
                        found.stream().map(PlainArchive.Entry::name).toList());
                assertTrue(archive.isEqual(found.get(0), name.getBytes(StandardCharsets.US_ASCII)), name);
            }
        }
    }
}
