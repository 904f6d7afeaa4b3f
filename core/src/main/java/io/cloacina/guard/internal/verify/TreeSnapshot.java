// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a directory as one package. Its hash is the SHA-256 of a listing that has, for every regular file, sorted by
 * the bytes of its path, the line
 *
 * <pre>{@code <hex SHA-256 of the file>  <path relative to the directory, with />}</pre>
 *
 * and a line feed, so that coreutils can check it. A link to a file inside the directory counts as that file; a link
 * that leads out or to a directory, a name with a line break, carriage return or backslash, and anything that is
 * neither file nor directory make the directory unreadable as a package. Empty directories do not count, nor does a
 * detached signature beside the file that it is about ({@link #isSignature}): members and tree can be signed in any
 * order.
 *
 * <p>Without recursion: a tree may be deeper than the stack of the thread that loads from it. Names are bytes, which
 * need not be characters in the locale of this JVM.
 */
public final class TreeSnapshot {

    private static final String SIGNATURE = ".sig";

    private final Path root;
    private final Path realRoot;
    private final @Nullable LongConsumer progress;
    // Both in the order in which they were found: a directory comes before what is in it.
    private final List<Path> directories = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private long sizeBytes;
    private final TreeListing listing = new TreeListing();

    private TreeSnapshot(Path root, Path realRoot, @Nullable LongConsumer progress) {
        this.root = root;
        this.realRoot = realRoot;
        this.progress = progress;
    }

    /** The hash of the directory. */
    public static PackageHash hash(Path directory) throws UnreadablePackageException {
        return hash(directory, null);
    }

    /**
     * The hash of the directory.
     *
     * @param progress called, on this thread, with every few bytes that were read; null if none is wanted
     */
    public static PackageHash hash(Path directory, @Nullable LongConsumer progress) throws UnreadablePackageException {
        return read(directory, null, Long.MAX_VALUE, progress);
    }

    /** As {@link #copy(Path, Path, long)}, without a limit. */
    public static PackageHash copy(Path directory, Path copy) throws UnreadablePackageException {
        return copy(directory, copy, Long.MAX_VALUE);
    }

    /**
     * Copies the directory and gives the hash of the copy, whose files and directories are read-only. The directory
     * that the copy is made in is no part of the package, should it lie inside.
     *
     * @param copy a new directory to make, inside one that only this process writes to; what was copied stays there
     *     even if this fails, for the caller to remove
     * @param limitBytes what has more in all its files, or more than the free space, is refused before it is read
     */
    public static PackageHash copy(Path directory, Path copy, long limitBytes) throws UnreadablePackageException {
        return read(directory, copy, limitBytes, null);
    }

    /**
     * Whether {@code entry} is called {@code X.sig} and lies beside a regular file {@code X}, or a link to one, so that
     * it is no part of a tree. A directory never is one.
     */
    public static boolean isSignature(Path entry) {
        String name = entry.getFileName() == null ? "" : entry.getFileName().toString();
        if (!name.endsWith(SIGNATURE) || name.length() == SIGNATURE.length()) {
            return false;
        }
        Path about = isAscii(name)
                ? entry.resolveSibling(name.substring(0, name.length() - SIGNATURE.length()))
                : withoutSuffix(entry);
        return Files.isRegularFile(about) && !Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
    }

    /** By the URI, which has the bytes of the name: as characters, it may have lost some. */
    private static Path withoutSuffix(Path entry) {
        String uri = entry.toUri().toString();
        return Path.of(URI.create(uri.substring(0, uri.lastIndexOf(SIGNATURE))));
    }

    private static PackageHash read(
            Path directory, @Nullable Path copy, long limitBytes, @Nullable LongConsumer progress)
            throws UnreadablePackageException {
        if (!Files.isDirectory(directory)) {
            throw new UnreadablePackageException("[" + directory + "] is not a directory");
        }
        try {
            TreeSnapshot snapshot = new TreeSnapshot(directory, directory.toRealPath(), progress);
            snapshot.list(copy);
            if (copy != null) {
                PackageSnapshot.requireSpace(directory, snapshot.sizeBytes, copy, limitBytes);
            }
            snapshot.read(copy);
            return snapshot.listing.hash();
        } catch (IOException e) {
            throw new UnreadablePackageException("[" + directory + "] cannot be read as a package: " + e, e);
        }
    }

    /** Finds everything there is, before any of it is read. */
    private void list(@Nullable Path copy) throws IOException, UnreadablePackageException {
        Path own =
                copy == null ? null : Objects.requireNonNull(copy.getParent()).toRealPath();
        directories.add(root);
        for (int i = 0; i < directories.size(); i++) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directories.get(i))) {
                for (Path entry : entries) {
                    list(entry, own);
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
    }

    private void list(Path entry, @Nullable Path own) throws IOException, UnreadablePackageException {
        BasicFileAttributes attributes =
                Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isDirectory()) {
            if (own == null || !isSame(entry, own)) {
                directories.add(entry);
            }
            return;
        }
        if (isSignature(entry)) {
            return;
        }
        if (attributes.isSymbolicLink()) {
            requireInnerFile(entry);
            sizeBytes += Files.size(entry);
        } else if (attributes.isRegularFile()) {
            sizeBytes += attributes.size();
        } else {
            throw UnreadablePackageException.ofRefusedForm("[" + entry + "] is neither a file nor a directory");
        }
        if (sizeBytes < 0) {
            sizeBytes = Long.MAX_VALUE;
        }
        files.add(entry);
    }

    // Names first: to ask the file system for every directory would cost each of them two calls.
    private static boolean isSame(Path entry, Path own) throws IOException {
        return entry.getFileName().equals(own.getFileName())
                && entry.toRealPath().equals(own);
    }

    private void read(@Nullable Path copy) throws IOException, UnreadablePackageException {
        if (copy == null) {
            for (Path file : files) {
                listing.add(bytes(file), PackageSnapshot.hash(file, progress));
            }
            return;
        }
        for (Path directory : directories) {
            Files.createDirectory(copy.resolve(root.relativize(directory)));
        }
        for (Path file : files) {
            listing.add(bytes(file), PackageSnapshot.copy(file, copy.resolve(root.relativize(file))));
        }
        for (Path directory : directories) {
            CopyFile.protectDirectory(copy.resolve(root.relativize(directory)));
        }
    }

    private void requireInnerFile(Path link) throws IOException, UnreadablePackageException {
        Path target;
        try {
            target = link.toRealPath();
        } catch (NoSuchFileException e) {
            throw UnreadablePackageException.ofRefusedForm("[" + link + "] is a link to nowhere");
        }
        if (!target.startsWith(realRoot)) {
            throw UnreadablePackageException.ofRefusedForm("[" + link + "] is a link that leads out of the directory");
        }
        if (Files.isDirectory(target)) {
            throw UnreadablePackageException.ofRefusedForm("[" + link + "] is a link to a directory");
        }
        if (!Files.isRegularFile(target)) {
            throw UnreadablePackageException.ofRefusedForm("[" + link + "] is a link to what is no file");
        }
    }

    /** The path below the root as the bytes that the file system has: a String may have lost some on the way. */
    private byte[] bytes(Path file) {
        String relative = root.relativize(file).toString();
        return isAscii(relative) ? ascii(relative) : rawBytes(file);
    }

    private static boolean isAscii(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) > 0x7e) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String name) {
        String separator = FileSystems.getDefault().getSeparator();
        return (separator.equals("/") ? name : name.replace(separator, "/")).getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] rawBytes(Path file) {
        String rootPath = root.toUri().getRawPath();
        String filePath = file.toUri().getRawPath();
        String encoded = filePath.substring(rootPath.endsWith("/") ? rootPath.length() : rootPath.length() + 1);
        ByteArrayOutputStream out = new ByteArrayOutputStream(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%') {
                out.write(Integer.parseInt(encoded, i + 1, i + 3, 16));
                i += 2;
            } else {
                out.write(c);
            }
        }
        return out.toByteArray();
    }
}
