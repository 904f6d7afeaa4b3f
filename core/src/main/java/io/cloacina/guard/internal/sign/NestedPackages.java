// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.internal.verify.TreeListing;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.SigningException.Reason;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * What hosts extract from an archive and load as packages of their own: archives and native libraries at any depth, and the
 * directories of classes of web and of Spring Boot applications. Entries are those that the central directory names.
 *
 * <p>For one thread.
 */
final class NestedPackages {

    /** An archive in an archive in an archive: more than any known host extracts. */
    static final int MAX_DEPTH = 4;

    /** What even the smallest archive may have extracted. */
    static final long MIN_BYTES = 512L << 20;

    /** How much of that larger ones may have for each of their own bytes. */
    private static final int MAX_RATIO = 16;

    private static final Set<String> ARCHIVES = Set.of("jar", "war", "ear", "rar", "kar", "sar", "hpi", "jpi", "zip");

    private static final Set<String> LIBRARIES = Set.of("so", "dll", "dylib", "jnilib");

    private static final String[] CLASS_DIRECTORIES = {"WEB-INF/classes/", "BOOT-INF/classes/"};

    private static final String SIGNATURE = ".sig";
    private static final int BUFFER_SIZE_BYTES = 1 << 16;

    private final List<NestedPackage> found = new ArrayList<>();
    private long left;

    private NestedPackages(long left) {
        this.left = left;
    }

    /**
     * All that there are in an archive, in the order of its entries; directories last.
     *
     * @throws SigningException {@code UNREADABLE_PACKAGE} also for what is no archive, or is too large or too deep;
     *     {@code REFUSED_TREE}
     */
    static List<NestedPackage> in(Path archive) throws SigningException {
        try {
            long budget = Math.max(MIN_BYTES, Files.size(archive) * MAX_RATIO);
            NestedPackages packages = new NestedPackages(budget);
            packages.read(archive, archive.toString(), 1);
            return packages.found;
        } catch (IOException | IllegalArgumentException e) {
            throw new SigningException(
                    Reason.UNREADABLE_PACKAGE,
                    "[" + archive + "] cannot be read as an archive: "
                            + (e.getMessage() == null ? e.toString() : e.getMessage()),
                    e);
        } catch (UnreadablePackageException e) {
            throw new SigningException(Reason.REFUSED_TREE, "in [" + archive + "]: " + e.getMessage(), e);
        }
    }

    /** Whether there can be any in a file: it is called an archive, or is one all the same. */
    static boolean canBeIn(Path file) {
        return isArchive(file.toString()) || isReadable(file);
    }

    private void read(Path archive, String name, int depth)
            throws IOException, UnreadablePackageException, SigningException {
        // Names without the flag for UTF-8 are UTF-8 all the same, in archives of most programs.
        try (ZipFile zip = new ZipFile(archive.toFile(), StandardCharsets.UTF_8)) {
            Set<String> names = new HashSet<>();
            Map<String, TreeListing> trees = new TreeMap<>();
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                names.add(entries.nextElement().getName());
            }
            Set<String> seen = new HashSet<>();
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                ZipEntry entry = entries.nextElement();
                String directory = directoryOf(entry.getName());
                if (entry.isDirectory() || directory == null && !isPackage(entry.getName())) {
                    continue;
                }
                if (!seen.add(entry.getName())) {
                    throw new SigningException(
                            Reason.REFUSED_TREE,
                            "[" + name + "] has two entries [" + entry.getName()
                                    + "], and hosts differ in which they extract",
                            null);
                }
                PackageHash hash = hash(zip, entry, name, depth);
                if (directory != null && !isSignature(entry.getName(), names)) {
                    String path = entry.getName().substring(directory.length());
                    trees.computeIfAbsent(directory, d -> new TreeListing())
                            .add(path.getBytes(StandardCharsets.UTF_8), hash);
                }
            }
            for (Map.Entry<String, TreeListing> tree : trees.entrySet()) {
                String directory = tree.getKey().substring(0, tree.getKey().length() - 1);
                found.add(nested(name + "!/" + directory, tree.getValue().hash()));
            }
        }
    }

    private static NestedPackage nested(String path, PackageHash hash) throws IOException {
        try {
            return new NestedPackage(Path.of(path), hash);
        } catch (InvalidPathException e) {
            throw new IOException(
                    "it has a name that this JVM cannot spell (LC_ALL=C.UTF-8 may help): " + e.getReason(), e);
        }
    }

    /** Hashes an entry, and looks into it if it is an archive. */
    private PackageHash hash(ZipFile zip, ZipEntry entry, String name, int depth)
            throws IOException, UnreadablePackageException, SigningException {
        String path = name + "!/" + entry.getName();
        if (!isArchive(entry.getName())) {
            PackageHash hash = copy(zip, entry, OutputStream.nullOutputStream());
            if (isPackage(entry.getName())) {
                found.add(nested(path, hash));
            }
            return hash;
        }
        Path extracted = Files.createTempFile("cloacina-", ".nested");
        try {
            PackageHash hash;
            try (OutputStream out = Files.newOutputStream(extracted)) {
                hash = copy(zip, entry, out);
            }
            found.add(nested(path, hash));
            if (depth >= MAX_DEPTH) {
                throw new IOException("[" + path + "] lies in " + depth + " archives, more than any host extracts");
            }
            if (isReadable(extracted)) {
                read(extracted, path, depth + 1);
            }
            return hash;
        } finally {
            Files.delete(extracted);
        }
    }

    /** What is called an archive and is none is extracted all the same. */
    private static boolean isReadable(Path archive) {
        try (ZipFile zip = new ZipFile(archive.toFile(), StandardCharsets.UTF_8)) {
            return zip.size() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    private PackageHash copy(ZipFile zip, ZipEntry entry, OutputStream out) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER_SIZE_BYTES];
        try (InputStream in = zip.getInputStream(entry)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                left -= n;
                if (left < 0) {
                    throw new IOException("what is in it is out of proportion to its size");
                }
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
        }
        return PackageHash.ofDigest(digest.digest());
    }

    private static @Nullable String directoryOf(String entry) {
        for (String directory : CLASS_DIRECTORIES) {
            if (entry.startsWith(directory)) {
                return directory;
            }
        }
        return null;
    }

    /** As {@code TreeSnapshot.isSignature} has it of files. */
    private static boolean isSignature(String entry, Set<String> names) {
        String about = entry.endsWith(SIGNATURE) ? entry.substring(0, entry.length() - SIGNATURE.length()) : "";
        return !about.isEmpty() && !about.endsWith("/") && names.contains(about);
    }

    private static boolean isPackage(String entry) {
        return isArchive(entry) || LIBRARIES.contains(suffix(entry)) || entry.matches(".*\\.so(\\.[0-9]+)+");
    }

    private static boolean isArchive(String entry) {
        return ARCHIVES.contains(suffix(entry));
    }

    private static String suffix(String entry) {
        return entry.substring(entry.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
