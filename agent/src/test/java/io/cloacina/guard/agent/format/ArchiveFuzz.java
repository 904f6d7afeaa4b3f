// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** An archive: what is read of it is what the JDK reads, entry by entry. */
public final class ArchiveFuzz {

    /** What is inflated of one entry. */
    private static final int MOST_BYTES = 1 << 16;

    private static Path file;

    private ArchiveFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        if (file == null) {
            file = Files.createTempFile("any", ".jar");
            file.toFile().deleteOnExit();
        }
        Files.write(file, bytes);
        try {
            ContentKeys.read(file.toFile(), name -> name.endsWith(".jar"));
        } catch (IOException e) {
            // As it should.
        }
        PlainArchive archive = PlainArchive.open(file.toFile());
        if (archive == null) {
            return;
        }
        try (archive) {
            List<PlainArchive.Entry> entries = archive.entries();
            for (PlainArchive.Entry entry : entries) {
                assertTrue(archive.entriesWith(entry.crc()).contains(entry), entry.name());
                assertTrue(
                        archive.entriesNamed(PlainArchive.lastPart(entry.name()))
                                .contains(entry),
                        entry.name());
            }
            compare(archive, entries);
        }
    }

    private static void compare(PlainArchive archive, List<PlainArchive.Entry> entries) throws IOException {
        try (ZipFile jdk = open()) {
            if (jdk == null) {
                for (PlainArchive.Entry entry : entries) {
                    read(archive, entry);
                }
                return;
            }
            List<String> described = describe(jdk);
            if (described == null) {
                return;
            }
            assertEquals(
                    described,
                    entries.stream()
                            .map(entry -> entry.name() + " " + entry.crc() + " " + entry.size() + " " + entry.stored())
                            .toList());
            for (PlainArchive.Entry entry : entries) {
                byte[] content = read(archive, entry);
                ZipEntry same = jdk.getEntry(entry.name());
                boolean only = entries.stream()
                                .filter(e -> e.name().equals(entry.name()))
                                .count()
                        == 1;
                if (content != null && only && same != null && same.getName().equals(entry.name())) {
                    compareContent(archive, entry, content, jdk, same);
                }
            }
        }
    }

    /** Null if there is a name that the JDK cannot read. */
    private static List<String> describe(ZipFile jdk) {
        List<String> all = new ArrayList<>();
        try {
            jdk.stream()
                    .forEach(entry -> all.add(entry.getName() + " " + (int) entry.getCrc() + " " + (int) entry.getSize()
                            + " " + (int) entry.getCompressedSize()));
        } catch (IllegalArgumentException e) {
            return null;
        }
        return all;
    }

    private static void compareContent(
            PlainArchive archive, PlainArchive.Entry entry, byte[] content, ZipFile jdk, ZipEntry same)
            throws IOException {
        byte[] expected;
        try (InputStream in = jdk.getInputStream(same)) {
            expected = in.readNBytes(MOST_BYTES);
        } catch (IOException e) {
            return;
        }
        // The JDK gives no more than the size; what has more than it says is read no further by those who ask.
        if (entry.size() == content.length && content.length < MOST_BYTES) {
            assertArrayEquals(expected, content, entry.name());
            try {
                assertTrue(archive.isEqual(entry, content), entry.name());
            } catch (IOException e) {
                // It says that it has more data than there is, or than any deflater makes of so little: refused.
            }
        }
    }

    private static ZipFile open() {
        try {
            return new ZipFile(file.toFile());
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
    }

    /** Null if it cannot be read. */
    private static byte[] read(PlainArchive archive, PlainArchive.Entry entry) {
        try (InputStream in = archive.open(entry)) {
            return in.readNBytes(MOST_BYTES);
        } catch (IOException e) {
            return null;
        }
    }
}
