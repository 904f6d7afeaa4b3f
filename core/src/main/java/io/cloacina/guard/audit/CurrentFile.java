// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file that is at a path, open for appending and for reading, although other processes may rename, remove and replace
 * it at any time. Not safe for use by several threads.
 */
final class CurrentFile {

    /** How often a file is opened that another process replaces meanwhile. */
    static final int MOST_OPENINGS = 1000;

    private final Path path;
    private @Nullable FileChannel out;
    private @Nullable FileChannel in;
    private @Nullable Object key;

    CurrentFile(Path path) {
        this.path = path;
    }

    boolean isOpen() {
        return out != null;
    }

    FileChannel out() {
        return Objects.requireNonNull(out, "it is open");
    }

    FileChannel in() {
        return Objects.requireNonNull(in, "it is open");
    }

    /** Whether what is open still is what is at the path. */
    boolean isCurrent() throws IOException {
        return key != null && key.equals(keyOf(path));
    }

    /**
     * Opens what is at the path, or makes a file there.
     *
     * @param mode of a file that is made; null for 0600
     * @throws IOException if it cannot be opened or made
     */
    void open(@Nullable Set<PosixFilePermission> mode) throws IOException {
        for (int i = 0; i < MOST_OPENINGS; i++) {
            Object before = keyOf(path);
            if (before == null) {
                make(mode);
                before = keyOf(path);
            }
            try {
                out = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
                in = FileChannel.open(path, StandardOpenOption.READ);
                if (before != null && before.equals(keyOf(path))) {
                    key = before;
                    return;
                }
            } catch (NoSuchFileException e) {
                // Renamed by another process in between; the next attempt makes a new one, or reports that the
                // directory is gone.
            } finally {
                if (key == null) {
                    close();
                }
            }
        }
        throw replacedTooFast();
    }

    IOException replacedTooFast() {
        return new IOException("[" + path + "] is replaced faster than it can be opened");
    }

    private void make(@Nullable Set<PosixFilePermission> mode) throws IOException {
        try {
            if (hasModes()) {
                Set<PosixFilePermission> own = PosixFilePermissions.fromString("rw-------");
                Files.createFile(path, PosixFilePermissions.asFileAttribute(own));
                if (mode != null) {
                    Files.setPosixFilePermissions(path, mode);
                }
            } else {
                Files.createFile(path);
            }
        } catch (FileAlreadyExistsException e) {
            // Another process made it in between, with the mode that it wants.
            return;
        } catch (NoSuchFileException e) {
            throw new IOException("the directory of [" + path + "] is not there", e);
        }
    }

    private boolean hasModes() {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Null where the file system knows none. */
    @Nullable
    Set<PosixFilePermission> mode() throws IOException {
        return hasModes() ? Files.getPosixFilePermissions(path) : null;
    }

    /** Distinguishes files at the same path; null if there is none. */
    private static @Nullable Object keyOf(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.fileKey() == null ? attributes.creationTime() : attributes.fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    void close() throws IOException {
        FileChannel writing = out;
        FileChannel reading = in;
        out = null;
        in = null;
        key = null;
        try {
            if (writing != null) {
                writing.close();
            }
        } finally {
            if (reading != null) {
                reading.close();
            }
        }
    }
}
