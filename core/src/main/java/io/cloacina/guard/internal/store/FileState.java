// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;

/**
 * An SQLite file at one moment, found without opening it: a process that closes any descriptor of a file loses its own
 * SQLite locks on it (POSIX).
 *
 * @param key what tells this file from another one at the same path
 * @param inUse whether a journal lies beside it: a process has it open, or left it in need of recovery
 */
record FileState(Object key, long size, FileTime modified, boolean inUse) {

    // FAT dates files in steps of two seconds; nothing in use is coarser.
    private static final Duration COARSEST_TICK = Duration.ofSeconds(3);

    /** @throws NoSuchFileException if there is no file */
    static FileState of(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new IOException("[" + file + "] is not a file");
        }
        Object key = attributes.fileKey() == null ? attributes.creationTime() : attributes.fileKey();
        boolean inUse = Files.exists(beside(file, "-wal")) || Files.exists(beside(file, "-journal"));
        return new FileState(key, attributes.size(), attributes.lastModifiedTime(), inUse);
    }

    /** Whether any change from {@code now} on will show in the time of the last one, however coarse that is. */
    boolean isSettled(Instant now) {
        return isSettled(modified, now);
    }

    static boolean isSettled(FileTime modified, Instant now) {
        return modified.toInstant().isBefore(now.minus(COARSEST_TICK));
    }

    // Not equals: a record's own is made at run time, which the first question of a JVM would wait for.
    boolean isSameAs(FileState other) {
        return key.equals(other.key) && size == other.size && modified.equals(other.modified) && inUse == other.inUse;
    }

    static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
