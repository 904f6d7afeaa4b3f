// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The file of a private copy. It is a new one, which no other process can have opened before, and no process can open
 * it for writing once it is there: what was verified must not change through a file name that another process is made
 * to write to. Long runs of zeros become holes, so that a file of holes takes no more space than its original.
 */
final class CopyFile implements AutoCloseable {

    /** Smaller ones are written as they are: to open a file twice costs more than the space of a few blocks. */
    private static final long SMALL_BYTES = 256 * 1024;

    /** What a decoder puts for bytes that are no characters: such a name can only be used as a {@link Path}. */
    private static final char REPLACEMENT = '\uFFFD';

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> FILE = EnumSet.of(PosixFilePermission.OWNER_READ);
    private static final Set<PosixFilePermission> DIRECTORY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_EXECUTE);

    private final @Nullable OutputStream stream;
    private final @Nullable RandomAccessFile file;
    private long position;

    private CopyFile(@Nullable OutputStream stream, @Nullable RandomAccessFile file) {
        this.stream = stream;
        this.file = file;
    }

    /** @param sizeBytes what is going to be written, at most */
    static CopyFile create(Path path, long sizeBytes) throws IOException {
        CopyFile made;
        if (sizeBytes <= SMALL_BYTES || !isExpressible(path)) {
            // Not closed under the hands of an interrupted thread, other than a channel that is opened as one.
            made = new CopyFile(
                    Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), null);
        } else {
            Files.createFile(path);
            made = new CopyFile(null, new RandomAccessFile(path.toFile(), "rw"));
        }
        try {
            protect(path, FILE);
            return made;
        } catch (IOException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    /** Whether the name survives as a string. */
    static boolean isExpressible(Path path) {
        return path.toString().indexOf(REPLACEMENT) < 0;
    }

    /** A directory whose files are all there: from now on nothing can be added, replaced or removed. */
    static void protectDirectory(Path directory) throws IOException {
        protect(directory, DIRECTORY);
    }

    private static void protect(Path path, Set<PosixFilePermission> permissions) throws IOException {
        if (POSIX) {
            Files.setPosixFilePermissions(path, permissions);
        }
    }

    void write(byte[] buffer, int length) throws IOException {
        if (stream != null) {
            stream.write(buffer, 0, length);
        } else if (file != null) {
            if (!isZero(buffer, length)) {
                file.seek(position);
                file.write(buffer, 0, length);
            }
            position += length;
        }
    }

    private static boolean isZero(byte[] buffer, int length) {
        for (int i = 0; i < length; i++) {
            if (buffer[i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** To be called once, when all is written. */
    void finish() throws IOException {
        if (file != null && file.length() < position) {
            file.setLength(position);
        }
    }

    @Override
    public void close() throws IOException {
        if (stream != null) {
            stream.close();
        } else if (file != null) {
            file.close();
        }
    }
}
