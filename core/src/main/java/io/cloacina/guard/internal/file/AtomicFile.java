// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file that is there whole or not at all, whenever the process is killed or the machine stops: written into a temporary
 * file in the same directory, to the disk, then renamed. The directory itself is not forced to the disk: should the machine
 * stop right afterwards, the file may be what it was before, but never a part of something.
 */
public final class AtomicFile {

    private static final String PREFIX = ".cloacina-";
    private static final String SUFFIX = ".tmp";
    private static final Pattern NAME = Pattern.compile("\\.cloacina-([0-9]{1,18})-[0-9a-f]{1,16}\\.tmp");

    /** Names of temporary files that this process is writing now. */
    private static final Set<String> WRITING = ConcurrentHashMap.newKeySet();

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
    public static AtomicFile prepare(Path file, byte[] content) throws IOException {
        if (Files.isDirectory(file)) {
            throw new FileAlreadyExistsException(file.toString(), null, "it is a directory");
        }
        Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file is in a directory");
        // Not the name of the file with something added: that might be longer than the file system allows.
        String name = PREFIX + ProcessHandle.current().pid() + "-"
                + Long.toHexString(ThreadLocalRandom.current().nextLong()) + SUFFIX;
        Path temporary = directory.resolve(name);
        boolean written = false;
        WRITING.add(name);
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
                WRITING.remove(name);
                Files.deleteIfExists(temporary);
            }
        }
    }

    /** Puts it in its place. If that fails, what was there is still there, and the temporary file is gone. */
    public void commit() throws IOException {
        boolean renamed = false;
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            WRITING.remove(temporary.getFileName().toString());
            renamed = true;
        } finally {
            if (!renamed) {
                discard();
            }
        }
    }

    public void discard() throws IOException {
        WRITING.remove(temporary.getFileName().toString());
        Files.deleteIfExists(temporary);
    }

    /**
     * Removes temporary files of processes that were killed: their names tell the process. One whose id is that of a
     * living process stays. Fails at nothing: what cannot be removed does no harm.
     *
     * @param cleaned directories in which this was done; gets this one
     */
    public static void removeLeftovers(@Nullable Path directory, Set<Path> cleaned) {
        if (!cleaned.add(directory)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, PREFIX + "*" + SUFFIX)) {
            for (Path file : files) {
                if (isLeftOver(file.getFileName().toString())) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // A directory that may be written to but not be listed is one to sign in, too.
            cleaned.add(directory);
        }
    }

    private static boolean isLeftOver(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches() || WRITING.contains(name)) {
            return false;
        }
        long pid = Long.parseLong(matcher.group(1));
        return pid == ProcessHandle.current().pid()
                || ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty();
    }
}
