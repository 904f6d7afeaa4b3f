// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The guard's classes and libraries, all in one entry of the agent jar, which is on the system loader's class path: that
 * loader finds none of them, as a class or as a resource. Time is no reason; a JVM starts as fast with an agent jar of as
 * many entries ({@code core/docs/measured.md}).
 *
 * <p>The entry is stored, and all entries before it are too, with their sizes in their local headers (APPNOTE.TXT, 4.3.7):
 * it is found by those, and read without {@code java.util.zip}.
 *
 * <p>Format, numbers big-endian: {@link #MAGIC} (8 bytes), number of files (4); for each file, sorted by the first as a
 * signed number: {@link #hash} of its name (8), position (4), stored size (4), size (4); then the files. Positions count
 * from the end of this index. A file whose stored size is less than its size is deflated (RFC 1951); those that are needed
 * at every start are not.
 *
 * <p>Safe for use by many threads.
 */
public final class GuardPack {

    /** The entry in the agent jar. */
    public static final String ENTRY = "guard.pack";

    /** What it begins with: {@code CGPACK2} and a line feed. */
    public static final long MAGIC = 0x43_47_50_41_43_4b_32_0aL;

    /** Bytes before the index. */
    public static final int HEADER_SIZE = 12;

    /** Bytes of one file in the index. */
    public static final int ROW_SIZE = 20;

    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int LOCAL_HEADER_SIZE = 30;
    private static final int SIZES_COME_LATER = 1 << 3;

    private final RandomAccessFile jar;
    private final byte[] index;
    private final int count;
    private final long filesBegin;

    /**
     * @param file the agent jar; it stays open as long as the JVM runs
     * @throws IOException if it is not one
     */
    GuardPack(File file) throws IOException {
        this.jar = new RandomAccessFile(file, "r");
        boolean done = false;
        try {
            long begin = find(file);
            ByteBuffer header = ByteBuffer.wrap(read(begin, HEADER_SIZE));
            if (header.getLong(0) != MAGIC) {
                throw new IOException("[" + file + "] is damaged: [" + ENTRY + "] does not begin as it must");
            }
            this.count = header.getInt(8);
            long indexSize = (long) count * ROW_SIZE;
            this.filesBegin = begin + HEADER_SIZE + indexSize;
            if (count < 0 || filesBegin > jar.length()) {
                throw new EOFException();
            }
            this.index = read(begin + HEADER_SIZE, (int) indexSize);
            done = true;
        } catch (EOFException e) {
            throw new IOException("[" + file + "] is cut off in [" + ENTRY + "]", e);
        } finally {
            if (!done) {
                jar.close();
            }
        }
    }

    /** Where the entry's content begins. */
    private long find(File file) throws IOException {
        for (long at = 0; at + LOCAL_HEADER_SIZE < jar.length(); ) {
            ByteBuffer header = ByteBuffer.wrap(read(at, LOCAL_HEADER_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
            int nameLength = Short.toUnsignedInt(header.getShort(26));
            if (header.getInt(0) != LOCAL_HEADER
                    || (header.getShort(6) & SIZES_COME_LATER) != 0
                    || header.getShort(8) != 0) {
                break;
            }
            long content = at + LOCAL_HEADER_SIZE + nameLength + Short.toUnsignedInt(header.getShort(28));
            byte[] name = read(at + LOCAL_HEADER_SIZE, nameLength);
            if (new String(name, StandardCharsets.UTF_8).equals(ENTRY)) {
                return content;
            }
            at = content + Integer.toUnsignedLong(header.getInt(18));
        }
        throw new IOException("[" + file + "] is not as it was built: it has no stored entry [" + ENTRY + "]");
    }

    private byte[] read(long at, int size) throws IOException {
        byte[] bytes = new byte[size];
        synchronized (jar) {
            jar.seek(at);
            jar.readFully(bytes);
        }
        return bytes;
    }

    /** FNV-1a, 64 bits, of a name in UTF-8. */
    public static long hash(String name) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ b & 0xff) * 0x100000001b3L;
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
    byte @Nullable [] read(String name) throws IOException {
        int row = row(name);
        if (row < 0) {
            return null;
        }
        int stored = (int) number(row + 12, Integer.BYTES);
        int size = (int) number(row + 16, Integer.BYTES);
        byte[] bytes;
        try {
            bytes = read(filesBegin + number(row + 8, Integer.BYTES), stored);
        } catch (EOFException e) {
            throw new IOException("the agent jar is cut off before [" + name + "]", e);
        }
        return stored == size ? bytes : inflate(bytes, new byte[size], name);
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

    /** Byte by byte: before it is compiled, a buffer takes ten calls for a number. */
    private long number(int at, int bytes) {
        long number = index[at];
        for (int i = at + 1; i < at + bytes; i++) {
            number = number << 8 | index[i] & 0xff;
        }
        return number;
    }

    /** Where the file stands in the index; -1 if there is none. */
    private int row(String name) {
        long hash = hash(name);
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = number(middle * ROW_SIZE, Long.BYTES);
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
