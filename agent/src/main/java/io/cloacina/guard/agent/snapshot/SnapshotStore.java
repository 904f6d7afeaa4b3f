package io.cloacina.guard.agent.snapshot;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The private copies: which file stands for which, and for how long.
 *
 * <p>A copy is made for every load, so that a package that was replaced on disk is judged anew, and the newest copy
 * stands for its original wherever {@code java.util.zip} opens that path. It goes when nobody holds it any more (who
 * made it, who is opening it, the archives that are open on it), at the latest when the JVM ends; then the newest of
 * those that are still held stands for it.
 */
public final class SnapshotStore {

    private static final String PREFIX = "cloacina-guard-";
    private static final String LOCK = "lock";
    private static final int MAX_TRIES = 100;

    /** How much older than this JVM's a folder without a lock must be to be a left-over. */
    private static final long UNLOCKED_MILLIS = 3_600_000;

    private final Path folder;
    private volatile FileChannel lock;
    private volatile Boolean noexec;
    private final AtomicLong number = new AtomicLong();
    // Oldest first: when the newest goes, the one before it stands again. Written to under its own lock only.
    private final ConcurrentHashMap<String, Snapshot[]> byOriginal = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Snapshot> byCopy = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Object, Snapshot> openSources = new ConcurrentHashMap<>();
    // Written to and read under its own lock only.
    private final Map<Snapshot, Integer> holds = new HashMap<>();

    /**
     * @param parent where the folder of this JVM is made, mode 0700; null for {@code java.io.tmpdir}
     * @throws IOException if it cannot be made
     */
    public SnapshotStore(Path parent) throws IOException {
        FileAttribute<?>[] ownerOnly = ownerOnly();
        if (parent != null) {
            Files.createDirectories(parent, ownerOnly);
        }
        Path place = parent == null ? Path.of(System.getProperty("java.io.tmpdir")) : parent;
        this.folder = newFolder(place.toRealPath(), ownerOnly);
    }

    /**
     * With a name that nobody has yet. It need not be secret: one that is there is not taken, and what is made is the
     * owner's alone. {@code Files.createTempDirectory} asks for secure random numbers, which costs a start ten milliseconds.
     */
    private static Path newFolder(Path place, FileAttribute<?>[] ownerOnly) throws IOException {
        long number = System.nanoTime();
        for (int tries = 1; ; tries++) {
            Path made = place.resolve(PREFIX + Long.toHexString(number));
            try {
                return Files.createDirectory(made, ownerOnly);
            } catch (FileAlreadyExistsException e) {
                if (tries == MAX_TRIES) {
                    throw e;
                }
                number = number * 6364136223846793005L + System.nanoTime();
            }
        }
    }

    /** Takes the folder for this JVM, and removes those of JVMs that were killed. To be called once, at any time. */
    public void claim() throws IOException {
        lock = lock();
        removeLeftOvers(folder.getParent());
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    /** Says that this folder is in use, also to JVMs in other process namespaces; under its name only once it is held. */
    private FileChannel lock() throws IOException {
        Path making = folder.resolve(LOCK + ".new");
        FileChannel channel = FileChannel.open(making, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel.lock();
        Files.move(making, folder.resolve(LOCK));
        return channel;
    }

    /** Removes the folders of JVMs that were killed: those whose lock nobody holds. */
    private void removeLeftOvers(Path place) throws IOException {
        Object owner = Files.getOwner(folder);
        for (String name : namesIn(place)) {
            Path other = place.resolve(name);
            if (name.startsWith(PREFIX) && !other.equals(folder)) {
                try {
                    if (Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
                            && Files.getOwner(other, LinkOption.NOFOLLOW_LINKS).equals(owner)
                            && isAbandoned(other)) {
                        delete(other);
                    }
                } catch (NoSuchFileException e) {
                    // Somebody else is clearing up at the same time.
                    continue;
                }
            }
        }
    }

    private boolean isAbandoned(Path other) {
        Path lock = other.resolve(LOCK);
        try {
            if (Files.notExists(lock, LinkOption.NOFOLLOW_LINKS)) {
                // Either it is just being made, or its JVM was killed in its first moments.
                long age = Files.getLastModifiedTime(folder).toMillis()
                        - Files.getLastModifiedTime(other, LinkOption.NOFOLLOW_LINKS)
                                .toMillis();
                return age > UNLOCKED_MILLIS;
            }
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                    FileLock held = channel.tryLock()) {
                return held != null;
            }
        } catch (IOException e) {
            // Gone meanwhile, or none that may be opened: not ours to remove.
            return false;
        }
    }

    /** Whether nothing in the folder can be executed, and so no native library be loaded from it. */
    public boolean forbidsExecution() {
        Boolean known = noexec;
        if (known == null) {
            known = MountOptions.of(folder).contains("noexec");
            noexec = known;
        }
        return known;
    }

    public Path folder() {
        return folder;
    }

    /** A path for a new copy of something called {@code name}, which it keeps as the end of its own name. */
    public Path newCopy(String name) {
        return folder.resolve(number.incrementAndGet() + "-" + shortened(name));
    }

    /** A path for a new copy in a folder of its own, with the very name of the original. */
    public Path newCopyInFolder(String name) throws IOException {
        return Files.createDirectory(folder.resolve(Long.toString(number.incrementAndGet())))
                .resolve(name);
    }

    private static String shortened(String name) {
        return name.length() <= 80 ? name : name.substring(name.length() - 80);
    }

    /** From now on {@code snapshot} stands for its original; whoever calls this holds it. */
    public void add(Snapshot snapshot) {
        synchronized (holds) {
            holds.put(snapshot, 1);
        }
        byCopy.put(snapshot.copy().toString(), snapshot);
        synchronized (byOriginal) {
            Snapshot[] before = byOriginal.get(snapshot.original());
            Snapshot[] all = before == null ? new Snapshot[1] : Arrays.copyOf(before, before.length + 1);
            all[all.length - 1] = snapshot;
            byOriginal.put(snapshot.original(), all);
        }
    }

    private void removeFromOriginal(Snapshot snapshot) {
        synchronized (byOriginal) {
            List<Snapshot> left = new ArrayList<>();
            for (Snapshot one : byOriginal.getOrDefault(snapshot.original(), new Snapshot[0])) {
                if (one != snapshot) {
                    left.add(one);
                }
            }
            if (left.isEmpty()) {
                byOriginal.remove(snapshot.original());
            } else {
                byOriginal.put(snapshot.original(), left.toArray(new Snapshot[0]));
            }
        }
    }

    /** What stands for {@code file}, or null. It may be gone before it is used; {@link #hold} keeps it. */
    public Snapshot standingFor(File file) {
        Snapshot[] all = byOriginal.isEmpty() ? null : byOriginal.get(file.getAbsolutePath());
        return all == null ? null : all[all.length - 1];
    }

    /** Tells whether a file was replaced or written to since; null if there is none. */
    public static String stateOf(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
        } catch (IOException e) {
            // Whoever opens it will be told.
            return null;
        }
    }

