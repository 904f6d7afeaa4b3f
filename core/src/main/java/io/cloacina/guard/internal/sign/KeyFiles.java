// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.MalformedKeyException;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;

/**
 * Keys in files of their own: PEM as OpenSSL writes and reads it (RFC 8410), of at most 64 KiB, and key encryption keys.
 * Messages name the file and never what is in it.
 */
public final class KeyFiles {

    private static final int MOST_BYTES = 64 << 10;

    private KeyFiles() {}

    /** What has to be done when the file is there and before the key is in it; if it fails, the file is removed. */
    @FunctionalInterface
    public interface Before<E extends Exception> {
        void write() throws E;
    }

    /**
     * @param file SubjectPublicKeyInfo
     * @throws KeyException {@code UNUSABLE_FILE}, {@code MALFORMED_KEY}, {@code WEAK_KEY}
     */
    public static Ed25519PublicKey readPublicKey(Path file) throws KeyException {
        try {
            return Pem.readPublicKey(read(file));
        } catch (MalformedKeyException e) {
            throw wrong(Reason.MALFORMED_KEY, file, e);
        } catch (RejectedKeyException e) {
            throw wrong(Reason.WEAK_KEY, file, e);
        }
    }

    /**
     * @param file PKCS#8, not encrypted
     * @return to be closed by the caller
     * @throws KeyException {@code UNUSABLE_FILE}, {@code MALFORMED_KEY}
     */
    public static Ed25519PrivateKey readPrivateKey(Path file) throws KeyException {
        byte[] pem = read(file);
        try {
            return Pem.readPrivateKey(pem);
        } catch (MalformedKeyException e) {
            throw wrong(Reason.MALFORMED_KEY, file, e);
        } finally {
            Arrays.fill(pem, (byte) 0);
        }
    }

    /**
     * As {@link KekSource#fromFile}, with one exception for all that may be wrong.
     *
     * @return to be closed by the caller
     * @throws KeyException {@code UNUSABLE_FILE}, {@code MALFORMED_KEK}
     */
    public static Kek readKek(Path file) throws KeyException {
        try {
            return KekSource.fromFile(file);
        } catch (IOException e) {
            throw unusable("the key encryption key in [" + file + "] cannot be read", e);
        }
    }

    /**
     * Writes PKCS#8 into a new file that only its owner may read (mode 0600, where files have modes).
     *
     * @param before is called once it is sure that the file can be made
     * @throws KeyException {@code UNUSABLE_FILE}, also if there is such a file already
     */
    public static <E extends Exception> void writePrivateKey(Path file, Ed25519PrivateKey key, Before<E> before)
            throws KeyException, E {
        byte[] pem = Pem.exposePrivateKey(key);
        boolean made = false;
        boolean done = false;
        try (SeekableByteChannel channel = Files.newByteChannel(
                file, EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly(file))) {
            made = true;
            before.write();
            try (OutputStream stream = Channels.newOutputStream(channel)) {
                stream.write(pem);
            }
            done = true;
        } catch (IOException e) {
            throw unusable("[" + file + "] cannot be written", e);
        } finally {
            Arrays.fill(pem, (byte) 0);
            if (made && !done) {
                file.toFile().delete();
            }
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static byte[] read(Path file) throws KeyException {
        byte[] content;
        try {
            content = GivenFile.read(file, MOST_BYTES);
        } catch (IOException e) {
            throw unusable("the key in [" + file + "] cannot be read", e);
        }
        if (content.length > MOST_BYTES) {
            Arrays.fill(content, (byte) 0);
            throw new KeyException(Reason.MALFORMED_KEY, "[" + file + "] is larger than 64 KiB; that is no key in PEM");
        }
        return content;
    }

    private static KeyException wrong(Reason reason, Path file, GuardException cause) {
        return new KeyException(reason, "[" + file + "]: " + cause.getMessage(), cause);
    }

    private static KeyException unusable(String what, IOException cause) {
        return new KeyException(Reason.UNUSABLE_FILE, what + ": " + GivenFile.reason(cause), cause);
    }
}
