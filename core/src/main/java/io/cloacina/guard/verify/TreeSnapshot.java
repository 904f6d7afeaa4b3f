package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Reads a folder as one package. Its hash is the SHA-256 of a listing that has, for every regular file, sorted by the
 * bytes of its path, the line
 *
 * <pre>{@code <hex SHA-256 of the file>  <path relative to the folder, with />}</pre>
 *
 * and a line feed, so that coreutils can check it. A link to a file inside the folder counts as that file; a link that
 * leads out or to a folder, a name with a line break, carriage return or backslash, and anything that is neither file
 * nor folder make the folder unreadable as a package. Empty folders do not count.
 */
public final class TreeSnapshot {

    private final Path root;
    private final Path realRoot;
    private final Path copyRoot;
    private final LongConsumer progress;
    private final TreeMap<byte[], PackageHash> listing = new TreeMap<>(Arrays::compareUnsigned);

    private TreeSnapshot(Path root, Path realRoot, Path copyRoot, LongConsumer progress) {
        this.root = root;
        this.realRoot = realRoot;
        this.copyRoot = copyRoot;
        this.progress = progress;
    }

    /** The hash of the folder. */
    public static PackageHash hash(Path folder) throws UnreadablePackageException {
        return hash(folder, read -> {});
    }

    /**
     * The hash of the folder.
     *
     * @param progress told, on this thread, of every few bytes that were read
     */
    public static PackageHash hash(Path folder, LongConsumer progress) throws UnreadablePackageException {
        return read(folder, null, progress);
    }

    /**
     * Copies the folder and gives the hash of the copy.
     *
     * @param copy a new folder to make, inside one that only this process writes to; what was copied stays there even
     *     if this fails, for the caller to remove
     */
    public static PackageHash copy(Path folder, Path copy) throws UnreadablePackageException {
        return read(folder, copy, read -> {});
    }

    private static PackageHash read(Path folder, Path copy, LongConsumer progress) throws UnreadablePackageException {
        if (!Files.isDirectory(folder)) {
            throw new UnreadablePackageException("[" + folder + "] is not a folder");
        }
        try {
            TreeSnapshot snapshot = new TreeSnapshot(folder, folder.toRealPath(), copy, progress);
            snapshot.visit(folder);
            return snapshot.digest();
        } catch (IOException e) {
            throw new UnreadablePackageException("[" + folder + "] cannot be read as a package: " + e, e);
        }
    }

    private void visit(Path folder) throws IOException, UnreadablePackageException {
        if (copyRoot != null) {
            Files.createDirectory(copyRoot.resolve(root.relativize(folder).toString()));
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (Files.isSymbolicLink(entry)) {
                    requireInnerFile(entry);
                    add(entry);
                } else if (Files.isDirectory(entry)) {
                    visit(entry);
                } else if (Files.exists(entry) && !Files.isRegularFile(entry)) {
                    throw UnreadablePackageException.ofRefusedForm("[" + entry + "] is neither a file nor a folder");
                } else {
                    add(entry);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
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
            throw UnreadablePackageException.ofRefusedForm("[" + link + "] is a link that leads out of the folder");
        }
        if (Files.isDirectory(target)) {
            throw UnreadablePackageException.ofRefusedForm("[" + link + "] is a link to a folder");
        }
        if (!Files.isRegularFile(target)) {
            throw UnreadablePackageException.ofRefusedForm("[" + link + "] is a link to what is no file");
        }
    }

    private void add(Path file) throws UnreadablePackageException {
        Path relative = root.relativize(file);
        byte[] name = bytes(file);
        for (byte b : name) {
            if (b == '\n' || b == '\r' || b == '\\') {
                throw UnreadablePackageException.ofRefusedForm(
                        "a folder that is a package has no file names with line breaks or backslashes, as under ["
                                + file.getParent() + "]");
            }
        }
        PackageHash hash = copyRoot == null
                ? PackageSnapshot.hash(file, progress)
                : PackageSnapshot.copy(file, copyRoot.resolve(relative.toString()));
        listing.put(name, hash);
    }

    /** The path below the root as the bytes that the file system has: a String may have lost some on the way. */
    private byte[] bytes(Path file) {
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

    private PackageHash digest() {
        MessageDigest digest = Sha256.digest();
        for (Map.Entry<byte[], PackageHash> line : listing.entrySet()) {
            digest.update((line.getValue().hex() + "  ").getBytes(StandardCharsets.US_ASCII));
            digest.update(line.getKey());
            digest.update((byte) '\n');
        }
        return PackageHash.ofDigest(digest.digest());
    }
}
