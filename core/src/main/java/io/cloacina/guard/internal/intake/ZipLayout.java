// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import io.cloacina.guard.internal.text.Printable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Requires of a ZIP archive that all ways to read it find the same entries: each name once, one entry behind the other from
 * the first byte to the central directory, no byte that belongs to none, and nothing behind the end. Signatures in a JAR cover
 * what the central directory names; a host that reads it as a stream must not find anything else.
 *
 * <p>For one thread.
 */
final class ZipLayout implements AutoCloseable {

    private static final int END_MAGIC = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int END64_MAGIC = 0x06064b50;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64_MAGIC = 0x07064b50;
    private static final int LOCATOR64_BYTES = 20;
    private static final int CENTRAL_MAGIC = 0x02014b50;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL_MAGIC = 0x04034b50;
    private static final int LOCAL_BYTES = 30;
    private static final int MOST_COMMENT_BYTES = 0xffff;

    /** A central directory of a million entries is smaller. */
    private static final long MOST_CENTRAL_BYTES = 256L << 20;

    private static final int EXTRA_ZIP64 = 1;
    private static final int EXTRA_UNICODE_PATH = 0x7075;
    private static final int DESCRIPTOR_MAGIC = 0x08074b50;
    private static final long IN_EXTRA = 0xffffffffL;
    private static final int ENCRYPTED = 1;
    private static final int DESCRIPTOR_FOLLOWS = 8;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int BUFFER_BYTES = 1 << 16;

    private final RandomAccessFile file;
    private final String name;

    /**
     * @param header where its local header is
     * @param bytes that its data takes in the archive
     */
    private record Entry(byte[] name, int flags, int method, long crc, long bytes, long size, long header) {
        String shown() {
            return Printable.of(new String(name, StandardCharsets.UTF_8));
        }
    }

    private ZipLayout(Path file, String name) throws IOException {
        this.file = new RandomAccessFile(file.toFile(), "r");
        this.name = name;
    }

