// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The lines of several files, one after the other, with a look at those that come next. */
final class LineReader implements Closeable {

    /** What a file sink adds to an event is shorter. */
    static final int ADDED_BYTES = 1024;

    /** No line of an audit log is longer. */
    static final int MAX_LINE_BYTES = 1 << 20;

    /**
     * One line.
     *
     * @param bytes without the line feed
     * @param number within its file, from 1
     * @param ended whether a line feed stands behind it
     * @param link null if it has none
     */
    record Line(
            byte[] bytes,
            Path file,
            long number,
            boolean ended,
            @Nullable ChainLink link) {

        String hash() {
            return ChainLink.hash(bytes, 0, bytes.length);
        }

        /** The value of a field that file sinks add, which stand within the last {@value #ADDED_BYTES} bytes. */
        @Nullable
        String field(String name) {
            int from = Math.max(0, bytes.length - ADDED_BYTES);
            return ChainLink.field(new String(bytes, from, bytes.length - from, StandardCharsets.ISO_8859_1), name);
        }
    }

    private final Iterator<Path> files;
    private final Deque<Line> ahead = new ArrayDeque<>();
    private @Nullable Path file;
    private @Nullable InputStream in;
    private long number;

    /** What was read of the file, from {@link #from} to {@link #to}; holds the longest line, and more. */
    private final byte[] block = new byte[MAX_LINE_BYTES + (256 << 10)];

    private int from;
    private int to;

    LineReader(List<Path> files) {
        this.files = files.iterator();
    }

    /** Null at the end. */
    @Nullable
    Line next() throws IOException {
        return ahead.isEmpty() ? read() : ahead.poll();
    }

    /** The line that is {@code distance} lines behind the one that {@link #next} gives; null if there is none. */
    @Nullable
    Line peek(int distance) throws IOException {
        while (ahead.size() <= distance) {
            Line line = read();
            if (line == null) {
                return null;
            }
            ahead.add(line);
        }
        Iterator<Line> lines = ahead.iterator();
        for (int i = 0; i < distance; i++) {
            lines.next();
        }
        return lines.next();
    }

    private @Nullable Line read() throws IOException {
        while (true) {
            if (in == null || file == null) {
                if (!files.hasNext()) {
                    return null;
                }
                file = files.next();
                in = Files.newInputStream(file);
                number = 0;
                from = 0;
                to = 0;
            }
            Line line = readLine(in, file);
            if (line != null) {
                return line;
            }
            in.close();
            in = null;
        }
    }

    /**
     * The next line of the open file; null at its end. A line longer than {@value #MAX_LINE_BYTES} bytes is cut there;
     * the rest counts as a line of its own, and neither is of the chain.
     */
    private @Nullable Line readLine(InputStream open, Path of) throws IOException {
        int at = from;
        boolean printable = true;
        while (true) {
            // One pass for both: the line feed is the first control character of nearly every line.
            while (at < to && block[at] >= ' ' && block[at] != 0x7f) {
                at++;
            }
            if (at - from > MAX_LINE_BYTES) {
                return line(of, from + MAX_LINE_BYTES + 1, false, printable);
            }
            if (at < to && block[at] == '\n') {
                return line(of, at, true, printable);
            }
            if (at < to) {
                printable = false;
                at++;
                continue;
            }
            int length = at - from;
            if (!fill(open)) {
                return length == 0 ? null : line(of, to, false, printable);
            }
            at = from + length;
        }
    }

    private Line line(Path of, int end, boolean ended, boolean printable) {
        byte[] bytes = Arrays.copyOfRange(block, from, end);
        from = ended ? end + 1 : end;
        return new Line(bytes, of, ++number, ended, printable ? ChainLink.of(bytes) : null);
    }

    /** Reads more behind what is left of the block; false at the end of the file. */
    private boolean fill(InputStream open) throws IOException {
        System.arraycopy(block, from, block, 0, to - from);
        to -= from;
        from = 0;
        int count = open.read(block, to, block.length - to);
        to += Math.max(0, count);
        return count > 0;
    }

    @Override
    public void close() throws IOException {
        if (in != null) {
            in.close();
        }
    }
}
