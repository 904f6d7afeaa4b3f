// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.text.JsonLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file whose lines form a chain (see {@link ChainLink}), also when several processes append to it, and across
 * rotation.
 *
 * <p>For every line: take the lock, see whether the path still is the file that is open, see what others have appended,
 * rotate if it is time, append, release (see {@link ChainLock}). What the operating system has taken counts as
 * written; nothing is forced to the disk.
 *
 * <p>To each event the file adds the link, and before it in the first line of a process {@code process_started_at} and
 * {@code process_configuration}.
 *
 * <p>What may be found at the end of the file, and what becomes of it:
 *
 * <ul>
 *   <li>a line without a line feed, because a process was killed while it wrote: it stays as it is and is ended with a
 *       line feed; the next line goes on behind the last whole one and carries the torn line's hash as
 *       {@code torn_line};
 *   <li>lines from before there was a chain: the first line of the chain has sequence 1 and the last one's hash;
 *   <li>less than this process knows to have been there (the file was cut, emptied, removed or replaced): the chain
 *       goes on from what this process wrote last, so that what is missing shows.
 * </ul>
 *
 * <p>Rotation renames the file to {@code NAME.SEQUENCE}, the sequence of its last line with 12 digits, and then removes
 * the oldest of these if there are more than are to be kept; the first line of the new file says so before that, as
 * {@code kept_from_sequence}.
 *
 * <p>A new file has mode 0600, or the mode of the file that was rotated.
 */
final class ChainedFile implements AuditSink {

    private static final int[] LOOKS_BYTES = {8 << 10, 128 << 10, 1 << 20};

    private static final int TIMESTAMP_AT = "{\"timestamp\":\"".length();
    private static final int TIMESTAMP_LENGTH = "2026-01-28T12:00:00.123456Z".length();

    private final String name;
    private final Path file;
    private final CurrentFile current;
    private final AuditSettings settings;
    private final @Nullable Object configurationDigest;
    private final long waitNanos;
    private final ChainLock lock;
    private final Rotation rotation;

    private boolean introduced;
    private boolean unfinished;

    /** The file's size after our last line; -1 if nothing is known of its content. */
    private long knownSize = -1;

    private @Nullable Instant begun;
    private byte @Nullable [] torn;
    private long keptFrom;

    /** The last line of the chain, as far as this process knows. */
    private long sequence;

    private String hash = ChainLink.NOTHING;

    private ChainedFile(String name, Path file, AuditSettings settings, @Nullable Object configurationDigest) {
        this.name = name;
        this.file = file.toAbsolutePath();
        this.current = new CurrentFile(this.file);
        this.settings = settings;
        this.configurationDigest = configurationDigest;
        this.waitNanos = settings.sinkTimeoutNanos();
        this.lock = new ChainLock(this.file);
        this.rotation = new Rotation(this.file);
    }

    /** @throws IOException if the file cannot be opened for appending, or made */
    static ChainedFile open(String name, Path file, AuditSettings settings, @Nullable Object configurationDigest)
            throws IOException {
        ChainedFile sink = new ChainedFile(name, file, settings, configurationDigest);
        sink.openFile(null);
        return sink;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void write(EncodedEvent event) throws IOException {
        if (unfinished) {
            // The thread was stopped at any point of this: it may have the lock, and what it knew may be half changed.
            lock.abandon();
            closeFile();
        }
        unfinished = true;
        try {
            writeLocked(event);
        } catch (IOException e) {
            // An interrupt closes the channel that the thread is in. Then the file is opened anew.
            unfinished = e instanceof ClosedChannelException;
            throw e;
        }
        unfinished = false;
    }

    private void writeLocked(EncodedEvent event) throws IOException {
        lockCurrent(null);
        try {
            readEnd();
            if (isFull(event)) {
                Set<PosixFilePermission> mode = rotate();
                lock.release();
                closeFile();
                lockCurrent(mode);
                readEnd();
            }
            append(event);
            removeOldest();
        } finally {
            lock.release();
        }
    }

    /** Locks what the path is now. */
    private void lockCurrent(@Nullable Set<PosixFilePermission> mode) throws IOException {
        long deadline = System.nanoTime() + waitNanos;
        for (int i = 0; i < CurrentFile.MOST_OPENINGS; i++) {
            if (!current.isOpen()) {
                openFile(mode);
            }
            lock.acquire(current.out(), deadline);
            boolean locked = false;
            try {
                locked = current.isCurrent();
            } finally {
                if (!locked) {
                    lock.release();
                }
            }
            if (locked) {
                return;
            }
            closeFile();
        }
        throw current.replacedTooFast();
    }

    private void openFile(@Nullable Set<PosixFilePermission> mode) throws IOException {
        current.open(mode);
        knownSize = -1;
    }

    private void closeFile() throws IOException {
        knownSize = -1;
        begun = null;
        current.close();
    }

    /** Finds the end of the chain, unless no other process has written since this one did. */
    private void readEnd() throws IOException {
        long size = current.out().size();
        if (size == knownSize) {
            return;
        }
        torn = null;
        if (size == 0) {
            begun = null;
            List<Path> rotated = rotation.files();
            if (!rotated.isEmpty()) {
                try (FileChannel before = FileChannel.open(rotated.get(rotated.size() - 1), StandardOpenOption.READ)) {
                    goOnBehind(before);
                }
            }
        } else {
            if (settings.fileAge() != null && begun == null) {
                begun = begun();
            }
            goOnBehind(current.in());
        }
        knownSize = size;
    }

    private void goOnBehind(FileChannel channel) throws IOException {
        long size = channel.size();
        for (int look : LOOKS_BYTES) {
            if (goOnBehind(channel, size, look)) {
                return;
            }
        }
        throw new IOException("[" + file + "] does not end like an audit log: the last MiB has no line");
    }

    /** False if a longer look is needed. */
    private boolean goOnBehind(FileChannel channel, long size, int look) throws IOException {
        byte[] block = read(channel, Math.max(0, size - look), (int) Math.min(size, look));
        boolean whole = size <= look;
        int end = block.length;
        while (end > 0 && block[end - 1] != '\n') {
            end--;
        }
        byte[] lastLine = null;
        ChainLink link = null;
        for (int lineEnd = end; lineEnd > 0 && link == null; ) {
            byte[] line = ChainLink.lastLine(block, lineEnd);
            lineEnd -= line.length + 1;
            if (lineEnd > 0 || whole) {
                lastLine = lastLine == null ? line : lastLine;
                link = ChainLink.of(line);
                if (link != null && link.sequence() >= sequence) {
                    sequence = link.sequence();
                    hash = ChainLink.hash(line);
                }
            }
        }
        boolean longest = look == LOOKS_BYTES[LOOKS_BYTES.length - 1];
        if (link == null && !whole && !(longest && lastLine != null)) {
            return false;
        }
        if (link == null && sequence == 0 && lastLine != null) {
            // From before the chain.
            hash = ChainLink.hash(lastLine);
        }
        torn = end == block.length ? null : Arrays.copyOfRange(block, end, block.length);
        return true;
    }

    private static byte[] read(FileChannel channel, long from, int count) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(count);
        int n = 0;
        while (block.hasRemaining() && n >= 0) {
            n = channel.read(block, from + block.position());
        }
        return block.hasRemaining() ? Arrays.copyOf(block.array(), block.position()) : block.array();
    }

