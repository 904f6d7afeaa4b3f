// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import java.io.Closeable;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Compares bytes with entries of an archive (PKWARE's APPNOTE.TXT, 4.3). {@code java.util.zip} would make half a dozen
 * objects and register a cleaner for each entry, which takes longer than to inflate a class.
 *
 * <p>Only archives without ZIP64, encryption, or methods other than stored and deflated; {@link #open} says which are.
 * Safe for use by many threads.
 */
public final class PlainArchive implements Closeable {

    /**
     * An entry.
     *
     * @param header where its local header is
     * @param stored size of its data
     * @param size of what that is, inflated
     * @param crc CRC-32 of the same, as the archive says
     */
    public record Entry(String name, long header, int stored, int size, int crc, boolean deflated) {}

    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int CENTRAL = 0x02014b50;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL = 0x04034b50;
    private static final int LOCAL_BYTES = 30;
    private static final int ENCRYPTED = 1;
    private static final int DEFLATED = 8;
    private static final int MOST_COMMENT_BYTES = 0xffff;

    /** Longer extra fields of a local header take a second read. */
    private static final int USUAL_EXTRA_BYTES = 32;

    private static final int BUFFER_SIZE_BYTES = 8192;

    /** How much longer than twice its size the data of an entry may be. */
    private static final int MOST_STORED_EXTRA_BYTES = 1024;

    /**
     * How much of the central directory is read at a time, which is more than nearly all of its headers take: classes that
     * are defined one after the other mostly stand close to each other.
     */
    private static final int WINDOW_BYTES = 4096;

    private static final long LOW = 0xffffffffL;

    private final RandomAccessFile file;
    private final long length;
    private @Nullable Inflater inflater;
    private int count;
    private long central;
    private int centralSize;
    private long shift;
    // Upper half: hash of a name's last part, or CRC-32; lower half: where in the central directory. Sorted.
    // An entry takes eight bytes of memory this way, and is read again when it is asked for.
    private long[] byName = {};
    private long @Nullable [] byContent;
    // What was read of the central directory last, and from where in the file.
    private byte[] window = {};
    private long windowStart;

    private PlainArchive(RandomAccessFile file) throws IOException {
        this.file = file;
        this.length = file.length();
    }

    /**
     * @return null if it is none that this class can read
     * @throws IOException if the file cannot be read
     */
    public static @Nullable PlainArchive open(File file) throws IOException {
        PlainArchive archive = new PlainArchive(new RandomAccessFile(file, "r"));
        boolean done = false;
        try {
            done = archive.index();
        } finally {
            if (!done) {
                archive.close();
            }
        }
        return done ? archive : null;
    }

    /** All entries, as often as the archive has them. */
    public synchronized List<Entry> entries() throws IOException {
        byte[] directory = read(central, central + centralSize);
        List<Entry> found = new ArrayList<>(count);
        for (int at = 0; at < directory.length; at = next(directory, at)) {
            found.add(entry(directory, at));
        }
        return found;
    }

    /** The entries whose names end with {@code lastPart}, or with a slash and that; perhaps some others. */
    public List<Entry> entriesNamed(String lastPart) throws IOException {
        return entriesAt(byName, lastPart.hashCode());
    }

    /** The entries of which the archive says that they have such content; perhaps some of another size. */
    public synchronized List<Entry> entriesWith(int crc) throws IOException {
        if (byContent == null) {
            byte[] directory = read(central, central + centralSize);
            byContent = new long[count];
            int i = 0;
            for (int at = 0; at < directory.length; at = next(directory, at)) {
                byContent[i++] = (long) int4(directory, at + 16) << 32 | at;
            }
            Arrays.sort(byContent);
        }
        return entriesAt(byContent, crc);
    }

    private synchronized List<Entry> entriesAt(long[] sorted, int key) throws IOException {
        List<Entry> found = new ArrayList<>(1);
        int at = Arrays.binarySearch(sorted, (long) key << 32);
        for (int i = at < 0 ? -at - 1 : at; i < sorted.length && (int) (sorted[i] >> 32) == key; i++) {
            found.add(entryAt(central + (sorted[i] & LOW)));
        }
        return found;
    }

    private Entry entryAt(long header) throws IOException {
        long at = header - windowStart;
        boolean there = at >= 0 && at + CENTRAL_BYTES <= window.length && next(window, (int) at) <= window.length;
        if (!there) {
            window = read(header, Math.min(header + WINDOW_BYTES, central + centralSize));
            windowStart = header;
            if (next(window, 0) > window.length) {
                window = read(header, header + next(window, 0));
            }
        }
        return entry(window, there ? (int) at : 0);
    }

    private Entry entry(byte[] directory, int at) {
        return new Entry(
                new String(directory, at + CENTRAL_BYTES, int2(directory, at + 28), StandardCharsets.UTF_8),
                uint4(directory, at + 42) + shift,
                int4(directory, at + 20),
                int4(directory, at + 24),
                int4(directory, at + 16),
                int2(directory, at + 10) == DEFLATED);
    }

    private static int next(byte[] directory, int at) {
        return at + CENTRAL_BYTES + int2(directory, at + 28) + int2(directory, at + 30) + int2(directory, at + 32);
    }

    /** The part of a name behind the last slash. */
    public static String lastPart(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    private boolean index() throws IOException {
        byte[] tail = read(Math.max(0, length - END_BYTES - MOST_COMMENT_BYTES), length);
        int end = tail.length - END_BYTES;
        while (end >= 0 && (int4(tail, end) != END || end + END_BYTES + int2(tail, end + 20) != tail.length)) {
            if (int4(tail, end) == END && hasDirectory(tail, end)) {
                // The JDK takes this for the end, although the archive goes on: it says what is in it.
                return false;
            }
            end--;
        }
        if (end < 0) {
            return false;
        }
        count = int2(tail, end + 10);
        long size = uint4(tail, end + 12);
        long offset = uint4(tail, end + 16);
        central = length - tail.length + end - size;
        // Something may stand before the archive; offsets do not count that.
        shift = central - offset;
        if (count == 0xffff || size > Integer.MAX_VALUE / 2 || offset == 0xffffffffL || central < 0 || shift < 0) {
            return false;
        }
        centralSize = (int) size;
        byte[] directory = read(central, central + size);
        byName = new long[count];
        int at = 0;
        int found = 0;
        for (; at + CENTRAL_BYTES <= directory.length; at = next(directory, at)) {
            int method = int2(directory, at + 10);
            if (int4(directory, at) != CENTRAL
                    || (int2(directory, at + 8) & ENCRYPTED) != 0
                    || method != 0 && method != DEFLATED
                    || uint4(directory, at + 20) > Integer.MAX_VALUE / 2
                    || uint4(directory, at + 24) > Integer.MAX_VALUE / 2
                    || uint4(directory, at + 42) == 0xffffffffL
                    || next(directory, at) > directory.length
                    || found == count) {
                return false;
            }
            String name = new String(directory, at + CENTRAL_BYTES, int2(directory, at + 28), StandardCharsets.UTF_8);
            byName[found++] = (long) lastPart(name).hashCode() << 32 | at;
        }
        Arrays.sort(byName);
        return at == directory.length && found == count;
    }

    /** Whether a central directory stands where the record at {@code end}, which may be no such record, says. */
    private boolean hasDirectory(byte[] tail, int end) throws IOException {
        long directory = length - tail.length + end - uint4(tail, end + 12);
        return directory >= 0 && int4(read(directory, directory + Integer.BYTES), 0) == CENTRAL;
    }

    /**
     * Whether {@code entry} is {@code bytes}.
     *
     * @throws IOException if it cannot be read
     */
    public synchronized boolean isEqual(Entry entry, byte[] bytes) throws IOException {
        if (entry.size() != bytes.length) {
            return false;
        }
        if (entry.stored() > 2L * bytes.length + MOST_STORED_EXTRA_BYTES) {
            // No deflater makes so much of so little, and it would have to be read into memory.
            throw new IOException("[" + entry.name() + "] takes " + entry.stored() + " bytes for " + bytes.length);
        }
        long from = entry.header();
        int usual = LOCAL_BYTES + entry.name().length() + USUAL_EXTRA_BYTES;
        byte[] data = read(from, Math.min(from + usual + entry.stored(), length));
        if (data.length < LOCAL_BYTES || int4(data, 0) != LOCAL) {
            throw new IOException("[" + entry.name() + "] has no local header");
        }
        int begin = LOCAL_BYTES + int2(data, 26) + int2(data, 28);
        if (begin + entry.stored() > data.length) {
            data = read(from + begin, from + begin + entry.stored());
            begin = 0;
        }
        if (!entry.deflated()) {
            return entry.stored() == bytes.length && isAt(data, begin, bytes);
        }
        if (inflater == null) {
            inflater = new Inflater(true);
        }
        inflater.reset();
        inflater.setInput(data, begin, entry.stored());
        byte[] inflated = new byte[bytes.length];
        try {
            return inflater.inflate(inflated) == bytes.length && isAt(inflated, 0, bytes);
        } catch (DataFormatException e) {
            throw new IOException("[" + entry.name() + "] does not inflate", e);
        }
    }

    /** The data of {@code entry}, inflated, as a stream. */
    public synchronized InputStream open(Entry entry) throws IOException {
        byte[] local = read(entry.header(), entry.header() + LOCAL_BYTES);
        if (int4(local, 0) != LOCAL) {
            throw new IOException("[" + entry.name() + "] has no local header");
        }
        long begin = entry.header() + LOCAL_BYTES + int2(local, 26) + int2(local, 28);
        InputStream data = new Data(begin, begin + entry.stored());
        return entry.deflated() ? new Inflating(data) : data;
    }

    /** A part of the file. */
    private final class Data extends InputStream {
        private final long end;
        private long next;

        Data(long begin, long end) {
            this.next = begin;
            this.end = end;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int count) throws IOException {
            if (count == 0) {
                return 0;
            }
            int n = (int) Math.min(count, end - next);
            if (n <= 0) {
                return -1;
            }
            synchronized (PlainArchive.this) {
                file.seek(next);
                n = file.read(bytes, offset, n);
            }
            next += Math.max(n, 0);
            return n;
        }
    }

    /** Gives the memory of its inflater back when it is closed. */
    private static final class Inflating extends InflaterInputStream {
        Inflating(InputStream in) {
            super(in, new Inflater(true), BUFFER_SIZE_BYTES);
        }

        @Override
        public void close() throws IOException {
            inf.end();
            super.close();
        }
    }

    private static boolean isAt(byte[] data, int begin, byte[] bytes) {
        return Arrays.equals(data, begin, begin + bytes.length, bytes, 0, bytes.length);
    }

    private byte[] read(long from, long to) throws IOException {
        if (from < 0 || to < from || to > length) {
            throw new EOFException("the archive ends at " + length + ", not " + to);
        }
        byte[] bytes = new byte[(int) (to - from)];
        file.seek(from);
        file.readFully(bytes);
        return bytes;
    }

    private static int int2(byte[] bytes, int at) {
        return bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8;
    }

    private static int int4(byte[] bytes, int at) {
        return int2(bytes, at) | int2(bytes, at + 2) << 16;
    }

    private static long uint4(byte[] bytes, int at) {
        return Integer.toUnsignedLong(int4(bytes, at));
    }

    @Override
    public synchronized void close() throws IOException {
        if (inflater != null) {
            inflater.end();
        }
        file.close();
    }
}
