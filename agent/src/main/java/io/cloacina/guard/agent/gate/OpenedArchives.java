// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.format.ContentKeys;
import io.cloacina.guard.agent.jdk.JdkInternals;
import io.cloacina.guard.agent.jdk.StreamedFile;
import io.cloacina.guard.agent.snapshot.InnerContents;
import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The archives that this JVM has opened, for any caller: where code is looked for whose origin names no package that
 * holds it.
 *
 * <p>To open an archive costs no more than to note its path. It is indexed when something of unknown origin is looked
 * for, as it lies there; what is found that way is compared with a private copy, whose hash is what is decided on
 * ({@link ArchiveCopies}). An index goes with its archive, and where memory is scarce.
 */
final class OpenedArchives {

    /** How many are remembered; then those that were opened first are forgotten. */
    static final int MOST = 10_000;

    /** Directories of servers that are remembered; a JVM runs one. */
    private static final int MOST_SERVERS = 16;

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
    private final LinkedHashMap<String, OpenedArchive> byPath = new LinkedHashMap<>();
    private final Set<String> servers = new HashSet<>();
    private final Set<String> karafs = new HashSet<>();
    private OpenedArchive @Nullable [] all;
    private int next;
    private boolean hasApplication;

    OpenedArchives(Environment environment, SnapshotStore snapshots) {
        this.environment = environment;
        this.snapshots = snapshots;
    }

    /** {@code file} is opened as an archive, or tried to. */
    void opened(File file) {
        opened(file.getAbsolutePath());
    }

    /** @param path absolute */
    void opened(String path) {
        if (snapshots.isBelow(path)) {
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
                String karaf = KarafDeployments.baseOf(path);
                if (karaf != null && karafs.size() < MOST_SERVERS) {
                    karafs.add(karaf);
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

    /** {@code file} is open as an archive now, and read from {@code source}. */
    void opened(File file, @Nullable Object source) {
        OpenedArchive one = source == null ? null : known(file.getAbsolutePath());
        if (one != null && source != null) {
            one.openings.add(source, JdkInternals.attributesOf(source));
        }
    }

    /** An archive is going to be read from {@code stream}: noted, if that reads a file. */
    void streamed(InputStream stream) {
        StreamedFile file = StreamedFile.of(stream);
        if (file != null) {
            String path = new File(file.path()).getAbsolutePath();
            read(path, file.open());
        }
    }

    /**
     * An archive is opened in another way than by {@code java.util.zip}.
     *
     * @param path absolute
     * @param open the file that is open; null if this system has no names for open files
     */
    void read(String path, @Nullable Path open) {
        opened(path);
        OpenedArchive one = known(path);
        if (one != null) {
            try {
                one.openings.add(
                        null, Files.readAttributes(open == null ? Path.of(path) : open, BasicFileAttributes.class));
            } catch (IOException e) {
                // It is not there any more.
                return;
            }
        }
    }

    private @Nullable OpenedArchive known(String path) {
        synchronized (byPath) {
            return byPath.get(path);
        }
    }

    /** {@code file} was decided on in that state, {@link SnapshotStore#stateOf} it. */
    void judged(Path file, @Nullable String state) {
        OpenedArchive one = known(file.toString());
        if (one != null && state != null) {
            one.openings.judged(state);
        }
    }

    /**
     * Whether what was opened from {@code file} may be something else than what was decided on. A host may open an archive
     * by another path than the one that its classes name.
     *
     * @param state {@link SnapshotStore#stateOf} what was decided on
     */
    boolean mayBeAnother(Path file, @Nullable String state) {
        String path = file.toString();
        String end = File.separator + file.getFileName();
        for (OpenedArchive one : all()) {
            if ((one.path.equals(path) || one.path.endsWith(end) && isSame(Path.of(one.path), file))
                    && one.openings.mayBeOf(file, state)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSame(Path one, Path other) {
        try {
            return Files.isSameFile(one, other);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Opens, for a file of an unpacked archive, that archive: hosts unpack {@code hello.war} to {@code hello} beside it
     * once, and do not open it any more when they are started again.
     *
     * @param file null if there is none
     */
    void openBeside(@Nullable Path file) {
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

    /** Opens the archives from which a host has unpacked what it starts from a cache of its own. */
    void openDeployed() {
        String[] bases;
        synchronized (byPath) {
            bases = karafs.toArray(new String[0]);
        }
        for (String base : bases) {
            for (String archive : KarafDeployments.archivesOf(base)) {
                if (known(archive) == null) {
                    opened(archive);
                }
            }
        }
    }

    /** Opens the archives that a class of this URL may have come from, as far as the URL tells. */
    void openNamedBy(@Nullable String url) {
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
        if (!one.openings.areDone()) {
            // Its loader may still define classes, and another file be put there. What is gone is indexed as empty.
            one.reopened = true;
            return;
        }
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
    private @Nullable InnerContents inner(OpenedArchive one) {
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

    private static String state(@Nullable String stateOrNull) {
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
}