    /** When the first event of the file was recorded; null if it does not tell. */
    private @Nullable Instant begun() throws IOException {
        byte[] head = read(current.in(), 0, TIMESTAMP_AT + TIMESTAMP_LENGTH);
        if (head.length < TIMESTAMP_AT + TIMESTAMP_LENGTH) {
            return null;
        }
        try {
            return Instant.parse(new String(head, TIMESTAMP_AT, TIMESTAMP_LENGTH, StandardCharsets.US_ASCII));
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private void append(EncodedEvent event) throws IOException {
        long next = sequence + 1;
        byte[] line = line(event, next);
        int from = torn == null ? 0 : 1;
        byte[] bytes = new byte[from + line.length + 1];
        bytes[0] = '\n';
        System.arraycopy(line, 0, bytes, from, line.length);
        bytes[bytes.length - 1] = '\n';
        long size = knownSize;
        // Nothing is known until all is known: without that, the end of the file is read again.
        knownSize = -1;
        boolean done = false;
        try {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                current.out().write(rest);
            }
            done = true;
        } finally {
            if (!done) {
                takeBack(size);
            }
        }
        if (begun == null) {
            begun = event.time();
        }
        introduced = true;
        torn = null;
        sequence = next;
        hash = ChainLink.hash(line);
        knownSize = size + bytes.length;
    }

    /** Removes the part of a line for whose rest the disk had no space, or leaves it to be found as a torn line. */
    private void takeBack(long size) {
        try {
            current.out().truncate(size);
            knownSize = size;
        } catch (IOException e) {
            return;
        }
    }

    private byte[] line(EncodedEvent event, long next) {
        StringBuilder added = new StringBuilder(512);
        if (!introduced) {
            added.append(fields(new JsonLine()
                    .with(ChainLink.PROCESS_STARTED_AT, ThisProcess.startedAt())
                    .with("process_configuration", configurationDigest)));
        }
        if (torn != null) {
            added.append(fields(new JsonLine().with(ChainLink.TORN_LINE, ChainLink.hash(torn))));
        }
        if (keptFrom > 0) {
            added.append(fields(new JsonLine().with(ChainLink.KEPT_FROM, keptFrom)));
        }
        new ChainLink(next, hash).appendTo(added);
        byte[] end = added.toString().getBytes(StandardCharsets.US_ASCII);
        int start = event.line().length - "}\n".length();
        byte[] line = Arrays.copyOf(event.line(), start + end.length);
        System.arraycopy(end, 0, line, start, end.length);
        return line;
    }

    /** The fields of an object as they stand behind others. */
    private static String fields(JsonLine object) {
        String text = object.toString();
        return "," + text.substring(1, text.length() - 1);
    }

    private boolean isFull(EncodedEvent event) {
        // A torn line is reported in the same file.
        if (knownSize == 0 || torn != null) {
            return false;
        }
        boolean large = settings.fileSizeBytes() > 0
                && knownSize + event.line().length + LineReader.ADDED_BYTES > settings.fileSizeBytes();
        boolean old =
                settings.fileAge() != null && begun != null && !event.time().isBefore(begun.plus(settings.fileAge()));
        return large || old;
    }

    /** @return the mode of the file; null where the file system knows none */
    private @Nullable Set<PosixFilePermission> rotate() throws IOException {
        Set<PosixFilePermission> mode = current.mode();
        rotation.rename(sequence);
        keptFrom = rotation.keptFrom(settings.files());
        return mode;
    }

    /** Once it is written that they go. */
    private void removeOldest() throws IOException {
        if (keptFrom == 0) {
            return;
        }
        rotation.removeBefore(keptFrom);
        keptFrom = 0;
    }

    @Override
    public void close() throws IOException {
        closeFile();
    }
}
