// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.format.ContentKeys;
import io.cloacina.guard.agent.snapshot.InnerContents;
import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.PackageSnapshot;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.File;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The archives that this JVM has opened, for any caller: where code is looked for whose origin names no package that
 * holds it.
 *
 * <p>To open an archive costs no more than to note its path. It is indexed when something of unknown origin is looked
 * for, as it lies there; what is found that way is compared with a private copy, whose hash is what is decided on. An
 * index goes with its archive, and where memory is scarce; a copy with the last class loader that has a class from it.
 */
final class OpenedArchives {

    /** How many are remembered; then those that were opened first are forgotten. */
    static final int MOST = 10_000;

    /** Directories of servers that are remembered; a JVM runs one. */
    private static final int MOST_SERVERS = 16;

    /** How many copies wait for what else of the same archive is loaded: hosts unpack many files of one. */
    private static final int MOST_IDLE = 4;

    /** How many archives are looked after with each search, to forget those that are gone. */
    private static final int LOOKED_AFTER = 8;

    /** How deep below the directory of an unpacked archive its files may lie. */
    private static final int MOST_LEVELS = 8;

    /** What hosts unpack to a directory of the same name. */
    private static final String[] UNPACKED_ENDINGS = {".war", ".ear", ".rar", ".sar", ".jar"};

    private static final ContentKeys.Archives ARCHIVES = new ContentKeys.Archives() {
        @Override
        public boolean isArchive(String entry) {
            return PackageContents.isInnerArchive(entry);
        }
    };

    private final Environment environment;
    private final SnapshotStore snapshots;
    private final String ownPrefix;
    private final LinkedHashMap<String, OpenedArchive> byPath = new LinkedHashMap<>();
    private final Set<String> servers = new HashSet<>();
    private OpenedArchive[] all;
    private int next;
    private boolean hasApplication;
    private final Deque<OpenedArchive.Copy> idle = new ArrayDeque<>();

    OpenedArchives(Environment environment, SnapshotStore snapshots) {
        this.environment = environment;
        this.snapshots = snapshots;
        this.ownPrefix = snapshots.directory().toString() + File.separatorChar;
    }

    /** {@code file} is opened as an archive, or tried to. */
    void opened(File file) {
        opened(file.getAbsolutePath());
    }

    /** @param path absolute */
    void opened(String path) {
        if (path.startsWith(ownPrefix)) {
            return;
        }
        synchronized (byPath) {
            OpenedArchive known = byPath.get(path);
            if (known == null) {
                byPath.put(path, new OpenedArchive(path));
                String server = JBossDeployments.serverOf(path);
                if (server != null && servers.size() < MOST_SERVERS) {
                    servers.add(server);
                }
                all = null;
                if (byPath.size() > MOST) {
                    Iterator<OpenedArchive> oldest = byPath.values().iterator();
                    oldest.next();
                    oldest.remove();
                }
            } else {
                known.reopened = true;
            }
        }
    }

    /**
     * Opens, for a file of an unpacked archive, that archive: hosts unpack {@code hello.war} to {@code hello} beside it
     * once, and do not open it any more when they are started again.
     *
     * @param file null if there is none
     */
    void openBeside(Path file) {
        Path directory = file;
        for (int level = 0; directory != null && directory.getFileName() != null && level < MOST_LEVELS; level++) {
            for (String ending : UNPACKED_ENDINGS) {
                String archive = directory + ending;
                if (new File(archive).isFile()) {
                    opened(archive);
                }
            }
            directory = directory.getParent();
        }
    }

    /** Opens the archives that a class of this URL may have come from, as far as the URL tells. */
    void openNamedBy(String url) {
        Set<String> known;
        synchronized (byPath) {
            known = servers.isEmpty() ? Set.of() : new HashSet<>(servers);
        }
        for (String archive : JBossDeployments.archivesFor(url, known)) {
            synchronized (byPath) {
                if (!byPath.containsKey(archive)) {
                    opened(archive);
                }
            }
        }
    }

