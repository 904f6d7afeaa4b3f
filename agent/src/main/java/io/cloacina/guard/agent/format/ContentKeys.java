// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What the entries of an archive may contain: CRC-32 and size of each, as the archive says, in eight bytes of memory. Tells
 * where to look, and proves nothing.
 */
public final class ContentKeys {

    /** Of what is no archive. */
    public static final ContentKeys NONE = new ContentKeys(new long[0], false);

    private static final long LOW = 0xffffffffL;

    private final long[] sorted;
    private final boolean hasInner;

    /** Names entries that are archives themselves. */
    @FunctionalInterface
    public interface Archives {
        boolean isArchive(String entry);
    }

    private ContentKeys(long[] keys, boolean hasInner) {
        Arrays.sort(keys);
        this.sorted = keys;
        this.hasInner = hasInner;
    }

    /** @throws IOException if the file is no archive, or cannot be read */
    public static ContentKeys read(File file, Archives archives) throws IOException {
        PlainArchive plain = PlainArchive.open(file);
        if (plain == null) {
            return readOther(file, archives);
        }
        try (plain) {
            List<PlainArchive.Entry> entries = plain.entries();
            long[] keys = new long[entries.size()];
            boolean inner = false;
            for (int i = 0; i < keys.length; i++) {
                keys[i] = key(entries.get(i).crc(), entries.get(i).size());
                inner |= archives.isArchive(entries.get(i).name());
            }
            return new ContentKeys(keys, inner);
        }
    }

    private static ContentKeys readOther(File file, Archives archives) throws IOException {
        try (ZipFile zip = new ZipFile(file)) {
            long[] keys = new long[zip.size()];
            boolean inner = false;
            int count = 0;
            for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements() && count < keys.length; ) {
                ZipEntry entry = all.nextElement();
                keys[count++] = key((int) entry.getCrc(), entry.getSize());
                inner |= archives.isArchive(entry.getName());
            }
            return new ContentKeys(Arrays.copyOf(keys, count), inner);
        } catch (IllegalArgumentException e) {
            throw new IOException("the names of its entries cannot be read", e);
        }
    }

    private static long key(int crc, long sizeBytes) {
        return (long) crc << 32 | sizeBytes & LOW;
    }

    /** CRC-32 of {@code bytes}, as archives have it. */
    public static int crcOf(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Whether the archive says that some entry has such content. */
    public boolean contains(int crc, long sizeBytes) {
        return Arrays.binarySearch(sorted, key(crc, sizeBytes)) >= 0;
    }

    /** Whether there are archives in the archive. */
    public boolean hasInner() {
        return hasInner;
    }
}
