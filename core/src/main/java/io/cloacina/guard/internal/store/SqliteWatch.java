// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.trust.TrustWatch;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Looks at size and time of an SQLite file and of the log beside it, which every commit changes; opens neither, so it
 * costs the database nothing and disturbs no lock. A file that was changed too lately for its time to show the next
 * change counts as changed.
 */
final class SqliteWatch implements TrustWatch {

    private final StoreUrl url;
    private final Path file;
    private final Clock clock;
    private final Pause pause = new Pause();
    private Seen seen;

    /** What was there at one look. */
    private record Seen(FileState database, FileTime logged, long logSize) {

        boolean isSettled(Instant now) {
            return database.isSettled(now) && FileState.isSettled(logged, now);
        }

        // Not equals, for the reason that FileState has.
        boolean isSameAs(Seen other) {
            return database.isSameAs(other.database) && logged.equals(other.logged) && logSize == other.logSize;
        }
    }

    /** @param clock the one by which the file system dates changes */
    SqliteWatch(StoreUrl url, Clock clock) throws StoreUnavailableException {
        this.url = url;
        this.file = url.file().orElseThrow();
        this.clock = clock;
        this.seen = look();
    }

    @Override
    public boolean await(Duration limit) throws StoreUnavailableException {
        pause.await(limit);
        Seen before = seen;
        seen = look();
        return !seen.isSameAs(before) || !seen.isSettled(clock.instant());
    }

    private Seen look() throws StoreUnavailableException {
        try {
            FileState database = FileState.of(file);
            try {
                BasicFileAttributes log =
                        Files.readAttributes(FileState.beside(file, "-wal"), BasicFileAttributes.class);
                return new Seen(database, log.lastModifiedTime(), log.size());
            } catch (NoSuchFileException e) {
                return new Seen(database, FileTime.fromMillis(0), -1);
            }
        } catch (NoSuchFileException e) {
            throw lost("there is no such file", e);
        } catch (IOException e) {
            throw lost(e.toString(), e);
        }
    }

    private StoreUnavailableException lost(String why, Exception cause) {
        return new StoreUnavailableException("trust store [" + url + "]: watch for changes: " + why, cause);
    }

    @Override
    public void close() {
        pause.end();
    }
}
