package io.cloacina.guard.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
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

/** The lines of several files, one after the other, with a look at those that come next. */
final class LineReader implements Closeable {

    /** No line of a record is longer. */
    static final int MAX_LINE_BYTES = 1 << 20;

    /**
     * One line.
     *
     * @param bytes without the line feed
     * @param number within its file, from 1
     * @param ended whether a line feed stands behind it
     * @param link null if it has none
     */
    record Line(byte[] bytes, Path file, long number, boolean ended, Link link) {

        String hash() {
            return Link.hash(bytes);
        }

        String field(String name) {
            return Link.field(new String(bytes, StandardCharsets.ISO_8859_1), name);
        }
    }

    private final Iterator<Path> files;
    private final Deque<Line> ahead = new ArrayDeque<>();
    private Path file;
    private InputStream in;
    private long number;

    LineReader(List<Path> files) {
        this.files = files.iterator();
    }

    /** Null at the end. */
    Line next() throws IOException {
        return ahead.isEmpty() ? read() : ahead.poll();
    }

    /** The line that is {@code distance} lines behind the one that {@link #next} gives; null if there is none. */
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

    private Line read() throws IOException {
        while (true) {
            if (in == null) {
                if (!files.hasNext()) {
                    return null;
                }
                file = files.next();
                in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
                number = 0;
            }
            ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
            int b = in.read();
            while (b >= 0 && b != '\n' && line.size() < MAX_LINE_BYTES) {
                line.write(b);
                b = in.read();
            }
            if (b >= 0 || line.size() > 0) {
                byte[] bytes = line.toByteArray();
                if (b >= 0 && b != '\n') {
                    // Longer than any: the rest counts as a line of its own, and neither is of the chain.
                    bytes = Arrays.copyOf(bytes, bytes.length + 1);
                    bytes[bytes.length - 1] = (byte) b;
                }
                return new Line(bytes, file, ++number, b == '\n', isPrintable(bytes) ? Link.of(bytes) : null);
            }
            in.close();
            in = null;
        }
    }

    private static boolean isPrintable(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0x20 || b == 0x7f) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        if (in != null) {
            in.close();
        }
    }
}
