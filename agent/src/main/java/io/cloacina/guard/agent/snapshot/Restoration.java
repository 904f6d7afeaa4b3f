// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.internal.decision.Guard;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.TreeSnapshot;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes copies again of which a cleaner of temporary files has removed something: from the original, or from an archive
 * that is still open on the copy. What is made must have the hash that was verified. A copy that cannot be made again
 * is recorded.
 */
final class Restoration {

    private final Clock clock = Clock.systemUTC();
    private final SnapshotStore snapshots;
    // When the copy was complete, as file times count (milliseconds).
    private final ConcurrentHashMap<Snapshot, Long> complete = new ConcurrentHashMap<>();
    // Copies that could not be made again, with the state that their original was in.
    private final ConcurrentHashMap<Snapshot, String> lost = new ConcurrentHashMap<>();
    private volatile @Nullable Guard guard;

    Restoration(SnapshotStore snapshots) {
        this.snapshots = snapshots;
    }

    void reportTo(Guard reported) {
        guard = reported;
    }

    /** All of {@code snapshot} is there. */
    void completed(Snapshot snapshot) {
        complete.put(snapshot, Math.max(clock.millis(), snapshot.file().lastModified()));
    }

    void forget(Snapshot snapshot) {
        complete.remove(snapshot);
        lost.remove(snapshot);
    }

    /**
     * Nothing called {@code name} was found in the copy of a directory.
     *
     * @return true if it is there now
     */
    boolean restored(Snapshot snapshot, String name) {
        File wanted = new File(snapshot.file(), name);
        if (wanted.exists() || lastChange(snapshot, wanted) <= complete.getOrDefault(snapshot, Long.MAX_VALUE)) {
            return false;
        }
        boolean restored = restore(snapshot, List.of());
        if (restored) {
            // Where the clock of the file system is ahead, what was just made would seem to have been changed.
            complete.merge(snapshot, lastChange(snapshot, wanted), Math::max);
        }
        return restored && wanted.exists();
    }

    /**
     * When something was last removed on the way to {@code wanted}: nothing is added to a copy, so that the times of
     * its directories stay as they were. That the original has something of the name says nothing; it may be new.
     */
    private static long lastChange(Snapshot snapshot, File wanted) {
        File root = snapshot.file();
        File directory = wanted.getParentFile();
        while (directory != null && !directory.exists()) {
            if (directory.equals(root)) {
                return Long.MAX_VALUE;
            }
            directory = directory.getParentFile();
        }
        return directory == null ? Long.MAX_VALUE : directory.lastModified();
    }

    /**
     * Makes a copy again.
     *
     * @param sources what archives that are open on the copy read from
     * @return false if it cannot be; that is recorded
     */
    synchronized boolean restore(Snapshot snapshot, List<Object> sources) {
        Path original = Path.of(snapshot.original());
        String state = String.valueOf(SnapshotStore.stateOf(original));
        if (state.equals(lost.get(snapshot))) {
            return false;
        }
        Path fresh = snapshots.newCopyBeside(snapshot.copy(), "again");
        String why = null;
        try {
            why = make(snapshot, original, fresh);
            for (int i = 0; why != null && i < sources.size(); i++) {
                Path held = JdkInternals.openFileOf(sources.get(i));
                snapshots.delete(fresh);
                why = held == null || make(snapshot, held, fresh) != null ? why : null;
            }
            if (why == null) {
                SnapshotDirectory.deleteTree(snapshot.copy());
                Files.move(fresh, snapshot.copy());
                completed(snapshot);
            }
        } catch (IOException e) {
            why = e.toString();
        } finally {
            snapshots.delete(fresh);
            snapshots.copied(fresh);
        }
        if (why == null) {
            lost.remove(snapshot);
        } else {
            lost.put(snapshot, state);
        }
        report(snapshot, why);
        return why == null;
    }

    /** Null, or why it is not what was verified. */
    private static @Nullable String make(Snapshot snapshot, Path from, Path fresh) {
        try {
            return snapshot.hash()
                            .equals(
                                    Files.isDirectory(from)
                                            ? TreeSnapshot.copy(from, fresh)
                                            : PackageSnapshot.copy(from, fresh))
                    ? null
                    : "the original has been changed since it was verified";
        } catch (UnreadablePackageException e) {
            return e.getMessage();
        }
    }

    private void report(Snapshot snapshot, @Nullable String why) {
        Guard reported = guard;
        if (reported != null) {
            reported.degraded(
                    "the private copy of [" + snapshot.original() + "]",
                    why == null
                            ? null
                            : "something removed it or a part of it, as cleaners of temporary files do, and it cannot be"
                                    + " made again: " + why + "; what was not read from it yet will not be found");
        }
    }
}
