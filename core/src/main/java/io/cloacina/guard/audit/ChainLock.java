// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The lock under which an audit log is appended to and rotated: on {@code .NAME.lock} beside the audit log, an empty
 * file that nothing else opens, and then on the audit log itself.
 *
 * <p>POSIX drops all locks of a process on a file as soon as the process closes any descriptor of it. An application
 * that reads the audit log of its own JVM would unlock that in the middle of a line; so the lock that counts is on a
 * file of its own, which stays open until the JVM ends, whichever log closes. The lock on the audit log keeps out
 * programs that know only that one: older versions of the guard, and those that may not make a file beside the audit
 * log.
 *
 * <p>The lock file has the mode of the audit log and may be deleted whenever nothing writes.
 */
final class ChainLock {

    /** Far behind the end of the audit log, so that no reader is kept waiting. */
    private static final long LOCK_AT = Long.MAX_VALUE - 1;

    private static final int FIRST_PAUSE_NANOS = 20_000;
    private static final int LONGEST_PAUSE_NANOS = 1_000_000;

    /** Never closed but by {@link #abandon}. */
    private static final Map<Path, FileChannel> LOCK_FILES = new ConcurrentHashMap<>();

    private final Path log;
    private final Path lockFile;

    /** Whether no lock file can be made, so that the audit log's own lock must do. */
    private boolean without;

    private @Nullable FileLock ofLockFile;
    private @Nullable FileLock ofLog;

    /** @param log absolute */
    ChainLock(Path log) {
        this.log = log;
        this.lockFile = log.resolveSibling("." + log.getFileName() + ".lock");
    }

    /**
     * Takes the lock.
     *
     * @param channel the audit log, open for writing
     * @param deadline as {@code System.nanoTime} counts
     * @throws IOException if it is not free until then
     */
    void acquire(FileChannel channel, long deadline) throws IOException {
        boolean done = false;
        try {
            FileChannel own = without ? null : lockFile();
            if (own != null) {
                ofLockFile = lock(own, 0, deadline);
            }
            ofLog = lock(channel, LOCK_AT, deadline);
            done = true;
        } finally {
            if (!done) {
                release();
            }
        }
    }

    void release() throws IOException {
        FileLock second = ofLog;
        FileLock first = ofLockFile;
        ofLog = null;
        ofLockFile = null;
        try {
            if (second != null && second.isValid()) {
                second.release();
            }
        } finally {
            if (first != null && first.isValid()) {
                first.release();
            }
        }
    }

    /** Gives back whatever may be held, also what a thread that was stopped has taken and not noted. */
    void abandon() throws IOException {
        ofLog = null;
        ofLockFile = null;
        FileChannel open = LOCK_FILES.remove(lockFile);
        if (open != null) {
            open.close();
        }
    }

    private @Nullable FileChannel lockFile() throws IOException {
        FileChannel open = LOCK_FILES.get(lockFile);
        if (open != null && open.isOpen()) {
            return open;
        }
        synchronized (LOCK_FILES) {
            open = LOCK_FILES.get(lockFile);
            if (open == null || !open.isOpen()) {
                try {
                    open = openLockFile();
                    LOCK_FILES.put(lockFile, open);
                } catch (AccessDeniedException | ReadOnlyFileSystemException e) {
                    without = true;
                    return null;
                }
            }
            return open;
        }
    }

    private FileChannel openLockFile() throws IOException {
        if (!Files.exists(lockFile, LinkOption.NOFOLLOW_LINKS)) {
            try {
                if (log.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                    Files.createFile(
                            lockFile,
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                    takeModeOfLog();
                } else {
                    Files.createFile(lockFile);
                }
            } catch (FileAlreadyExistsException e) {
                // Another process made it in between; that one is locked.
                return FileChannel.open(lockFile, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            }
        }
        return FileChannel.open(lockFile, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    private void takeModeOfLog() throws IOException {
        try {
            Files.setPosixFilePermissions(lockFile, Files.getPosixFilePermissions(log));
        } catch (NoSuchFileException e) {
            // The audit log was removed after it was opened. The holder of the lock looks at that, and makes a new one.
            return;
        }
    }

    /**
     * Asks for the lock again and again, not once for as long as it takes: where two processes have two files each, the
     * operating system would see a deadlock of processes that is none of threads.
     */
    private FileLock lock(FileChannel channel, long at, long deadline) throws IOException {
        long pauseNanos = FIRST_PAUSE_NANOS;
        while (true) {
            FileLock lock = tryLock(channel, at);
            if (lock != null) {
                return lock;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("[" + log + "] has been locked by another program for too long");
            }
            LockSupport.parkNanos(pauseNanos);
            pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel, long at) throws IOException {
        try {
            return channel.tryLock(at, 1, false);
        } catch (OverlappingFileLockException e) {
            // Another log of this very JVM has it.
            return null;
        }
    }
}
