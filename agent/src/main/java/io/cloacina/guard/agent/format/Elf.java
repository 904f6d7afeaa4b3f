// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.format;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a native library asks the linker of Linux for (System V ABI, chapters 4 and 5): the names of the libraries it
 * needs, and where to look for them.
 *
 * @param needed {@code DT_NEEDED}, such as {@code libm.so.6}
 * @param runPath {@code DT_RUNPATH} and {@code DT_RPATH}, split at colons
 */
public record Elf(List<String> needed, List<String> runPath) {

    private static final Elf NOTHING = new Elf(List.of(), List.of());

    private static final int PT_LOAD = 1;
    private static final int PT_DYNAMIC = 2;
    private static final int DT_NEEDED = 1;
    private static final int DT_STRTAB = 5;
    private static final int DT_RPATH = 15;
    private static final int DT_RUNPATH = 29;
    private static final int MAX_DYNAMIC_SIZE_BYTES = 1 << 20;
    private static final int MAX_NAME_SIZE_BYTES = 4096;

    /** Far more than any library has. Names may overlap in the file, so that few bytes can hold many long ones. */
    static final int MAX_NAMES = 1024;

    private static final int HEADER_SIZE_BYTES = 52;
    private static final int WIDE_HEADER_SIZE_BYTES = 64;
    private static final int PROGRAM_HEADER_SIZE_BYTES = 32;
    private static final int WIDE_PROGRAM_HEADER_SIZE_BYTES = 56;

    /** A program header: {@code file} bytes of the file at {@code offset} are seen at {@code address}. */
    private record Segment(int type, long offset, long address, long file) {}

    /**
     * Nothing if the file is no ELF file, or one with no dynamic section.
     *
     * @throws IOException if it cannot be read, or begins like an ELF file and is broken
     */
    public static Elf read(Path library) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(library.toFile(), "r")) {
            ByteBuffer ident = bytes(in, 0, (int) Math.min(WIDE_HEADER_SIZE_BYTES, in.length()));
            if (ident.remaining() < HEADER_SIZE_BYTES || ident.getInt(0) != 0x7f454c46) {
                return NOTHING;
            }
            return new Reader(in, ident).read();
        }
    }

    private static ByteBuffer bytes(RandomAccessFile in, long offset, int size) throws IOException {
        if (offset < 0 || size < 0 || offset > in.length() - size) {
            throw new EOFException("the file ends before what its headers speak of");
        }
        byte[] bytes = new byte[size];
        in.seek(offset);
        in.readFully(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private static final class Reader {
        private final RandomAccessFile in;
        private final ByteBuffer header;
        private final boolean wide;
        private final List<Segment> segments = new ArrayList<>();

        Reader(RandomAccessFile in, ByteBuffer header) {
            this.in = in;
            this.wide = header.get(4) == 2;
            this.header = header.order(order(header));
        }

        private static ByteOrder order(ByteBuffer header) {
            return header.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        }

        private long word(ByteBuffer from, int at) {
            return wide ? from.getLong(at) : from.getInt(at) & 0xffffffffL;
        }

        Elf read() throws IOException {
            if (wide && header.remaining() < WIDE_HEADER_SIZE_BYTES) {
                throw new EOFException("the file ends within its header");
            }
            long table = word(header, wide ? 32 : 28);
            int size = header.getShort(wide ? 54 : 42) & 0xffff;
            int count = header.getShort(wide ? 56 : 44) & 0xffff;
            if (count > 0 && size < (wide ? WIDE_PROGRAM_HEADER_SIZE_BYTES : PROGRAM_HEADER_SIZE_BYTES)) {
                throw new IOException("a program header has [" + size + "] bytes");
            }
            for (int i = 0; i < count; i++) {
                ByteBuffer one = bytes(in, table + (long) i * size, size).order(header.order());
                segments.add(new Segment(
                        one.getInt(0), word(one, wide ? 8 : 4), word(one, wide ? 16 : 8), word(one, wide ? 32 : 16)));
            }
            for (Segment segment : segments) {
                if (segment.type() == PT_DYNAMIC) {
                    return readDynamic(segment);
                }
            }
            return NOTHING;
        }

        private Elf readDynamic(Segment dynamic) throws IOException {
            if (dynamic.file() < 0 || dynamic.file() > MAX_DYNAMIC_SIZE_BYTES) {
                throw new IOException("the dynamic section has [" + dynamic.file() + "] bytes");
            }
            ByteBuffer table = bytes(in, dynamic.offset(), (int) dynamic.file()).order(header.order());
            int step = wide ? 16 : 8;
            int stringsAt = -1;
            List<Integer> names = new ArrayList<>();
            for (int at = 0; at + step <= table.limit() && word(table, at) != 0; at += step) {
                long tag = word(table, at);
                if (tag == DT_STRTAB) {
                    stringsAt = at;
                } else if (tag == DT_NEEDED || tag == DT_RPATH || tag == DT_RUNPATH) {
                    names.add(at);
                }
            }
            if (names.isEmpty()) {
                return NOTHING;
            }
            if (stringsAt < 0) {
                throw new IOException("there is no string table");
            }
            if (names.size() > MAX_NAMES) {
                throw new IOException("it names [" + names.size() + "] libraries and paths");
            }
            long strings = fileOffset(word(table, stringsAt + step / 2));
            List<String> needed = new ArrayList<>();
            List<String> runPath = new ArrayList<>();
            for (int at : names) {
                String text = string(strings + word(table, at + step / 2));
                if (word(table, at) == DT_NEEDED) {
                    needed.add(text);
                } else {
                    runPath.addAll(List.of(text.split(":")));
                }
            }
            return new Elf(needed, runPath);
        }

        private long fileOffset(long address) throws IOException {
            for (Segment segment : segments) {
                if (segment.type() == PT_LOAD
                        && address >= segment.address()
                        && address < segment.address() + segment.file()) {
                    return segment.offset() + address - segment.address();
                }
            }
            throw new IOException("the string table lies outside of the file");
        }

        private String string(long offset) throws IOException {
            int size = (int) Math.min(MAX_NAME_SIZE_BYTES, in.length() - offset);
            byte[] bytes = bytes(in, offset, size).array();
            int end = 0;
            while (end < bytes.length && bytes[end] != 0) {
                end++;
            }
            return new String(bytes, 0, end, StandardCharsets.UTF_8);
        }
    }
}
