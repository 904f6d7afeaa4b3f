// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.format.Elf;
import io.cloacina.guard.agent.snapshot.InnerArchives;
import io.cloacina.guard.agent.snapshot.PackageContents;
import io.cloacina.guard.agent.snapshot.Snapshot;
import io.cloacina.guard.agent.snapshot.SnapshotStore;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.internal.decision.Admission;
import io.cloacina.guard.internal.decision.Cover;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.internal.store.SqliteLibrary;
import io.cloacina.guard.verify.DetachedSignature;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** Native libraries: what covers them, and which copy replaces which. */
public final class NativeLibraries {

    private static final int BUFFER_SIZE_BYTES = 64 * 1024;

    private final SnapshotStore snapshots;
    private final List<Path> applicationJars;
    private final boolean ownProgram;
    private final Map<String, Loaded> byOriginal = new HashMap<>();

    /**
     * A library that was admitted.
     *
     * @param loader whose library it is; null for a loader that lives as long as the JVM
     */
    private record Loaded(Path copy, @Nullable WeakReference<ClassLoader> loader) {
        boolean isAlive() {
            return loader == null || loader.get() != null;
        }
    }

    /** @param applicationJars the JARs of the start class path, when those need no signature; else empty */
    NativeLibraries(SnapshotStore snapshots, List<Path> applicationJars, boolean ownProgram) {
        this.snapshots = snapshots;
        this.ownProgram = ownProgram;
        this.applicationJars = List.copyOf(applicationJars);
    }

    /**
     * Decides on a library.
     *
     * <p>The JVM tells libraries apart by path, so as long as the loader of a library lives, the same copy replaces
     * its original, even if the original was replaced: the JVM answers as it would without a guard (already loaded
     * here, or already loaded in another class loader), and no new code runs.
     *
     * @param decisions makes the copy that it is given
     * @return the path to load
     */
    String admit(Load load, @Nullable ClassLoader loader, Decisions decisions) {
        String path = load.packagePath();
        Path copy;
        try {
            copy = snapshots.newCopyInDirectory(
                    Decisions.file(load).getFileName().toString());
        } catch (IOException e) {
            throw new UncheckedIOException("the private copy of [" + path + "] cannot be made: " + e.getMessage(), e);
        }
        boolean kept = false;
        try {
            Admission admission = decisions.admit(load, copy);
            Decisions.demand(load, admission);
            Admission.Allowed allowed = (Admission.Allowed) admission;
            if (!allowed.copied()) {
                return path;
            }
            copySiblings(load, copy, decisions, new HashSet<>(Set.of(copy)));
            synchronized (byOriginal) {
                removeDropped();
                Loaded before = byOriginal.get(path);
                if (before != null) {
                    return before.copy().toString();
                }
                byOriginal.put(path, new Loaded(copy, loader == null ? null : new WeakReference<>(loader)));
            }
            kept = true;
            return copy.toString();
        } finally {
            snapshots.made(copy);
            if (!kept) {
                snapshots.delete(Objects.requireNonNull(copy.getParent()));
            }
        }
    }

    /**
     * Libraries that lie beside the original and that the linker would look for there ({@code $ORIGIN}) must lie beside
     * the copy too, and are decided on like it. A path that leads above the library's own directory is left to the
     * linker, which will not find anything there.
     */
    private void copySiblings(Load load, Path copy, Decisions decisions, Set<Path> done) {
        Elf elf;
        try {
            elf = Elf.read(copy);
        } catch (IOException e) {
            // The linker refuses what is broken; there is nothing to copy for it.
            return;
        }
        for (String element : elf.runPath()) {
            String below = below(element);
            for (String name : below == null ? List.<String>of() : elf.needed()) {
                Path original =
                        Decisions.file(load).resolveSibling(below).resolve(name).normalize();
                Path target = copy.resolveSibling(below).resolve(name).normalize();
                if (!Files.isRegularFile(original) || !target.startsWith(copy.getParent()) || !done.add(target)) {
                    continue;
                }
                Load sibling = Load.ofFile(Load.Kind.NATIVE, original, load.hook(), load.classLoader());
                try {
                    Files.createDirectories(target.getParent());
                } catch (IOException e) {
                    throw new UncheckedIOException("the copy of [" + original + "] cannot be made: " + e, e);
                }
                Decisions.demand(sibling, decisions.admit(sibling, target));
                copySiblings(sibling, target, decisions, done);
            }
        }
    }

    /** The part of a search path behind {@code $ORIGIN}, relative; null if it begins elsewhere. */
    private static @Nullable String below(String element) {
        for (String origin : new String[] {"$ORIGIN", "${ORIGIN}"}) {
            if (element.equals(origin)) {
                return ".";
            }
            if (element.startsWith(origin + "/")) {
                return element.substring(origin.length() + 1).isEmpty() ? "." : element.substring(origin.length() + 1);
            }
        }
        return null;
    }

