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

/** Files that are there whole or not at all, whenever the process is killed or the machine stops. */
final class AtomicFile {

    private AtomicFile() {}

    /**
     * Writes a file or puts it in the place of another: into a temporary file in the same folder, to the disk, then
     * renamed. If it fails, what was there is still there. The folder itself is not forced to the disk: should the machine
     * stop right afterwards, the file may be what it was before, but never a part of something.
     */
    static void write(Path file, byte[] content) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileAlreadyExistsException(file.toString(), null, "it is a folder");
        }
        Path folder = file.toAbsolutePath().getParent();
        // Not the name of the file with something added: that might be longer than the file system allows.
        Path temporary = folder.resolve(
                ".cloacina-" + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp");
        boolean renamed = false;
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            renamed = true;
        } finally {
            if (!renamed) {
                Files.deleteIfExists(temporary);
            }
        }
    }
}
