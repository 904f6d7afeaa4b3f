package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/**
 * Reads a package file once. What is hashed is what is copied, so it does not matter what becomes of the original.
 *
 * <p>Plain streams, not channels: a channel is closed under the hands of an interrupted thread, and hooks run on
 * whatever thread loads a class. Memory stays at one buffer whatever the size of the package.
 */
public final class PackageSnapshot {

    private static final int BUFFER_SIZE_BYTES = 64 * 1024;

    private PackageSnapshot() {}

    /** The hash of the file. */
    public static PackageHash hash(Path file) throws UnreadablePackageException {
        return read(file, null, null);
    }

    /**
     * The hash of the file.
     *
     * @param progress told, on this thread, of every few bytes that were read
     */
    public static PackageHash hash(Path file, LongConsumer progress) throws UnreadablePackageException {
        return read(file, null, progress);
    }

    /**
     * Copies the file and gives the hash of the copy.
     *
     * @param copy a new file in a folder that only this process writes to; it is gone again if this fails
     */
    public static PackageHash copy(Path file, Path copy) throws UnreadablePackageException {
        boolean done = false;
        try (OutputStream out = new FileOutputStream(copy.toFile())) {
            PackageHash hash = read(file, out, null);
            done = true;
            return hash;
        } catch (IOException e) {
            throw new UnreadablePackageException("[" + copy + "] cannot be written: " + e.getMessage(), e);
        } finally {
            if (!done) {
                copy.toFile().delete();
            }
        }
    }

    private static PackageHash read(Path file, OutputStream out, LongConsumer progress)
            throws UnreadablePackageException {
        requireRegularFile(file);
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER_SIZE_BYTES];
        try (InputStream in = new FileInputStream(file.toFile())) {
            // Of the open file, which another may have taken the place of; but it is told no more than 2 GiB.
            long left = in.available() == Integer.MAX_VALUE ? file.toFile().length() : in.available();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                if (progress != null) {
                    progress.accept(n);
                }
                left -= n;
                // One that somebody keeps writing to has no end.
                if (left < 0) {
                    throw new UnreadablePackageException("[" + file + "] grew while it was read");
                }
                if (out != null) {
                    write(out, buffer, n);
                }
            }
        } catch (IOException e) {
            throw new UnreadablePackageException("[" + file + "] cannot be read: " + e.getMessage(), e);
        }
        return PackageHash.ofDigest(digest.digest());
    }

    private static void write(OutputStream out, byte[] buffer, int length) throws UnreadablePackageException {
        try {
            out.write(buffer, 0, length);
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
                ? "is a folder"
                : Files.exists(file)
                        ? "is not a regular file"
                        : Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? "is a link to nowhere" : "does not exist";
        throw new UnreadablePackageException("[" + file + "] " + what, new FileNotFoundException(file.toString()));
    }
}
