// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import io.cloacina.guard.internal.decision.Guard;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot store: which private copy replaces which file, and for how long.
 *
 * <p>A copy is made for every load, so that a package that was replaced on disk is judged anew, and the newest copy
 * replaces its original wherever {@code java.util.zip} opens that path. It is removed when it has no holder any more
 * (the load that made it, a thread that is opening it, the archives that are open on it), at the latest when the JVM
 * ends. Then the newest copy that is still held replaces the original.
 */
public final class SnapshotStore {

    /** In characters: more than any file system has for a name, and Linux and macOS for a whole path. */
    private static final int NEVER_LENGTH = 5000;

    private final SnapshotDirectory directory;
    private final MemoryCopies memory;
    private volatile @Nullable Boolean noexec;
    private final AtomicLong number = new AtomicLong();
    // Oldest first: when the newest goes, the one before it counts again. Written to under its own lock only.
    private final ConcurrentHashMap<String, Snapshot[]> byOriginal = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Snapshot> byCopy = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Object, Snapshot> openSources = new ConcurrentHashMap<>();
    // Written to and read under its own lock only.
    private final Map<Snapshot, Integer> holds = new HashMap<>();
    private final Restoration restoration = new Restoration(this);

    /**
     * @param parent where the directory of this JVM is made; null for where it is likely to last
     * @throws IOException if it cannot be made
     */
    public SnapshotStore(@Nullable Path parent) throws IOException {
        if (parent != null) {
            Files.createDirectories(parent, SnapshotDirectory.ownerOnly());
        }
        Path place = parent == null ? DefaultPlace.choose() : parent;
        Path real = place.toRealPath();
        this.directory = SnapshotDirectory.create(real);
        this.memory = new MemoryCopies(parent == null ? DefaultPlace.chooseMemory(real) : null);
    }

    /** Takes the directory for this JVM, and removes those of JVMs that were killed. To be called once, at any time. */
    public void claim() throws IOException {
        directory.claim();
    }

    /**
     * The start-up self-test is over: from now on only copies are made. To be called once.
     *
     * @param probes the files of the self-test, which go
     */
    public void settled(Path probes) {
        delete(probes);
        directory.made();
    }

    /** Copies that are lost are recorded from now on. */
    public void reportTo(Guard guard) {
        restoration.reportTo(guard);
    }

    /** From now on {@code file}, which lies among the copies, cannot be opened for writing. */
    public static void protect(Path file) throws IOException {
        SnapshotDirectory.protectFile(file);
    }

    /** Whether nothing in the directory can be executed, and so no native library be loaded from it. */
    public boolean forbidsExecution() {
        Boolean known = noexec;
        if (known == null) {
            known = MountOptions.of(directory.path()).contains("noexec");
            noexec = known;
        }
        return known;
    }

    public Path directory() {
        return directory.path();
    }

    /** Whether {@code file} is a path below the copies' directories. Looks at nothing but the name. */
    public boolean isCopy(@Nullable String file) {
        return file != null && isBelow(file) && !file.contains(File.separator + "..");
    }

    /** As {@link #isCopy}, for a path that may lead out again. */
    public boolean isBelow(String file) {
        return directory.isAbove(file) || memory.directoryOf(file) != null;
    }

    private SnapshotDirectory directoryOf(Path copy) {
        SnapshotDirectory inMemory = memory.directoryOf(copy.toString());
        return inMemory == null ? directory : inMemory;
    }

    /** A path at which no file can be made by any process: for a load that must find nothing. */
    public Path never() {
        return directory.path().resolve("0".repeat(NEVER_LENGTH));
    }

    /**
     * A path for a new copy of something called {@code name}, which it keeps as the end of its own name. The caller
     * calls {@link #copied} when the copy is there, or is not going to be.
     *
     * @param sizeBytes how large a file it is; -1 for one of unknown size, for a directory, and for what must lie where
     *     execution is allowed
     */
    public Path newCopy(String name, long sizeBytes) {
        SnapshotDirectory inMemory = memory.forSize(sizeBytes);
        Path copy = newCopyIn(inMemory == null ? directory : inMemory, name);
        if (inMemory != null) {
            memory.took(copy, sizeBytes);
        }
        return copy;
    }

    /** As {@link #newCopy}, on the file system on which {@code copy} is. */
    Path newCopyBeside(Path copy, String name) {
        return newCopyIn(directoryOf(copy), name);
    }

    private Path newCopyIn(SnapshotDirectory parent, String name) {
        parent.making();
        return parent.path().resolve(number.incrementAndGet() + "-" + shortened(name));
    }

    /** The end of {@link #newCopy}: until the next one nothing can be put among the copies. */
    public void copied(Path copy) {
        directoryOf(copy).made();
    }

    /**
     * A path for a new copy in a directory of its own, with the very name of the original; {@link #made(Path)} follows.
     */
    public Path newCopyInDirectory(String name) throws IOException {
        directory.making();
        try {
            Path own = directory.path().resolve(Long.toString(number.incrementAndGet()));
            return Files.createDirectory(own).resolve(name);
        } finally {
            directory.made();
        }
    }

    /** The end of {@link #newCopyInDirectory}: nothing can be put beside {@code copy} any more. */
    public void made(Path copy) {
        try {
            SnapshotDirectory.protect(Objects.requireNonNull(copy.getParent()));
        } catch (IOException e) {
            // The load was refused, and the copy is removed again.
            return;
        }
    }

