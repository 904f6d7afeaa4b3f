// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.verify;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** The listing whose SHA-256 is the hash of a directory; see {@link TreeSnapshot}. For one thread. */
public final class TreeListing {

    private final TreeMap<byte[], PackageHash> lines = new TreeMap<>(Arrays::compareUnsigned);

    /**
     * Adds a file.
     *
     * @param path below the directory, with {@code /}, as the bytes that the file system has
     * @return whether there was none of that path
     * @throws UnreadablePackageException if the listing cannot hold the path
     */
    public boolean add(byte[] path, PackageHash hash) throws UnreadablePackageException {
        for (byte b : path) {
            if (b == '\n' || b == '\r' || b == '\\') {
                String directory = new String(path, StandardCharsets.UTF_8);
                throw UnreadablePackageException.ofRefusedForm(
                        "a directory that is a package has no file names with line breaks or backslashes, as under ["
                                + directory.substring(0, Math.max(0, directory.lastIndexOf('/'))) + "]");
            }
        }
        return lines.put(path, hash) == null;
    }

    /** Whether nothing was added. */
    public boolean isEmpty() {
        return lines.isEmpty();
    }

    /** The hash of what was added. */
    public PackageHash hash() {
        MessageDigest digest = Sha256.digest();
        for (Map.Entry<byte[], PackageHash> line : lines.entrySet()) {
            digest.update((line.getValue().hex() + "  ").getBytes(StandardCharsets.US_ASCII));
            digest.update(line.getKey());
            digest.update((byte) '\n');
        }
        return PackageHash.ofDigest(digest.digest());
    }
}