    // Libraries are extracted to a new name each time, so a dropped entry would not be found again by its path.
    private void removeDropped() {
        for (Iterator<Loaded> all = byOriginal.values().iterator(); all.hasNext(); ) {
            Loaded one = all.next();
            if (!one.isAlive()) {
                all.remove();
                snapshots.delete(Objects.requireNonNull(one.copy().getParent()));
            }
        }
    }

    /**
     * Where the same bytes lie in a JAR that is verified or part of the application, or else in one that only audit
     * mode has admitted; null if nowhere.
     */
    @Nullable
    Cover coverOf(Path library, PackageHash hash) {
        long sizeBytes = library.toFile().length();
        Cover cover = coverAmongCopies(true, sizeBytes, hash);
        if (cover != null) {
            return cover;
        }
        if (ownProgram && isOwnLibrary(hash)) {
            return new Cover("the agent jar", null, null);
        }
        for (Path jar : applicationJars) {
            if (contains(jar, sizeBytes, hash, new ArrayList<>(1))) {
                return new Cover(jar.toString(), null, null);
            }
        }
        return coverAmongCopies(false, sizeBytes, hash);
    }

    private @Nullable Cover coverAmongCopies(boolean signed, long sizeBytes, PackageHash hash) {
        for (Snapshot snapshot : snapshots.all()) {
            List<PackageHash> around = new ArrayList<>(1);
            if (snapshot.signer() != null == signed && contains(snapshot.copy(), sizeBytes, hash, around)) {
                return cover(snapshot, around);
            }
        }
        return null;
    }

    /** @param around the archives inside of {@code snapshot} in which the library lies */
    private static Cover cover(Snapshot snapshot, List<PackageHash> around) {
        Cover outer = snapshot.cover();
        if (outer == null) {
            Path signature = DetachedSignature.pathFor(Path.of(snapshot.original()));
            return new Cover(snapshot.original(), snapshot.hash(), signature, true, around);
        }
        around.add(snapshot.hash());
        around.addAll(outer.around());
        return new Cover(outer.path(), outer.packageHash(), outer.signatureFile(), outer.isLoaded(), around);
    }

    /** The agent jar as a program in a JVM that it guards: its SQLite library lies in its pack. */
    private static boolean isOwnLibrary(PackageHash hash) {
        try (InputStream in = OwnClasses.LOADER.getResourceAsStream(SqliteLibrary.resource())) {
            return in != null && hash(in).equals(hash);
        } catch (IOException e) {
            // Then it covers nothing, and the library needs a signature of its own.
            return false;
        }
    }

    /** @param around gets the archives inside in which it lies, the innermost first */
    private static boolean contains(Path jar, long sizeBytes, PackageHash hash, List<PackageHash> around) {
        if (!jar.toFile().isFile()) {
            return false;
        }
        InnerArchives inner = new InnerArchives(jar.toFile().length());
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                if (entry.getSize() == sizeBytes
                        && !entry.isDirectory()
                        && hash(zip, entry).equals(hash)) {
                    return true;
                }
                if (PackageContents.isInnerArchive(entry.getName())) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        Searching search = new Searching(hash);
                        inner.searchInner(entry.getName(), in, search);
                        if (search.isFound()) {
                            around.addAll(search.around);
                            return true;
                        }
                    }
                }
            }
            return false;
        } catch (IOException | IllegalArgumentException e) {
            // What cannot be read, or has a name or comment that is not text, covers nothing; the library then needs a
            // signature of its own.
            return false;
        }
    }

    /**
     * Looks for a library in archives inside, whose entries do not tell their size before they were read. It is found if
     * all archives around it were read to their end: one of them may have been withdrawn.
     */
    private static final class Searching implements InnerArchives.Visitor {
        private final PackageHash wanted;
        private final List<PackageHash> around = new ArrayList<>(1);
        private int depth;
        // Of the next archive around the library that is to end; -1 before it was seen, 0 after all have ended.
        private int awaited = -1;

        Searching(PackageHash wanted) {
            this.wanted = wanted;
        }

        boolean isFound() {
            return awaited == 0;
        }

        @Override
        public boolean begin(int begun, String name) {
            depth = begun;
            return false;
        }

        @Override
        public boolean visit(String name, InputStream in) throws IOException {
            if (awaited < 0 && !name.endsWith(".class") && hash(in).equals(wanted)) {
                awaited = depth;
            }
            return false;
        }

        @Override
        public void end(int ended, byte[] digest) {
            depth = ended - 1;
            if (ended == awaited) {
                around.add(PackageHash.ofDigest(digest));
                awaited--;
            }
        }
    }

    private static PackageHash hash(ZipFile zip, ZipEntry entry) throws IOException {
        try (InputStream in = zip.getInputStream(entry)) {
            return hash(in);
        }
    }

    private static PackageHash hash(InputStream in) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER_SIZE_BYTES];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            digest.update(buffer, 0, n);
        }
        return PackageHash.ofDigest(digest.digest());
    }
}
