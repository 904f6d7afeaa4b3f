// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a package file once. What is hashed is what is copied, so it does not matter what becomes of the original.
 *
 * <p>Plain streams, not channels: a channel is closed under the hands of an interrupted thread, and hooks run on
 * whatever thread loads a class. Memory stays at a few buffers whatever the size of the package.
 */
public final class PackageSnapshot {

    private static final int BUFFER_SIZE_BYTES = 64 * 1024;

    /**
     * From here on it is asked whether there is space for a copy: for less, the question costs more than the answer
     * saves.
     */
    private static final long LARGE_BYTES = 16L << 20;

    private PackageSnapshot() {}

    /** The hash of the file. */
    public static PackageHash hash(Path file) throws UnreadablePackageException {
        return hash(file, null);
    }

    /**
     * The hash of the file.
     *
     * @param progress called, on this thread, with every few bytes that were read; null if none is wanted
     */
    public static PackageHash hash(Path file, @Nullable LongConsumer progress) throws UnreadablePackageException {
        return read(file, null, Long.MAX_VALUE, progress);
    }

    /**
     * Has nothing hashed as a large package is: a thread with little stack left must not be the first to initialise what
     * that takes.
     *
     * @throws IOException if it is not done, or wrong
     */
    public static void prepare() throws IOException {
        try (SideHash side = SideHash.begin(SideHash.WORTHWHILE_BYTES)) {
            if (side != null && !side.end().equals(PackageHash.ofContent(new byte[0]))) {
                throw new IOException("a package is not hashed right beside its copy");
            }
        }
    }

    /** As {@link #copy(Path, Path, long)}, without a limit. */
    public static PackageHash copy(Path file, Path copy) throws UnreadablePackageException {
        return copy(file, copy, Long.MAX_VALUE);
    }

    /**
     * Copies the file and gives the hash of the copy, which is read-only.
     *
     * @param copy a new file in a directory that only this process writes to; it is gone again if this fails
     * @param limitBytes a larger file, or one that is larger than the free space, is refused before it is read
     */
    public static PackageHash copy(Path file, Path copy, long limitBytes) throws UnreadablePackageException {
        return read(file, copy, limitBytes, null);
    }

    private static PackageHash read(Path file, @Nullable Path copy, long limitBytes, @Nullable LongConsumer progress)
            throws UnreadablePackageException {
        requireRegularFile(file);
        try (InputStream in = open(file)) {
            // The size of the open file, because the path may name another by now; it answers 2 GiB at most.
            int available = in.available();
            long sizeBytes = available == Integer.MAX_VALUE ? Files.size(file) : available;
            if (copy == null) {
                return hash(file, in, sizeBytes, null, progress);
            }
            requireSpace(file, sizeBytes, copy, limitBytes);
            return write(file, in, sizeBytes, copy);
        } catch (IOException e) {
            throw new UnreadablePackageException("[" + file + "] cannot be read: " + e.getMessage(), e);
        }
    }

    // A name that is no string in this JVM's locale is one that only a Path can hold.
    private static InputStream open(Path file) throws IOException {
        return CopyFile.isExpressible(file) ? new FileInputStream(file.toFile()) : Files.newInputStream(file);
    }

    /**
     * Refuses a package for which there is no space.
     *
     * @param what the package as messages name it
     */
    static void requireSpace(Path what, long sizeBytes, Path copy, long limitBytes) throws UnreadablePackageException {
        if (sizeBytes > limitBytes) {
            throw new UnreadablePackageException("[" + what + "] has " + sizeBytes + " bytes, more than the "
                    + limitBytes + " that cloacina.max_package_size allows");
        }
        if (sizeBytes >= LARGE_BYTES) {
            // Zero is also the answer where it is not known.
            long freeBytes = Objects.requireNonNull(copy.getParent()).toFile().getUsableSpace();
            if (freeBytes > 0 && sizeBytes > freeBytes) {
                throw new UnreadablePackageException("[" + what + "] has " + sizeBytes + " bytes, more than the "
                        + freeBytes + " that are free for its private copy in [" + copy.getParent() + "]");
            }
        }
    }

    private static PackageHash write(Path file, InputStream in, long sizeBytes, Path copy)
            throws IOException, UnreadablePackageException {
        CopyFile out = null;
        boolean done = false;
        try {
            out = create(copy, sizeBytes);
            PackageHash hash = hash(file, in, sizeBytes, out);
            finish(out, copy);
            done = true;
            return hash;
        } finally {
            if (!done && out != null) {
                out.close();
                Files.deleteIfExists(copy);
            }
        }
    }

    private static CopyFile create(Path copy, long sizeBytes) throws UnreadablePackageException {
        try {
            return CopyFile.create(copy, sizeBytes);
        } catch (IOException e) {
            throw new UnreadablePackageException("[" + copy + "] cannot be written: " + e, e);
        }
    }

    private static void finish(CopyFile out, Path copy) throws UnreadablePackageException {
        try {
            out.finish();
            out.close();
        } catch (IOException e) {
            throw new UnreadablePackageException("[" + copy + "] cannot be written: " + e.getMessage(), e);
        }
    }

    private static PackageHash hash(Path file, InputStream in, long sizeBytes, @Nullable CopyFile out)
            throws IOException, UnreadablePackageException {
        try (SideHash side = SideHash.begin(sizeBytes)) {
            if (side == null) {
                return hash(file, in, sizeBytes, out, null);
            }
            long left = sizeBytes;
            byte[] buffer = side.buffer();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                left -= n;
                requireNotGrown(file, left);
                side.filled(n);
                write(out, buffer, n);
                buffer = side.buffer();
            }
            return side.end();
        }
    }

    // A file that a process keeps writing to has no end.
    private static void requireNotGrown(Path file, long leftBytes) throws UnreadablePackageException {
        if (leftBytes < 0) {
            throw new UnreadablePackageException("[" + file + "] grew while it was read");
        }
    }

    private static PackageHash hash(
            Path file, InputStream in, long sizeBytes, @Nullable CopyFile out, @Nullable LongConsumer progress)
            throws IOException, UnreadablePackageException {
        MessageDigest digest = Sha256.digest();
        // One byte more than a small file has, so that one which grew is seen to.
        byte[] buffer = new byte[(int) Math.min(BUFFER_SIZE_BYTES, sizeBytes + 1)];
        long left = sizeBytes;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            digest.update(buffer, 0, n);
            if (progress != null) {
                progress.accept(n);
            }
            left -= n;
            requireNotGrown(file, left);
            if (out != null) {
                write(out, buffer, n);
            }
        }
        return PackageHash.ofDigest(digest.digest());
    }

    private static void write(CopyFile out, byte[] buffer, int length) throws UnreadablePackageException {
        try {
            out.write(buffer, length);
        } catch (IOException e) {
            throw new UnreadablePackageException("the private copy cannot be written: " + e.getMessage(), e);
        }
    }

    // Opening a FIFO would wait for a writer, reading a device never ends.
    private static void requireRegularFile(Path file) throws UnreadablePackageException {
        if (Files.isRegularFile(file)) {
            return;
        }
        String what = Files.isDirectory(file)
                ? "is a directory"
                : Files.exists(file)
                        ? "is not a regular file"
                        : Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? "is a link to nowhere" : "does not exist";
        throw new UnreadablePackageException("[" + file + "] " + what, new FileNotFoundException(file.toString()));
    }
}
