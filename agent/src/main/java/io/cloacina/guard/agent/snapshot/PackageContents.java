// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import io.cloacina.guard.agent.format.PlainArchive;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The classes that a verified copy holds, to compare with what a class loader of the host's own defines. An entry
 * counts wherever it lies in the package ({@code META-INF/versions}, {@code WEB-INF/classes}, a JAR inside): which of
 * several is used is the host's choice, and all of them were signed.
 */
public final class PackageContents implements AutoCloseable {

    /** What the package has to say on a class. */
    public enum Match {
        EQUAL,
        DIFFERENT,
        ABSENT
    }

    private static final int BUFFER_SIZE_BYTES = 8192;

    /** Is told in which archive inside a class was found. */
    public interface Inside {
        /** @param holder holds the class, directly */
        void found(InnerContents.Archive holder);
    }

    private final @Nullable PlainArchive archive;
    private final @Nullable ZipFile zip;
    private final InnerArchives reader;
    // Of what PlainArchive does not read: by the part of the path after the last slash, so that a class is found as the
    // end of a path.
    private final Map<String, List<Place>> entries = new HashMap<>();
    // Those that were not read yet, null until they are asked for; and what those hold that were.
    private @Nullable Deque<Place> innerJars;
    private final InnerContents inner = new InnerContents();

    /**
     * Where a class lies.
     *
     * @param entry null where {@link PlainArchive} does not read it
     * @param file null in an archive; its name need not be expressible as a string
     */
    private record Place(
            String path,
            PlainArchive.@Nullable Entry entry,
            @Nullable Path file) {}

    /** @param copy a private copy: a JAR, or a directory */
    public PackageContents(Path copy) throws IOException {
        if (Files.isDirectory(copy)) {
            archive = null;
            zip = null;
            reader = new InnerArchives(0);
            Deque<Place> found = new ArrayDeque<>();
            innerJars = found;
            try (Stream<Path> files = Files.walk(copy)) {
                files.filter(Files::isRegularFile)
                        .forEach(file -> index(
                                new Place(copy.relativize(file).toString().replace('\\', '/'), null, file), found));
            }
        } else {
            reader = new InnerArchives(copy.toFile().length());
            archive = PlainArchive.open(copy.toFile());
            zip = archive == null ? new ZipFile(copy.toFile()) : null;
            if (zip != null) {
                innerJars = new ArrayDeque<>();
                indexAll(zip, innerJars);
            }
        }
    }

    private void indexAll(ZipFile other, Deque<Place> found) throws IOException {
        boolean done = false;
        try {
            other.stream().forEach(entry -> index(new Place(entry.getName(), null, null), found));
            done = true;
        } catch (IllegalArgumentException e) {
            // As Java 17 says of names and comments that say they are UTF-8 and are not; later ones open no such file.
            throw new ZipException("the names of its entries cannot be read: " + e.getMessage());
        } finally {
            if (!done) {
                other.close();
            }
        }
    }

    private void index(Place place, Deque<Place> found) {
        if (place.path().endsWith(".class")) {
            entries.computeIfAbsent(PlainArchive.lastPart(place.path()), name -> new ArrayList<>(1))
                    .add(place);
        } else if (isInnerArchive(place.path())) {
            found.add(place);
        }
    }

    private Deque<Place> innerJars() throws IOException {
        if (innerJars == null) {
            Deque<Place> found = new ArrayDeque<>();
            for (PlainArchive.Entry entry : Objects.requireNonNull(archive).entries()) {
                if (isInnerArchive(entry.name())) {
                    found.add(new Place(entry.name(), entry, null));
                }
            }
            innerJars = found;
        }
        return innerJars;
    }

    /** Whether an entry is a package itself. */
    public static boolean isArchive(String entry) {
        return entry.endsWith(".jar") || entry.endsWith(".war");
    }

    /** Whether an entry is an archive that hosts unpack or read classes from. */
    public static boolean isInnerArchive(String entry) {
        return isArchive(entry)
                || entry.endsWith(".ear")
                || entry.endsWith(".rar")
                || entry.endsWith(".kar")
                || entry.endsWith(".sar");
    }

    /** Whether an entry's name is {@code path}, below whatever prefix ({@code WEB-INF/classes/}). */
    static boolean isAt(String entry, String path) {
        return entry.equals(path) || entry.endsWith("/" + path);
    }

    private List<Place> named(String lastPart) throws IOException {
        if (archive == null) {
            return entries.getOrDefault(lastPart, List.of());
        }
        List<Place> found = new ArrayList<>(1);
        for (PlainArchive.Entry entry : archive.entriesNamed(lastPart)) {
            found.add(new Place(entry.name(), entry, null));
        }
        return found;
    }

    /** As {@link #match(String, byte[], Inside)}, whatever it is that holds the class. */
    public Match match(String className, byte[] bytes) throws IOException {
        return match(className, bytes, null);
    }

    /**
     * What the package has to say on a class.
     *
     * @param className with dots
     * @param inside is told if an archive inside is what holds the class; null for none
     */
    public Match match(String className, byte[] bytes, @Nullable Inside inside) throws IOException {
        String path = className.replace('.', '/') + ".class";
        boolean present = false;
        for (Place place : named(PlainArchive.lastPart(path))) {
            if (isAt(place.path(), path)) {
                present = true;
                if (isEqual(place, bytes)) {
                    return Match.EQUAL;
                }
            }
        }
        return matchInner(path, bytes, present, inside);
    }