    /** A path at which nothing is, and nothing but directories by {@link #makeDirectory}. */
    public Path newPlace() {
        return directory.path().resolve(number.incrementAndGet() + "-directories");
    }

    /** Makes a directory below a {@link #newPlace}, if it is not there. */
    public void makeDirectory(Path place, String name) {
        directory.making();
        try {
            Files.createDirectories(new File(place.toFile(), name).toPath(), SnapshotDirectory.ownerOnly());
        } catch (IOException e) {
            // A load from it then finds nothing.
            return;
        } finally {
            directory.made();
        }
    }

    private static String shortened(String name) {
        int start = Math.max(0, name.length() - 80);
        // Half a character is no name.
        boolean half = start > 0 && Character.isLowSurrogate(name.charAt(start));
        return name.substring(half ? start + 1 : start);
    }

    /** From now on {@code snapshot} replaces its original; the caller holds it. */
    public void add(Snapshot snapshot) {
        synchronized (holds) {
            holds.put(snapshot, 1);
        }
        restoration.completed(snapshot);
        byCopy.put(snapshot.copy().toString(), snapshot);
        synchronized (byOriginal) {
            Snapshot[] before = byOriginal.get(snapshot.original());
            Snapshot[] all = before == null ? new Snapshot[1] : Arrays.copyOf(before, before.length + 1);
            all[all.length - 1] = snapshot;
            byOriginal.put(snapshot.original(), all);
        }
    }

    @SuppressWarnings("ReferenceEquality") // this one, not another of the same content
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

    /**
     * The snapshot that replaces {@code file}, or null. It may be removed before it is used; {@link #hold} keeps it.
     */
    public @Nullable Snapshot standingFor(File file) {
        Snapshot[] all = byOriginal.isEmpty() ? null : byOriginal.get(file.getAbsolutePath());
        return all == null ? null : all[all.length - 1];
    }

    /** Tells whether a file was replaced or written to since; null if there is none. */
    public static @Nullable String stateOf(Path file) {
        return stateOf(attributesOf(file));
    }

    /** Null if there is no such file. */
    public static @Nullable BasicFileAttributes attributesOf(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class);
        } catch (IOException e) {
            // The open that follows reports the error.
            return null;
        }
    }

    /** As {@link #newCopy} takes it. */
    public static long sizeOf(@Nullable BasicFileAttributes attributes) {
        return attributes != null && attributes.isRegularFile() ? attributes.size() : -1;
    }

    /** As {@link #stateOf(Path)}, of a file that was looked at before. */
    public static @Nullable String stateOf(@Nullable BasicFileAttributes attributes) {
        if (attributes == null) {
            return null;
        }
        return attributes.size() + " " + attributes.lastModifiedTime() + " " + attributes.fileKey();
    }

    /**
     * The snapshot that replaces {@code file}, or whose copy it is; null if none. The caller holds it, and hands the
     * hold on to {@link #opened} or {@link #notOpened}.
     */
    public @Nullable Snapshot hold(File file) {
        if (byCopy.isEmpty()) {
            return null;
        }
        Snapshot snapshot = byCopy.get(file.getPath());
        if (snapshot == null) {
            snapshot = standingFor(file);
        }
        if (snapshot == null || change(snapshot, 1) <= 1) {
            return null;
        }
        if (!snapshot.file().exists()) {
            restore(snapshot);
        }
        return snapshot;
    }

    /** As {@link #restored(Snapshot, String)}; false if {@code copy} is none. */
    public boolean restored(File copy, String name) {
        Snapshot snapshot = byCopy.isEmpty() ? null : byCopy.get(copy.getPath());
        return snapshot != null && restored(snapshot, name);
    }

    /** As {@link Restoration#restored}. */
    public boolean restored(Snapshot snapshot, String name) {
        return restoration.restored(snapshot, name);
    }

    /**
     * Makes a copy again of which a cleaner of temporary files has removed something.
     *
     * @return false if it cannot be made again; that is recorded
     */
    @SuppressWarnings("ReferenceEquality") // this one, not another of the same content
    public boolean restore(Snapshot snapshot) {
        List<Object> sources = new ArrayList<>();
        for (Map.Entry<Object, Snapshot> open : openSources.entrySet()) {
            if (open.getValue() == snapshot) {
                sources.add(open.getKey());
            }
        }
        return restoration.restore(snapshot, sources);
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

    /** An archive was opened from {@code file}; {@code source} holds its copy until it is closed. */
    public void opened(File file, Object source) {
        Snapshot snapshot = byCopy.isEmpty() ? null : byCopy.get(file.getPath());
        if (snapshot != null && openSources.putIfAbsent(source, snapshot) != null) {
            // Several archives that were opened from one copy share a source, which holds it once.
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
        restoration.forget(snapshot);
        if (byCopy.remove(snapshot.copy().toString(), snapshot)) {
            delete(snapshot.copy());
        }
    }

    /** Removes what is left of a copy; what cannot be removed now goes with the directory. */
    public void delete(Path copy) {
        SnapshotDirectory parent = directoryOf(copy);
        parent.making();
        try {
            SnapshotDirectory.deleteTree(copy);
        } catch (IOException e) {
            copy.toFile().deleteOnExit();
        } finally {
            parent.made();
        }
        memory.removed(copy);
    }

    /** Removes everything. */
    public void close() throws IOException {
        try {
            memory.close();
        } finally {
            directory.close();
        }
    }
}
