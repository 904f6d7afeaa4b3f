// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Private copies of archives that this JVM has opened, to compare with. A copy goes with the last class loader that has a
 * class from it. Safe for use by many threads.
 */
final class ArchiveCopies {

    /** How many copies wait for what else of the same archive is loaded: hosts unpack many files of one. */
    private static final int MOST_IDLE = 4;

    private final Environment environment;
    private final SnapshotStore snapshots;
    private final Deque<OpenedArchive.Copy> idle = new ArrayDeque<>();

    ArchiveCopies(Environment environment, SnapshotStore snapshots) {
        this.environment = environment;
        this.snapshots = snapshots;
    }

    /**
     * A private copy of the archive as it is now. Is held until it is given to {@link #release}.
     *
     * @return null if it cannot be read
     */
    OpenedArchive.@Nullable Copy hold(OpenedArchive one) {
        synchronized (one) {
            String state = SnapshotStore.stateOf(Path.of(one.path));
            OpenedArchive.Copy known = one.copy;
            if (known != null && known.state.equals(state) && isTaken(known)) {
                return known;
            }
            if (known != null) {
                replaced(known);
                one.copy = null;
            }
            OpenedArchive.Copy fresh = state == null ? null : copy(one.path, state);
            one.copy = fresh;
            return fresh;
        }
    }

    private OpenedArchive.@Nullable Copy copy(String path, String state) {
        Path original = Path.of(path);
        long limit = environment.maxPackageSizeBytes() == 0 ? Long.MAX_VALUE : environment.maxPackageSizeBytes();
        Path copy = snapshots.newCopy(
                original.getFileName().toString(), SnapshotStore.sizeOf(SnapshotStore.attributesOf(original)));
        boolean done = false;
        try {
            PackageHash hash = PackageSnapshot.copy(original, copy, limit);
            OpenedArchive.Copy made = new OpenedArchive.Copy(path, state, copy, hash, new PackageContents(copy));
            made.holds = 1;
            done = true;
            return made;
        } catch (UnreadablePackageException | IOException e) {
            // It covers nothing.
            return null;
        } finally {
            if (!done) {
                snapshots.delete(copy);
            }
            snapshots.copied(copy);
        }
    }

    private boolean isTaken(OpenedArchive.Copy copy) {
        synchronized (idle) {
            if (copy.replaced) {
                return false;
            }
            idle.remove(copy);
            copy.holds++;
            return true;
        }
    }

    private void replaced(OpenedArchive.Copy copy) {
        boolean last;
        synchronized (idle) {
            last = !copy.replaced && copy.holds == 0;
            copy.replaced = true;
            idle.remove(copy);
        }
        if (last) {
            dispose(copy);
        }
    }

    /** Gives up one hold. */
    void release(OpenedArchive.Copy copy) {
        OpenedArchive.Copy last = null;
        synchronized (idle) {
            copy.holds--;
            if (copy.holds == 0 && copy.replaced) {
                last = copy;
            } else if (copy.holds == 0) {
                idle.addLast(copy);
                if (idle.size() > MOST_IDLE) {
                    last = idle.pollFirst();
                    last.replaced = true;
                }
            }
        }
        if (last != null) {
            dispose(last);
        }
    }

    void releaseAll(Map<String, OpenedArchive.Copy> copies) {
        for (OpenedArchive.Copy copy : copies.values()) {
            release(copy);
        }
    }

    private void dispose(OpenedArchive.Copy copy) {
        try {
            copy.contents.close();
        } catch (IOException e) {
            throw new IllegalStateException("a private copy cannot be closed", e);
        } finally {
            snapshots.delete(copy.file);
        }
    }
}
