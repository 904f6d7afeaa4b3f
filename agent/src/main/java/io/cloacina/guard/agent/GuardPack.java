package io.cloacina.guard.agent;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.jar.JarFile;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipEntry;

/**
 * The guard's classes and libraries, all in one entry of the agent jar: the JVM reads the whole directory of an agent jar
 * at every start, and some thousand entries take it longer than the guard itself needs.
 *
 * <p>Format, numbers big-endian: {@link #MAGIC} (8 bytes), number of files (4), size of the files that are needed at every
 * start (4); for each file, sorted by the first as a signed number: {@link #hash} of its name (8), position (4), stored
 * size (4), size (4); then the files. Positions count from the end of this index. The files that are needed at every start
 * come first, as they are; the others, and only they, are deflated (RFC 1951).
 *
 * <p>Safe for use by many threads.
 */
public final class GuardPack {

    /** The entry in the agent jar; stored, not deflated. */
    public static final String ENTRY = "guard.pack";

    /** What it begins with: {@code CGPACK1} and a line feed. */
    public static final long MAGIC = 0x43_47_50_41_43_4b_31_0aL;

    /** Bytes before the index. */
    public static final int HEADER_SIZE = 16;

    /** Bytes of one file in the index. */
    public static final int ROW_SIZE = 20;

    private final JarFile jar;
    private final ZipEntry entry;
    private final ByteBuffer start;
    private final int count;
    private final int filesBegin;

    /**
     * @param file the agent jar; it stays open as long as the JVM runs
     * @throws IOException if it is not one
     */
    GuardPack(File file) throws IOException {
        this.jar = new JarFile(file, false);
        this.entry = jar.getEntry(ENTRY);
        if (entry == null || entry.getMethod() != ZipEntry.STORED) {
            throw new IOException("[" + file + "] is not as it was built: it has no stored entry [" + ENTRY + "]");
        }
        try (InputStream in = jar.getInputStream(entry)) {
            ByteBuffer header = ByteBuffer.wrap(in.readNBytes(HEADER_SIZE));
            if (header.limit() < HEADER_SIZE || header.getLong(0) != MAGIC) {
                throw new IOException("[" + file + "] is damaged: [" + ENTRY + "] does not begin as it must");
            }
            this.count = header.getInt(8);
            int size = count * ROW_SIZE + header.getInt(12);
            this.start = ByteBuffer.wrap(in.readNBytes(size));
            if (start.limit() < size) {
                throw new IOException("[" + file + "] is cut off in [" + ENTRY + "]");
            }
        }
        this.filesBegin = count * ROW_SIZE;
    }

    /** FNV-1a, 64 bits, of the UTF-16 units of a name. */
    public static long hash(String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    boolean has(String name) {
        return row(name) >= 0;
    }

    /**
     * @return the file, or null if there is none of this name
     * @throws IOException if it cannot be read
     */
    byte[] read(String name) throws IOException {
        int row = row(name);
        if (row < 0) {
            return null;
        }
        int position = filesBegin + start.getInt(row + 8);
        int stored = start.getInt(row + 12);
        byte[] bytes = new byte[start.getInt(row + 16)];
        if (position + bytes.length <= start.limit()) {
            System.arraycopy(start.array(), position, bytes, 0, bytes.length);
            return bytes;
        }
        byte[] deflated;
        try (InputStream in = jar.getInputStream(entry)) {
            in.skipNBytes((long) HEADER_SIZE + position);
            deflated = in.readNBytes(stored);
        }
        return inflate(deflated, bytes, name);
    }

    /**
     * @param bytes as many as the file has, to be filled
     * @param name for the message
     * @return {@code bytes}
     * @throws IOException if they do not come out
     */
    public static byte[] inflate(byte[] deflated, byte[] bytes, String name) throws IOException {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(deflated);
            if (inflater.inflate(bytes) != bytes.length) {
                throw new IOException("the agent jar is damaged at [" + name + "]");
            }
            return bytes;
        } catch (DataFormatException e) {
            throw new IOException("the agent jar is damaged at [" + name + "]", e);
        } finally {
            inflater.end();
        }
    }

    /** Where the file stands in the index; -1 if there is none. */
    private int row(String name) {
        long hash = hash(name);
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = start.getLong(middle * ROW_SIZE);
            if (found < hash) {
                low = middle + 1;
            } else if (found > hash) {
                high = middle - 1;
            } else {
                return middle * ROW_SIZE;
            }
        }
        return -1;
    }
}
