// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Bytes that must not be seen: no content in {@link #toString}, none in {@link #equals}, overwritten with zeros by
 * {@link #close}. To read them, a caller calls {@link #exposeCopy}.
 *
 * <p>Safe for use by many threads; after {@code close} every reading fails.
 */
public final class SecretBytes implements AutoCloseable {

    private final byte[] bytes;
    private boolean closed;

    private SecretBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A secret of its own; the caller wipes {@code bytes}. */
    public static SecretBytes copyOf(byte[] bytes) {
        return new SecretBytes(bytes.clone());
    }

    /** Takes over {@code bytes}, which the caller no longer touches. */
    static SecretBytes adopt(byte[] bytes) {
        return new SecretBytes(bytes);
    }

    /** How many bytes, also after {@code close}. */
    public int sizeBytes() {
        return bytes.length;
    }

    /**
     * A copy of the secret, which the caller overwrites as soon as it is done.
     *
     * @throws IllegalStateException if the secret is closed
     */
    public synchronized byte[] exposeCopy() {
        if (closed) {
            throw new IllegalStateException("the secret is wiped");
        }
        return bytes.clone();
    }

    /** Whether both hold the same bytes, in a time that depends on the length only. */
    public boolean holdsSameAs(SecretBytes other) {
        byte[] mine = exposeCopy();
        byte[] theirs = other.exposeCopy();
        try {
            return MessageDigest.isEqual(mine, theirs);
        } finally {
            Arrays.fill(mine, (byte) 0);
            Arrays.fill(theirs, (byte) 0);
        }
    }

    /** Overwrites the bytes with zeros. Closing twice does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public String toString() {
        return "SecretBytes[" + bytes.length + " bytes]";
    }
}