    private OpenedArchive[] all() {
        synchronized (byPath) {
            if (!hasApplication) {
                // Those of the command line were opened before there was a hook.
                hasApplication = true;
                for (Path jar : environment.coveringJars()) {
                    opened(jar.toString());
                }
            }
            if (all == null) {
                all = byPath.values().toArray(new OpenedArchive[0]);
            }
            return all;
        }
    }

    private void forget(OpenedArchive one) {
        synchronized (byPath) {
            if (byPath.remove(one.path, one)) {
                all = null;
            }
        }
    }

    /** Archives that say they have an entry of such content, in the order in which they were opened first. */
    List<OpenedArchive> holding(int crc, long sizeBytes) {
        OpenedArchive[] archives = all();
        lookAfter(archives);
        List<OpenedArchive> found = new ArrayList<>(2);
        for (OpenedArchive one : archives) {
            if (keys(one).contains(crc, sizeBytes)) {
                found.add(one);
            }
        }
        return found;
    }

    /**
     * Archives in which an archive seems to have an entry of such content, in the order in which they were opened
     * first.
     *
     * @param digest SHA-256 of a class; or else of an archive or native library
     */
    List<OpenedArchive> holdingInside(byte[] digest, boolean isClass) {
        List<OpenedArchive> found = new ArrayList<>(1);
        for (OpenedArchive one : all()) {
            if (keys(one).hasInner()) {
                InnerContents inner = inner(one);
                if (inner != null && (isClass ? inner.holdsClass(digest) : inner.holdsFile(digest))) {
                    found.add(one);
                }
            }
        }
        return found;
    }

    // As it lies there, like the keys: what is found by it is looked for in a private copy again.
    private InnerContents inner(OpenedArchive one) {
        synchronized (one) {
            InnerContents inner = one.inner == null ? null : one.inner.get();
            if (inner == null) {
                try (PackageContents contents = new PackageContents(Path.of(one.path))) {
                    inner = contents.readInside();
                    one.inner = new SoftReference<>(inner);
                } catch (IOException e) {
                    // It covers nothing.
                    return null;
                }
            }
            return inner;
        }
    }

    private void lookAfter(OpenedArchive[] archives) {
        for (int i = 0; i < Math.min(LOOKED_AFTER, archives.length); i++) {
            int at = Math.floorMod(next++, archives.length);
            if (SnapshotStore.stateOf(Path.of(archives[at].path)) == null) {
                forget(archives[at]);
            }
        }
    }

    private ContentKeys keys(OpenedArchive one) {
        SoftReference<ContentKeys> reference = one.keys;
        ContentKeys keys = reference == null || one.reopened ? null : reference.get();
        if (keys != null) {
            return keys;
        }
        synchronized (one) {
            one.reopened = false;
            String state = SnapshotStore.stateOf(Path.of(one.path));
            keys = one.keys == null ? null : one.keys.get();
            if (keys == null || !state(state).equals(one.indexedState)) {
                keys = isIndexed(one.path) ? read(one.path) : ContentKeys.NONE;
                one.indexedState = state(state);
                one.keys = new SoftReference<>(keys);
                one.inner = null;
            }
            return keys;
        }
    }

    // What the guard brings along covers nothing of the application's; and a pipe would be waited for.
    private boolean isIndexed(String path) {
        return new File(path).isFile() && !environment.isOwnJar(Path.of(path));
    }

    private static String state(String stateOrNull) {
        return String.valueOf(stateOrNull);
    }

    private static ContentKeys read(String path) {
        try {
            return ContentKeys.read(new File(path), ARCHIVES);
        } catch (IOException e) {
            // It is no archive, or none that can be read: it covers nothing.
            return ContentKeys.NONE;
        }
    }

    /**
     * A private copy of the archive as it is now. Is held until it is given to {@link #release}.
     *
     * @return null if it cannot be read
     */
    OpenedArchive.Copy hold(OpenedArchive one) {
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

    private OpenedArchive.Copy copy(String path, String state) {
        Path original = Path.of(path);
        long limit = environment.maxPackageSizeBytes() == 0 ? Long.MAX_VALUE : environment.maxPackageSizeBytes();
        Path copy = snapshots.newCopy(original.getFileName().toString());
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
            snapshots.made();
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
