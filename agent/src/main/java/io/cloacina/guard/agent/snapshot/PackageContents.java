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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

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

    /** Classes in archives inside that are looked at: some twenty megabytes of memory. */
    private static final int MAX_INNER_CLASSES = 200_000;

    /** Names that a class in an archive inside may be asked for by. */
    private static final int MAX_INNER_NAMES = 32;

    /** What is longer is no class of any compiler, and not worth the time. */
    private static final int MAX_CLASS_BYTES = 16 << 20;

    private static final int BUFFER_SIZE_BYTES = 8192;

    private final PlainArchive archive;
    private final ZipFile zip;
    private final InnerArchives reader;
    // By the part of the path after the last slash; a class name is then found as the end of a path.
    private final Map<String, List<Place>> entries = new HashMap<>();
    // Those that were not read yet, and of those that were: the contents of their classes, and hashes of the names.
    private final Deque<Place> innerJars = new ArrayDeque<>();
    private final Set<PackageHash> innerClasses = new HashSet<>();
    private final Set<Long> innerNames = new HashSet<>();

    /**
     * Where a class lies.
     *
     * @param entry null where {@link PlainArchive} does not read it
     * @param file null in an archive; its name need not be expressible as a string
     */
    private record Place(String path, PlainArchive.Entry entry, Path file) {}

    /** @param copy a private copy: a JAR, or a folder */
    public PackageContents(Path copy) throws IOException {
        if (Files.isDirectory(copy)) {
            archive = null;
            zip = null;
            reader = new InnerArchives(0);
            try (Stream<Path> files = Files.walk(copy)) {
                files.filter(Files::isRegularFile)
                        .forEach(file ->
                                index(new Place(copy.relativize(file).toString().replace('\\', '/'), null, file)));
            }
        } else {
            reader = new InnerArchives(copy.toFile().length());
            archive = PlainArchive.open(copy.toFile());
            zip = archive == null ? new ZipFile(copy.toFile()) : null;
            if (archive == null) {
                zip.stream().forEach(entry -> index(new Place(entry.getName(), null, null)));
            } else {
                for (PlainArchive.Entry entry : archive.entries()) {
                    index(new Place(entry.name(), entry, null));
                }
            }
        }
    }

    private void index(Place place) {
        if (place.path().endsWith(".class")) {
            entries.computeIfAbsent(lastPart(place.path()), name -> new ArrayList<>(1))
                    .add(place);
        } else if (isArchive(place.path())) {
            innerJars.add(place);
        }
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Whether an entry is a package itself. */
    public static boolean isArchive(String entry) {
        return entry.endsWith(".jar") || entry.endsWith(".war");
    }

    private static boolean isAt(String entry, String path) {
        return entry.equals(path) || entry.endsWith("/" + path);
    }

    /** @param className with dots */
    public Match match(String className, byte[] bytes) throws IOException {
        String path = className.replace('.', '/') + ".class";
        boolean present = false;
        for (Place place : entries.getOrDefault(lastPart(path), List.of())) {
            if (isAt(place.path(), path)) {
                present = true;
                if (isEqual(place, bytes)) {
                    return Match.EQUAL;
                }
            }
        }
        return matchInner(path, bytes, present);
    }

    /**
     * Reads one archive inside after the other, until one has the class as it is. Its bytes hold its name, so that it does
     * not matter where they lie.
     */
    private synchronized Match matchInner(String path, byte[] bytes, boolean present) throws IOException {
        if (innerClasses.isEmpty() && innerJars.isEmpty()) {
            return present ? Match.DIFFERENT : Match.ABSENT;
        }
        PackageHash wanted = PackageHash.ofContent(bytes);
        while (!innerClasses.contains(wanted)) {
            Place next = innerJars.poll();
            if (next == null) {
                return present || innerNames.contains(hash(path)) ? Match.DIFFERENT : Match.ABSENT;
            }
            try (InputStream in = open(next)) {
                reader.search(in, new Indexing());
            }
        }
        return Match.EQUAL;
    }

    private boolean isEqual(Place place, byte[] bytes) throws IOException {
        if (place.entry() != null) {
            return archive.isEqual(place.entry(), bytes);
        }
        try (InputStream in = open(place)) {
            return Arrays.equals(in.readNBytes(bytes.length + 1), bytes);
        }
    }

    private InputStream open(Place place) throws IOException {
        if (place.entry() != null) {
            return archive.open(place.entry());
        }
        // By the path: as a string the name may have lost some of its bytes.
        return place.file() != null
                ? Files.newInputStream(place.file())
                : zip.getInputStream(zip.getEntry(place.path()));
    }

    /** Long enough that classes of one package do not meet by chance; a class that does is refused, never let in. */
    private static long hash(String path) {
        long hash = path.length();
        for (int i = 0; i < path.length(); i++) {
            hash = hash * 6364136223846793005L + path.charAt(i);
        }
        return hash;
    }

    /** Notes the classes of an archive inside. */
    private final class Indexing implements InnerArchives.Visitor {
        @Override
        public boolean visit(String name, InputStream in) throws IOException {
            if (!name.endsWith(".class")) {
                return false;
            }
            MessageDigest digest = Sha256.digest();
            byte[] buffer = new byte[BUFFER_SIZE_BYTES];
            long length = 0;
            for (int n = in.read(buffer); n >= 0 && length <= MAX_CLASS_BYTES; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                length += n;
            }
            if (length > MAX_CLASS_BYTES) {
                return false;
            }
            innerClasses.add(PackageHash.ofDigest(digest.digest()));
            // As a class may be asked for from any root inside the archive, every end of its path is a name.
            String path = name;
            for (int names = 1; ; names++) {
                innerNames.add(hash(path));
                if (names == MAX_INNER_NAMES || path.indexOf('/') < 0 || !name.contains("-INF/")) {
                    break;
                }
                path = path.substring(path.indexOf('/') + 1);
            }
            return innerClasses.size() >= MAX_INNER_CLASSES || innerNames.size() >= 2 * MAX_INNER_CLASSES;
        }
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
