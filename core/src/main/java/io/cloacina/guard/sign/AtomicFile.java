// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that is there whole or not at all, whenever the process is killed or the machine stops: written into a temporary
 * file in the same directory, to the disk, then renamed. The directory itself is not forced to the disk: should the machine
 * stop right afterwards, the file may be what it was before, but never a part of something.
 */
final class AtomicFile {

    private final Path file;
    private final Path temporary;

    private AtomicFile(Path file, Path temporary) {
        this.file = file;
        this.temporary = temporary;
    }

    /**
     * All but the renaming. Either {@link #commit} or {@link #discard} must follow.
     *
     * @throws IOException if it fails; then nothing is left
     */
    static AtomicFile prepare(Path file, byte[] content) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileAlreadyExistsException(file.toString(), null, "it is a directory");
        }
        Path directory = file.toAbsolutePath().getParent();
        // Not the name of the file with something added: that might be longer than the file system allows.
        Path temporary = directory.resolve(
                ".cloacina-" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp");
        boolean written = false;
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            written = true;
            return new AtomicFile(file, temporary);
        } finally {
            if (!written) {
                Files.deleteIfExists(temporary);
            }
        }
    }

    /** Puts it in its place. If that fails, what was there is still there, and the temporary file is gone. */
    void commit() throws IOException {
        boolean renamed = false;
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            renamed = true;
        } finally {
            if (!renamed) {
                discard();
            }
        }
    }

    void discard() throws IOException {
        Files.deleteIfExists(temporary);
    }
}
