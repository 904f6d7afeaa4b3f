package io.cloacina.guard.agent.guard;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
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
final class Pins {

    /**
     * A copy that stands for its original.
     *
     * @param original the path as it was opened, absolute
     * @param signer who signed it; null if it was merely allowed by audit mode
     * @param state {@link #stateOf} the original from before it was copied; null where that does not matter
     */
    record Pin(String original, Path copy, PackageHash hash, Fingerprint signer, String state) {
        File file() {
            return copy.toFile();
        }

        // Each copy is its own; and a record's own comparison is made at run time, for which the first load would wait.
        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

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
    private final ConcurrentHashMap<String, Pin[]> byOriginal = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Pin> byCopy = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Object, Pin> openSources = new ConcurrentHashMap<>();
    // Written to and read under its own lock only.
    private final Map<Pin, Integer> holds = new HashMap<>();

    /**
     * @param parent where the folder of this JVM is made, mode 0700; null for {@code java.io.tmpdir}
     * @throws IOException if it cannot be made
     */
    Pins(Path parent) throws IOException {
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
    void claim() throws IOException {
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
    boolean forbidsExecution() {
        Boolean known = noexec;
        if (known == null) {
            known = MountOptions.of(folder).contains("noexec");
            noexec = known;
        }
        return known;
    }

    Path folder() {
        return folder;
    }

    /** A path for a new copy of something called {@code name}, which it keeps as the end of its own name. */
    Path newCopy(String name) {
        return folder.resolve(number.incrementAndGet() + "-" + shortened(name));
    }

    /** A path for a new copy in a folder of its own, with the very name of the original. */
    Path newCopyInFolder(String name) throws IOException {
        return Files.createDirectory(folder.resolve(Long.toString(number.incrementAndGet())))
                .resolve(name);
    }

    private static String shortened(String name) {
        return name.length() <= 80 ? name : name.substring(name.length() - 80);
    }

    /** From now on {@code pin} stands for its original; whoever calls this holds it. */
    void add(Pin pin) {
        synchronized (holds) {
            holds.put(pin, 1);
        }
        byCopy.put(pin.copy().toString(), pin);
        synchronized (byOriginal) {
            Pin[] before = byOriginal.get(pin.original());
            Pin[] all = before == null ? new Pin[1] : Arrays.copyOf(before, before.length + 1);
            all[all.length - 1] = pin;
            byOriginal.put(pin.original(), all);
        }
    }

    private void removeFromOriginal(Pin pin) {
        synchronized (byOriginal) {
            List<Pin> left = new ArrayList<>();
            for (Pin one : byOriginal.getOrDefault(pin.original(), new Pin[0])) {
                if (one != pin) {
                    left.add(one);
                }
            }
            if (left.isEmpty()) {
                byOriginal.remove(pin.original());
            } else {
                byOriginal.put(pin.original(), left.toArray(new Pin[0]));
            }
        }
    }

    /** What stands for {@code file}, or null. It may be gone before it is used; {@link #hold} keeps it. */
    Pin standingFor(File file) {
        Pin[] all = byOriginal.isEmpty() ? null : byOriginal.get(file.getAbsolutePath());
        return all == null ? null : all[all.length - 1];
    }

    /** Tells whether a file was replaced or written to since; null if there is none. */
    static String stateOf(Path file) {
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
    Pin hold(File file) {
        if (byCopy.isEmpty()) {
            return null;
        }
        Pin pin = byCopy.get(file.getPath());
        if (pin == null) {
            pin = standingFor(file);
        }
        return pin != null && change(pin, 1) > 1 ? pin : null;
    }

    /** How often {@code pin} is held after that; one that is not held any more never is again. */
    private int change(Pin pin, int by) {
        synchronized (holds) {
            Integer held = holds.get(pin);
            if (held == null) {
                return 0;
            }
            if (held + by == 0) {
                holds.remove(pin);
            } else {
                holds.put(pin, held + by);
            }
            return held + by;
        }
    }

    Collection<Pin> all() {
        return byCopy.values();
    }

    /** An archive was opened from {@code file}; {@code source} stands for it until it is closed. */
    void opened(File file, Object source) {
        Pin pin = byCopy.isEmpty() ? null : byCopy.get(file.getPath());
        if (pin != null && openSources.putIfAbsent(source, pin) != null) {
            // Several archives opened from one copy share a source, which holds it once.
            drop(pin);
        }
    }

    /** {@code file} could not be opened as an archive. */
    void notOpened(File file) {
        Pin pin = byCopy.get(file.getPath());
        if (pin != null) {
            drop(pin);
        }
    }

    /**
     * A source is closed with the last of the archives that share it.
     *
     * @return whether {@code source} was open on a copy
     */
    boolean closed(Object source) {
        Pin pin = openSources.remove(source);
        if (pin == null) {
            return false;
        }
        drop(pin);
        return true;
    }

    /** Gives up one hold; with the last the pin is taken back and its copy removed. */
    void drop(Pin pin) {
        if (change(pin, -1) > 0) {
            return;
        }
        removeFromOriginal(pin);
        if (byCopy.remove(pin.copy().toString(), pin)) {
            delete(pin.copy());
        }
    }

    /** Removes what is left of a copy; what cannot be removed now goes with the folder. */
    void delete(Path copy) {
        try {
            deleteTree(copy);
        } catch (IOException e) {
            copy.toFile().deleteOnExit();
        }
    }

    /** Removes everything. */
    void close() throws IOException {
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