    /**
     * What stands for {@code file}, or is that copy itself; null if nothing. Whoever calls this holds it, and hands that
     * on to {@link #opened} or {@link #notOpened}.
     */
    public Snapshot hold(File file) {
        if (byCopy.isEmpty()) {
            return null;
        }
        Snapshot snapshot = byCopy.get(file.getPath());
        if (snapshot == null) {
            snapshot = standingFor(file);
        }
        return snapshot != null && change(snapshot, 1) > 1 ? snapshot : null;
    }

    /** How often {@code snapshot} is held after that; one that is not held any more never is again. */
    private int change(Snapshot snapshot, int by) {
        synchronized (holds) {
            Integer held = holds.get(snapshot);
            if (held == null) {
                return 0;
            }
            if (held + by == 0) {
                holds.remove(snapshot);
            } else {
                holds.put(snapshot, held + by);
            }
            return held + by;
        }
    }

    public Collection<Snapshot> all() {
        return byCopy.values();
    }

    /** An archive was opened from {@code file}; {@code source} stands for it until it is closed. */
    public void opened(File file, Object source) {
        Snapshot snapshot = byCopy.isEmpty() ? null : byCopy.get(file.getPath());
        if (snapshot != null && openSources.putIfAbsent(source, snapshot) != null) {
            // Several archives opened from one copy share a source, which holds it once.
            drop(snapshot);
        }
    }

    /** {@code file} could not be opened as an archive. */
    public void notOpened(File file) {
        Snapshot snapshot = byCopy.get(file.getPath());
        if (snapshot != null) {
            drop(snapshot);
        }
    }

    /**
     * A source is closed with the last of the archives that share it.
     *
     * @return whether {@code source} was open on a copy
     */
    public boolean closed(Object source) {
        Snapshot snapshot = openSources.remove(source);
        if (snapshot == null) {
            return false;
        }
        drop(snapshot);
        return true;
    }

    /** Gives up one hold; with the last the snapshot is taken back and its copy removed. */
    public void drop(Snapshot snapshot) {
        if (change(snapshot, -1) > 0) {
            return;
        }
        removeFromOriginal(snapshot);
        if (byCopy.remove(snapshot.copy().toString(), snapshot)) {
            delete(snapshot.copy());
        }
    }

    /** Removes what is left of a copy; what cannot be removed now goes with the folder. */
    public void delete(Path copy) {
        try {
            deleteTree(copy);
        } catch (IOException e) {
            copy.toFile().deleteOnExit();
        }
    }

    /** Removes everything. */
    public void close() throws IOException {
        FileChannel held = lock;
        if (held != null) {
            held.close();
        }
        for (int tries = 1; ; tries++) {
            try {
                deleteTree(folder);
                return;
            } catch (DirectoryNotEmptyException e) {
                // A thread of the guard's put something there meanwhile; once the folder is gone, none can.
                if (tries == MAX_TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Follows no links. Not by {@code walkFileTree}, whose classes cost the end of a JVM a millisecond. */
    private static void deleteTree(Path top) throws IOException {
        try {
            Files.deleteIfExists(top);
        } catch (DirectoryNotEmptyException e) {
            for (String name : namesIn(top)) {
                deleteTree(top.resolve(name));
            }
            Files.deleteIfExists(top);
        }
    }

    /** None if it is gone or cannot be read. Not by {@code DirectoryStream}, which has the JDK make its first lambda. */
    private static String[] namesIn(Path folder) {
        String[] names = folder.toFile().list();
        return names == null ? new String[0] : names;
    }
}
