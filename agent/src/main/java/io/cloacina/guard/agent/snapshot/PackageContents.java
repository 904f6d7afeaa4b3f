// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import io.cloacina.guard.agent.format.PlainArchive;
import io.cloacina.guard.crypto.PackageHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

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

    private final PlainArchive archive;
    private final ZipFile zip;
    // By the part of the path after the last slash; a class name is then found as the end of a path.
    private final Map<String, List<Place>> entries = new HashMap<>();
    // Those that were not read yet, and the classes of those that were, by path.
    private final Deque<Place> innerJars = new ArrayDeque<>();
    private final Map<String, Set<PackageHash>> inner = new HashMap<>();

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
            try (Stream<Path> files = Files.walk(copy)) {
                files.filter(Files::isRegularFile)
                        .forEach(file ->
                                index(new Place(copy.relativize(file).toString().replace('\\', '/'), null, file)));
            }
        } else {
            zip = new ZipFile(copy.toFile());
            archive = PlainArchive.open(copy.toFile());
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

    /** Reads one JAR inside after the other, until one has the class as it is. */
    private synchronized Match matchInner(String path, byte[] bytes, boolean present) throws IOException {
        if (inner.isEmpty() && innerJars.isEmpty()) {
            return present ? Match.DIFFERENT : Match.ABSENT;
        }
        PackageHash wanted = PackageHash.ofContent(bytes);
        while (!inner.getOrDefault(path, Set.of()).contains(wanted)) {
            Place next = innerJars.peek();
            if (next == null) {
                return present || inner.containsKey(path) ? Match.DIFFERENT : Match.ABSENT;
            }
            try (InputStream in = open(next)) {
                readInner(in, inner);
            }
            innerJars.remove();
        }
        return Match.EQUAL;
    }

    private boolean isEqual(Place place, byte[] bytes) throws IOException {
        if (place.entry() != null) {
            return archive.isEqual(place.entry(), bytes);
        }
        try (InputStream in = open(place)) {
            return Arrays.equals(in.readAllBytes(), bytes);
        }
    }

    private InputStream open(Place place) throws IOException {
        // By the path: as a string the name may have lost some of its bytes.
        return place.file() != null
                ? Files.newInputStream(place.file())
                : zip.getInputStream(zip.getEntry(place.path()));
    }

    private static void readInner(InputStream archive, Map<String, Set<PackageHash>> found) throws IOException {
        ZipInputStream in = new ZipInputStream(archive);
        for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            String name = entry.getName();
            if (isArchive(name)) {
                readInner(in, found);
            } else if (name.endsWith(".class")) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                in.transferTo(bytes);
                PackageHash hash = PackageHash.ofContent(bytes.toByteArray());
                // As a class may be asked for from any root inside the archive, every end of its path is a name.
                for (String path = name; ; path = path.substring(path.indexOf('/') + 1)) {
                    found.computeIfAbsent(path, key -> new HashSet<>(1)).add(hash);
                    if (path.indexOf('/') < 0 || !name.contains("-INF/")) {
                        break;
                    }
                }
            }
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
