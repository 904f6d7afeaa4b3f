// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The directory of one JVM that holds its copies. Its mode is 0700 while something in it is being made or removed, and
 * 0500 otherwise, so that no file in it can be replaced through a name that another process is made to write to. A
 * cleaner of temporary files may remove it at any time; it is then made again.
 */
final class SnapshotDirectory {

    private static final String PREFIX = "cloacina-guard-";
    private static final String LOCK = "lock";
    private static final String MARK = "private copies of cloacina-guard in ";
    private static final int MAX_TRIES = 100;

    /** How much older than this JVM's a directory without a mark must be to be a left-over. */
    private static final long UNMARKED_MILLIS = 3_600_000;

    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> READ_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_EXECUTE);
    private static final Set<PosixFilePermission> WRITABLE = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final Path path;
    private final String prefix;
    // Guarded by this object. The first is the start of the JVM, which ends with the self-test.
    private int makers = 1;
    // Null until the directory is claimed.
    private @Nullable FileChannel lock;
    private boolean closed;

    private SnapshotDirectory(Path path) {
        this.path = path;
        this.prefix = path + File.separator;
    }

    /**
     * With a name that does not exist yet. It need not be secret: one that is there is not taken, and what is made is
     * the owner's alone. {@code Files.createTempDirectory} asks for secure random numbers, which costs a start ten
     * milliseconds.
     */
    static SnapshotDirectory create(Path place) throws IOException {
        long number = System.nanoTime();
        for (int tries = 1; ; tries++) {
            Path made = place.resolve(PREFIX + Long.toHexString(number));
            try {
                return new SnapshotDirectory(Files.createDirectory(made, ownerOnly()));
            } catch (FileAlreadyExistsException e) {
                if (tries == MAX_TRIES) {
                    throw e;
                }
                number = number * 6364136223846793005L + System.nanoTime();
            }
        }
    }

    static FileAttribute<?>[] ownerOnly() {
        return POSIX
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(WRITABLE)}
                : new FileAttribute<?>[0];
    }

    Path path() {
        return path;
    }

    /** Whether {@code file} is a path below it. Looks at nothing but the name. */
    boolean isAbove(String file) {
        return file.startsWith(prefix);
    }

    /**
     * Something is made or removed in it from here to {@link #made}. What cannot be made then will fail by
     * itself.
     */
    synchronized void making() {
        makers++;
        try {
            setMode(path, WRITABLE);
        } catch (NoSuchFileException e) {
            makeAgain();
        } catch (IOException e) {
            // It is not ours any more, or its file system does not answer: nothing can be made in it.
            return;
        }
    }

    private void makeAgain() {
        if (closed) {
            return;
        }
        try {
            Files.createDirectories(path.getParent(), ownerOnly());
            // Never an existing one: it belongs to another process.
            Files.createDirectory(path, ownerOnly());
            if (lock != null) {
                lock.close();
                lock = lock();
            }
        } catch (IOException e) {
            // As above.
            return;
        }
    }

    /** The end of {@link #making}. */
    synchronized void made() {
        makers--;
        if (makers == 0 && !closed) {
            try {
                setMode(path, READ_ONLY);
            } catch (IOException e) {
                // Gone, and with it what there was to protect.
                return;
            }
        }
    }

    /** Nothing is added to {@code directory}, which lies in this one, any more. */
    static void protect(Path directory) throws IOException {
        setMode(directory, READ_ONLY);
    }

    /** From now on {@code file} cannot be opened for writing. */
    static void protectFile(Path file) throws IOException {
        if (POSIX) {
            Files.setPosixFilePermissions(file, EnumSet.of(PosixFilePermission.OWNER_READ));
        }
    }

    /** Not through links: what was put where a directory of ours was is left alone. */
    private static void setMode(Path directory, Set<PosixFilePermission> mode) throws IOException {
        if (POSIX) {
            Files.getFileAttributeView(directory, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .setPermissions(mode);
        } else if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(directory.toString());
        }
    }

    /** Marks the directory as this JVM's, and removes those of JVMs that were killed. */
    void claim() throws IOException {
        making();
        try {
            synchronized (this) {
                lock = lock();
            }
            removeLeftOvers();
        } finally {
            made();
        }
    }

    /**
     * Says whose this directory is and that it is in use, also to JVMs in other process namespaces; under its name only
     * once it is held.
     */
    private FileChannel lock() throws IOException {
        Path making = path.resolve(LOCK + ".new");
        FileChannel channel = FileChannel.open(making, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel.lock();
        channel.write(ByteBuffer.wrap(mark(path)));
        Files.move(making, path.resolve(LOCK));
        return channel;
    }

    /** With the directory's own name: a copy of it under another name is not the guard's. */
    private static byte[] mark(Path directory) {
        return (MARK + directory.getFileName() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Removes the directories of JVMs that were killed: those with the guard's mark whose lock no process holds. */
    private void removeLeftOvers() throws IOException {
        for (String name : namesIn(Objects.requireNonNull(path.getParent()))) {
            if (isOwnName(name) && !name.equals(path.getFileName().toString())) {
                Path other = path.resolveSibling(name);
                try {
                    if (isOwners(other)) {
                        removeIfLeftOver(other);
                    }
                } catch (NoSuchFileException e) {
                    // Another process removes it at the same time.
                }
            }
        }
    }

    private static boolean isOwnName(String name) {
        if (!name.startsWith(PREFIX) || name.length() == PREFIX.length() || name.length() > PREFIX.length() + 16) {
            return false;
        }
        for (int i = PREFIX.length(); i < name.length(); i++) {
            if ("0123456789abcdef".indexOf(name.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether it has the owner and the mode of this JVM's. */
    private boolean isOwners(Path other) throws IOException {
        if (!POSIX) {
            return Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(other, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(path));
        }
        PosixFileAttributes attributes =
                Files.readAttributes(other, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return attributes.isDirectory()
                && (attributes.permissions().equals(READ_ONLY)
                        || attributes.permissions().equals(WRITABLE))
                && attributes.owner().equals(Files.getOwner(path));
    }

    private void removeIfLeftOver(Path other) throws IOException {
        Path itsLock = other.resolve(LOCK);
        try {
            if (Files.isRegularFile(itsLock, LinkOption.NOFOLLOW_LINKS)) {
                if (isAbandoned(other, itsLock)) {
                    deleteTree(other);
                }
            } else if (isOlder(other)) {
                // Its JVM was killed in its first moments, if it is empty; otherwise this removes nothing.
                Files.deleteIfExists(other);
            }
        } catch (IOException e) {
            // Gone meanwhile, in use, or not to be opened: not ours to remove.
            return;
        }
    }

    private static boolean isAbandoned(Path other, Path itsLock) throws IOException {
        byte[] mark = mark(other);
        try (FileChannel channel = FileChannel.open(
                itsLock, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            ByteBuffer found = ByteBuffer.allocate(mark.length + 1);
            channel.read(found, 0);
            if (!found.flip().equals(ByteBuffer.wrap(mark))) {
                return false;
            }
            try (FileLock held = channel.tryLock()) {
                return held != null;
            }
        }
    }

    private boolean isOlder(Path other) throws IOException {
        BasicFileAttributes own = Files.readAttributes(path, BasicFileAttributes.class);
        BasicFileAttributes its = Files.readAttributes(other, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return own.lastModifiedTime().toMillis() - its.lastModifiedTime().toMillis() > UNMARKED_MILLIS;
    }

    /** Removes it with all that is in it. */
    synchronized void close() throws IOException {
        closed = true;
        if (lock != null) {
            lock.close();
        }
        for (int tries = 1; ; tries++) {
            try {
                deleteTree(path);
                return;
            } catch (DirectoryNotEmptyException e) {
                // A thread of the guard's put something there meanwhile; once the directory is gone, none can.
                if (tries == MAX_TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Follows no links, and needs no more stack for a deep tree than for a flat one. */
    static void deleteTree(Path top) throws IOException {
        try {
            Files.deleteIfExists(top);
        } catch (DirectoryNotEmptyException e) {
            TreeRemoval.of(top);
        }
    }

    static void makeWritable(Path directory) throws IOException {
        setMode(directory, WRITABLE);
    }

    /**
     * None if it is gone or cannot be read. Not by {@code DirectoryStream}, which has the JDK make its first lambda.
     */
    static String[] namesIn(Path directory) {
        String[] names = new File(directory.toString()).list();
        return names == null ? new String[0] : names;
    }
}
