// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where small copies lie if no directory was configured: a directory of this JVM's on the system's file system in memory,
 * where a new file costs a hundredth of what it may cost on a disk. No more than {@value #MOST_BYTES} bytes of it, nor a
 * quarter of what was free there, by the size that files had when they were looked at: memory that a container may be billed
 * for is not used up by the guard. It need not allow execution, as archives are only read.
 *
 * <p>Made with the first copy that fits, because most JVMs load none.
 */
final class MemoryCopies {

    /** The largest file that is copied there. */
    static final long LARGEST_BYTES = 1 << 20;

    /** How much all copies may take. */
    static final long MOST_BYTES = 64 << 20;

    /** A file system with less space is left to others. */
    private static final long LEAST_FREE_BYTES = 16 << 20;

    private static final int PART_OF_FREE = 4;

    private final @Nullable Path place;

    // Guarded by the lock of this.
    private final Map<Path, Long> sizes = new HashMap<>();
    private long usedBytes;
    private long mostBytes;
    private boolean tried;
    private boolean closed;

    private volatile @Nullable SnapshotDirectory directory;

    /** @param place where the directory is made; null for none */
    MemoryCopies(@Nullable Path place) {
        this.place = place;
    }

    /** The directory for a copy of that size; null if it must not lie in memory. The caller then tells its {@link #took}. */
    synchronized @Nullable SnapshotDirectory forSize(long sizeBytes) {
        if (place == null || closed || sizeBytes < 0 || sizeBytes > LARGEST_BYTES) {
            return null;
        }
        if (!tried) {
            tried = true;
            directory = make(place);
        }
        // What was granted to copies that are still being written may not be taken from what is free yet.
        return usedBytes + sizeBytes <= mostBytes
                        && place.toFile().getUsableSpace() > LEAST_FREE_BYTES + usedBytes + sizeBytes
                ? directory
                : null;
    }

    private @Nullable SnapshotDirectory make(Path parent) {
        long freeBytes = parent.toFile().getUsableSpace();
        if (freeBytes < LEAST_FREE_BYTES) {
            return null;
        }
        try {
            SnapshotDirectory made = SnapshotDirectory.create(parent);
            made.claim();
            // The start of this one is over.
            made.made();
            mostBytes = Math.min(MOST_BYTES, freeBytes / PART_OF_FREE);
            return made;
        } catch (IOException | RuntimeException e) {
            // Copies then lie where they would lie without it.
            return null;
        }
    }

    synchronized void took(Path copy, long sizeBytes) {
        sizes.put(copy, sizeBytes);
        usedBytes += sizeBytes;
    }

    synchronized void removed(Path copy) {
        Long sizeBytes = sizes.remove(copy);
        if (sizeBytes != null) {
            usedBytes -= sizeBytes;
        }
    }

    /** The directory, if {@code file} lies in it; looks at nothing but the name. */
    @Nullable
    SnapshotDirectory directoryOf(String file) {
        SnapshotDirectory made = directory;
        return made != null && made.isAbove(file) ? made : null;
    }

    void close() throws IOException {
        SnapshotDirectory made;
        synchronized (this) {
            closed = true;
            made = directory;
        }
        if (made != null) {
            made.close();
        }
    }
}