    /**
     * @param name of the archive, for messages
     * @throws IntakeRefusedException if it is no archive, or one that can be read in several ways
     */
    static void require(Path file, String name) throws IOException, IntakeRefusedException {
        try (ZipLayout layout = new ZipLayout(file, name)) {
            layout.requireOneReading();
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private IntakeRefusedException malformed(String what) {
        return new IntakeRefusedException(Reason.MALFORMED_EVIDENCE, "[" + name + "] " + what);
    }

    private IntakeRefusedException ambiguous(String what) {
        return new IntakeRefusedException(
                Reason.UNSIGNED_CONTENT, "[" + name + "] " + what + ", which programs read in different ways");
    }

    private ByteBuffer read(long at, int bytes) throws IOException, IntakeRefusedException {
        if (at < 0 || at > file.length() - bytes) {
            throw malformed("is no ZIP archive, or it is cut off");
        }
        byte[] content = new byte[bytes];
        file.seek(at);
        file.readFully(content);
        return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void requireOneReading() throws IOException, IntakeRefusedException {
        long end = findEnd();
        ByteBuffer record = read(end, END_BYTES);
        long count = record.getShort(10) & 0xffff;
        long size = record.getInt(12) & 0xffffffffL;
        long begin = record.getInt(16) & 0xffffffffL;
        boolean parts = record.getShort(4) != 0 || record.getShort(6) != 0 || record.getShort(8) != record.getShort(10);
        if (count == 0xffff || size == 0xffffffffL || begin == 0xffffffffL) {
            ByteBuffer locator = read(end - LOCATOR64_BYTES, LOCATOR64_BYTES);
            end -= LOCATOR64_BYTES + END64_BYTES;
            ByteBuffer record64 = read(end, END64_BYTES);
            if (locator.getInt(0) != LOCATOR64_MAGIC
                    || locator.getLong(8) != end
                    || record64.getInt(0) != END64_MAGIC
                    || record64.getLong(4) != END64_BYTES - 12) {
                throw malformed("has no end of a ZIP archive that this program can read");
            }
            parts |= record64.getLong(24) != record64.getLong(32);
            count = record64.getLong(32);
            size = record64.getLong(40);
            begin = record64.getLong(48);
        }
        if (parts || begin < 0 || size < 0 || begin + size != end) {
            throw ambiguous("has bytes that belong to no entry, before or behind its central directory");
        }
        if (size > MOST_CENTRAL_BYTES) {
            throw malformed("has a central directory of more than 256 MiB");
        }
        requireInPlace(entries(read(begin, (int) size), count), begin);
    }

    private long findEnd() throws IOException, IntakeRefusedException {
        long length = file.length();
        int bytes = (int) Math.min(length, END_BYTES + MOST_COMMENT_BYTES);
        ByteBuffer tail = read(length - bytes, bytes);
        long found = -1;
        for (int at = bytes - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) != END_MAGIC) {
                continue;
            }
            if (found >= 0) {
                // An end within the comment of another; or behind it, where the data of an entry may have it too.
                if ((tail.getShort(at + 20) & 0xffff) == bytes - at - END_BYTES) {
                    throw ambiguous("has two ends");
                }
            } else if ((tail.getShort(at + 20) & 0xffff) == bytes - at - END_BYTES) {
                found = length - bytes + at;
            } else {
                throw ambiguous("has something behind its end");
            }
        }
        if (found < 0) {
            throw malformed("is no ZIP archive");
        }
        return found;
    }

    private List<Entry> entries(ByteBuffer central, long count) throws IntakeRefusedException {
        List<Entry> entries = new ArrayList<>();
        Set<String> names = new HashSet<>();
        while (central.hasRemaining()) {
            int at = central.position();
            if (central.remaining() < CENTRAL_BYTES || central.getInt(at) != CENTRAL_MAGIC) {
                throw malformed("has a central directory that is damaged");
            }
            int nameBytes = central.getShort(at + 28) & 0xffff;
            int extraBytes = central.getShort(at + 30) & 0xffff;
            int commentBytes = central.getShort(at + 32) & 0xffff;
            if (central.remaining() < CENTRAL_BYTES + nameBytes + extraBytes + commentBytes) {
                throw malformed("has a central directory that is damaged");
            }
            byte[] entryName = new byte[nameBytes];
            central.get(at + CENTRAL_BYTES, entryName);
            ByteBuffer extra =
                    central.slice(at + CENTRAL_BYTES + nameBytes, extraBytes).order(ByteOrder.LITTLE_ENDIAN);
            long[] large = readExtra(
                    extra,
                    entryName,
                    central.getInt(at + 24) & 0xffffffffL,
                    central.getInt(at + 20) & 0xffffffffL,
                    central.getInt(at + 42) & 0xffffffffL);
            Entry entry = new Entry(
                    entryName,
                    central.getShort(at + 8) & 0xffff,
                    central.getShort(at + 10) & 0xffff,
                    central.getInt(at + 16) & 0xffffffffL,
                    large[1],
                    large[0],
                    large[2]);
            require(entry, names);
            entries.add(entry);
            central.position(at + CENTRAL_BYTES + nameBytes + extraBytes + commentBytes);
        }
        if (entries.size() != count) {
            throw ambiguous("has " + entries.size() + " entries and says that it has " + count);
        }
        return entries;
    }

    private void require(Entry entry, Set<String> names) throws IntakeRefusedException {
        if ((entry.flags & ENCRYPTED) != 0) {
            throw malformed("has an encrypted entry [" + entry.shown() + "]");
        }
        if (entry.method != STORED && entry.method != DEFLATED) {
            throw malformed("has an entry [" + entry.shown() + "] of a compression that no Java has");
        }
        if (entry.method == STORED && entry.bytes != entry.size) {
            throw ambiguous("has an entry [" + entry.shown() + "] of two sizes");
        }
        if (!names.add(new String(entry.name, StandardCharsets.ISO_8859_1))) {
            throw ambiguous("has two entries [" + entry.shown() + "]");
        }
    }

    /**
     * Requires of the extra fields of an entry that they do not give it another name.
     *
     * @param values size, bytes and header, of which those that do not fit stand in an extra field, in this order
     * @return the values
     */
    private long[] readExtra(ByteBuffer extra, byte[] entryName, long... values) throws IntakeRefusedException {
        boolean wanted = false;
        for (long value : values) {
            wanted |= value == IN_EXTRA;
        }
        String shown = "[" + Printable.of(new String(entryName, StandardCharsets.UTF_8)) + "]";
        boolean found = false;
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xffff;
            int bytes = extra.getShort() & 0xffff;
            if (bytes > extra.remaining()) {
                // Some programs fill up with what is none.
                break;
            }
            ByteBuffer field = extra.slice(extra.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
            extra.position(extra.position() + bytes);
            if (id == EXTRA_UNICODE_PATH && !isNameOf(field, entryName)) {
                throw ambiguous("has two names for the entry " + shown);
            }
            if (id == EXTRA_ZIP64 && wanted) {
                if (found) {
                    throw ambiguous("has an entry " + shown + " of two sizes");
                }
                found = true;
                for (int i = 0; i < values.length; i++) {
                    if (values[i] == IN_EXTRA) {
                        values[i] = field.remaining() < 8 ? -1 : field.getLong();
                    }
                }
            }
        }
        for (long value : values) {
            if (value < 0 || wanted && !found) {
                throw malformed("has an entry " + shown + " whose sizes are damaged");
            }
        }
        return values;
    }

    /** Behind a version and a checksum of the name that it is instead of. */
    private static boolean isNameOf(ByteBuffer unicodePath, byte[] entryName) {
        return unicodePath.remaining() >= 5 && unicodePath.position(5).equals(ByteBuffer.wrap(entryName));
    }

    private void requireInPlace(List<Entry> entries, long end) throws IOException, IntakeRefusedException {
        List<Entry> inOrder = new ArrayList<>(entries);
        inOrder.sort(Comparator.comparingLong(Entry::header));
        long at = 0;
        for (int i = 0; i < inOrder.size(); i++) {
            Entry entry = inOrder.get(i);
            long next = i + 1 < inOrder.size() ? inOrder.get(i + 1).header() : end;
            if (entry.header != at) {
                throw ambiguous("has bytes that belong to no entry, before [" + entry.shown() + "]");
            }
            ByteBuffer local = read(at, LOCAL_BYTES);
            int nameBytes = local.getShort(26) & 0xffff;
            int extraBytes = local.getShort(28) & 0xffff;
            long data = at + LOCAL_BYTES + nameBytes + extraBytes;
            if (local.getInt(0) != LOCAL_MAGIC
                    || !read(at + LOCAL_BYTES, nameBytes).equals(ByteBuffer.wrap(entry.name))
                    || (local.getShort(8) & 0xffff) != entry.method
                    || (local.getShort(6) & 0xffff) != entry.flags) {
                throw ambiguous("calls the entry [" + entry.shown() + "] otherwise where it lies");
            }
            long behind = next - data - entry.bytes;
            boolean described = (entry.flags & DESCRIPTOR_FOLLOWS) != 0;
            if (described ? behind != 12 && behind != 16 && behind != 20 && behind != 24 : behind != 0) {
                throw ambiguous("has bytes that belong to no entry, behind [" + entry.shown() + "]");
            }
            requireSizes(entry, local, read(data - extraBytes, extraBytes), described);
            if (described && !isDescribed(entry, read(data + entry.bytes, (int) behind))) {
                throw ambiguous("has an entry [" + entry.shown() + "] of two sizes");
            }
            if (entry.method == DEFLATED && !isOneStream(entry, data)) {
                throw ambiguous("has an entry [" + entry.shown() + "] that ends before its data does");
            }
            at = next;
        }
        if (at != end) {
            throw ambiguous("has bytes that belong to no entry");
        }
    }

    private void requireSizes(Entry entry, ByteBuffer local, ByteBuffer extra, boolean described)
            throws IntakeRefusedException {
        if (described && entry.method == STORED) {
            throw ambiguous("has an entry [" + entry.shown() + "] that is stored before its size");
        }
        long crc = local.getInt(14) & 0xffffffffL;
        long[] sizes = readExtra(extra, entry.name, local.getInt(22) & 0xffffffffL, local.getInt(18) & 0xffffffffL);
        boolean same = crc == entry.crc && sizes[0] == entry.size && sizes[1] == entry.bytes;
        // What a descriptor tells later is nothing here.
        boolean none = crc == 0 && sizes[0] == 0 && sizes[1] == 0;
        if (!same && !(described && none)) {
            throw ambiguous("has an entry [" + entry.shown() + "] of two sizes or checksums");
        }
    }

    /** Whether the data descriptor, with or without its magic number, and with sizes of 4 or 8 bytes, says the same. */
    private static boolean isDescribed(Entry entry, ByteBuffer descriptor) {
        boolean magic = descriptor.remaining() % 8 == 0;
        if (magic && descriptor.getInt() != DESCRIPTOR_MAGIC) {
            return false;
        }
        long crc = descriptor.getInt() & 0xffffffffL;
        boolean large = descriptor.remaining() == 16;
        long bytes = large ? descriptor.getLong() : descriptor.getInt() & 0xffffffffL;
        long size = large ? descriptor.getLong() : descriptor.getInt() & 0xffffffffL;
        return crc == entry.crc && bytes == entry.bytes && size == entry.size;
    }

    /** Whether the compressed data ends where the entry does. */
    private boolean isOneStream(Entry entry, long data) throws IOException {
        Inflater inflater = new Inflater(true);
        byte[] in = new byte[BUFFER_BYTES];
        byte[] out = new byte[BUFFER_BYTES];
        long left = entry.bytes;
        file.seek(data);
        try {
            while (!inflater.finished()) {
                if (inflater.needsInput()) {
                    int n = file.read(in, 0, (int) Math.min(in.length, left));
                    if (n <= 0) {
                        return false;
                    }
                    left -= n;
                    inflater.setInput(in, 0, n);
                }
                inflater.inflate(out);
                if (inflater.needsDictionary() || inflater.getBytesWritten() > entry.size) {
                    return false;
                }
            }
            return inflater.getBytesRead() == entry.bytes && inflater.getBytesWritten() == entry.size;
        } catch (DataFormatException e) {
            return false;
        } finally {
            inflater.end();
        }
    }
}