    /**
     * Reads one archive inside after the other, until one has the class as it is. Only classes whose entry has the name
     * of the class were noted, so that it does not matter where they lie.
     */
    private synchronized Match matchInner(String path, byte[] bytes, boolean present, @Nullable Inside inside)
            throws IOException {
        if (inner.isEmpty() && innerJars().isEmpty()) {
            return present ? Match.DIFFERENT : Match.ABSENT;
        }
        byte[] wanted = Sha256.digest().digest(bytes);
        while (!inner.holdsClass(wanted)) {
            if (!readInner()) {
                return present || inner.hasName(path) ? Match.DIFFERENT : Match.ABSENT;
            }
        }
        InnerContents.Archive holder = inner.holderOfClass(wanted);
        if (holder == null || !holder.isWhole()) {
            return Match.DIFFERENT;
        }
        if (inside != null) {
            inside.found(holder);
        }
        return Match.EQUAL;
    }

    /** @return false if all archives inside were read */
    private boolean readInner() throws IOException {
        Place next = innerJars().poll();
        if (next == null) {
            return false;
        }
        try (InputStream in = open(next)) {
            reader.searchInner(next.path(), in, inner);
        }
        return true;
    }

    /** What all archives inside hold, but for those that cannot be read. Reads them to the end. */
    public synchronized InnerContents readInside() throws IOException {
        while (!innerJars().isEmpty()) {
            try {
                readInner();
            } catch (IOException e) {
                // It holds nothing. Were that an error, all others would be inflated again for the next class.
            }
        }
        return inner;
    }

    /**
     * Whether an archive inside holds an archive or a native library of this content, at whatever depth, or is that
     * archive.
     *
     * @param around gets the archives inside in which it lies, the innermost first
     */
    public synchronized boolean holdsInside(PackageHash hash, List<PackageHash> around) throws IOException {
        byte[] wanted = hash.bytes();
        while (!inner.holdsFile(wanted)) {
            if (!readInner()) {
                return false;
            }
        }
        InnerContents.Archive holder = inner.holderOfFile(wanted);
        if (holder != null && !holder.isWhole()) {
            return false;
        }
        for (InnerContents.Archive one = holder; one != null; one = one.around()) {
            around.add(one.hash());
        }
        return true;
    }

    /**
     * Whether one of the package's own entries has this content.
     *
     * @param crc CRC-32 of the content
     * @param archivesOnly whether only archives count
     */
    public boolean holdsEntry(long sizeBytes, int crc, PackageHash hash, boolean archivesOnly) throws IOException {
        if (archive != null) {
            for (PlainArchive.Entry entry : archive.entriesWith(crc)) {
                if (entry.size() == sizeBytes && (!archivesOnly || isInnerArchive(entry.name()))) {
                    try (InputStream in = archive.open(entry)) {
                        if (isOf(in, sizeBytes, hash)) {
                            return true;
                        }
                    }
                }
            }
            return false;
        }
        if (zip != null) {
            for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                if (entry.getSize() == sizeBytes
                        && (int) entry.getCrc() == crc
                        && (!archivesOnly || isInnerArchive(entry.getName()))) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        if (isOf(in, sizeBytes, hash)) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }

    /**
     * Below which prefixes there is an entry of this content whose name is {@code path}.
     *
     * @param crc CRC-32 of the content
     * @return what stands before {@code path} in the names; empty where it is the whole name
     */
    public Set<String> prefixesOf(String path, byte[] content, int crc) throws IOException {
        Set<String> found = new HashSet<>();
        if (archive != null) {
            for (PlainArchive.Entry entry : archive.entriesWith(crc)) {
                if (isAt(entry.name(), path) && archive.isEqual(entry, content)) {
                    found.add(prefix(entry.name(), path));
                }
            }
        } else if (zip != null) {
            for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                if (isAt(entry.getName(), path)
                        && entry.getSize() == content.length
                        && isEqual(new Place(entry.getName(), null, null), content)) {
                    found.add(prefix(entry.getName(), path));
                }
            }
        }
        return found;
    }

    private static String prefix(String entry, String path) {
        return entry.substring(0, entry.length() - path.length());
    }

    /**
     * Whether there is an entry of this content whose name is {@code path}, below whatever prefix.
     *
     * @param crc CRC-32 of the content
     */
    public boolean holds(String path, byte[] content, int crc) throws IOException {
        return !prefixesOf(path, content, crc).isEmpty();
    }

    // What inflates to more than it says is read no further.
    private static boolean isOf(InputStream in, long sizeBytes, PackageHash hash) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER_SIZE_BYTES];
        long left = sizeBytes;
        for (int n = in.read(buffer); n >= 0 && left >= 0; n = in.read(buffer)) {
            digest.update(buffer, 0, n);
            left -= n;
        }
        return left == 0 && PackageHash.ofDigest(digest.digest()).equals(hash);
    }

    private boolean isEqual(Place place, byte[] bytes) throws IOException {
        if (place.entry() != null) {
            return Objects.requireNonNull(archive).isEqual(place.entry(), bytes);
        }
        try (InputStream in = open(place)) {
            return Arrays.equals(in.readNBytes(bytes.length + 1), bytes);
        }
    }

    private InputStream open(Place place) throws IOException {
        if (place.entry() != null) {
            return Objects.requireNonNull(archive).open(place.entry());
        }
        // By the path: as a string the name may have lost some of its bytes.
        if (place.file() != null) {
            return Files.newInputStream(place.file());
        }
        ZipFile other = Objects.requireNonNull(zip);
        return other.getInputStream(other.getEntry(place.path()));
    }

    @Override
    public void close() throws IOException {
        try {
            if (archive != null) {
                archive.close();
            }
        } finally {
            if (zip != null) {
                zip.close();
            }
        }
    }
}
