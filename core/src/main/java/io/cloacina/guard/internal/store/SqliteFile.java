// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** How a new SQLite store comes into being: only its owner may read it, and several processes may write it. */
final class SqliteFile {

    private static final int BUSY = 5;
    private static final long RETRY_NANOS = Duration.ofMillis(5).toNanos();

    private SqliteFile() {}

    /** An empty file, mode 0600, in directories of mode 0700; what is there already is left as it is. */
    static void makeIfMissing(Path file) throws IOException {
        if (Files.exists(file)) {
            return;
        }
        Path directory = file.getParent();
        if (directory != null && !Files.isDirectory(directory)) {
            Files.createDirectories(directory, mode(directory, "rwx------"));
        }
        try {
            Files.createFile(file, mode(file, "rw-------"));
        } catch (FileAlreadyExistsException e) {
            // Another process was quicker; SQLite's own locks decide from here.
            return;
        }
    }

    private static FileAttribute<?>[] mode(Path path, String permissions) {
        boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Puts a store that we made into WAL mode, in which reading and writing do not wait for each other. */
    static boolean shareByWal(PooledConnection pooled, Duration limit) throws SQLException {
        String origin = text(pooled, "SELECT origin FROM guard_schema ORDER BY version LIMIT 1");
        if (StoreStatus.Origin.of(origin) != StoreStatus.Origin.GUARD || isWal(text(pooled, "PRAGMA journal_mode"))) {
            return true;
        }
        // SQLite's own waiting for locks does not cover this change.
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return isWal(text(pooled, "PRAGMA journal_mode = WAL"));
            } catch (SQLException e) {
                if ((e.getErrorCode() & 0xff) != BUSY || System.nanoTime() - end > 0) {
                    throw e;
                }
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private static boolean isWal(String mode) {
        return mode.toLowerCase(Locale.ROOT).equals("wal");
    }

    private static String text(PooledConnection pooled, String sql) throws SQLException {
        try (Statement statement = pooled.connection().createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
