// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 private key: the 32-byte seed of RFC 8032, section 5.1.5. Wiped by {@link #close}; never printed.
 *
 * <p>Safe for use by many threads; after {@code close} everything but {@link #publicKey} fails with
 * {@link IllegalStateException}.
 */
public final class Ed25519PrivateKey implements AutoCloseable {

    /** Size of the seed. */
    public static final int SEED_SIZE_BYTES = 32;

    /** Size of a signature. */
    public static final int SIGNATURE_SIZE_BYTES = 64;

    private final SecretBytes seed;
    private final byte[] rawPublicKey;
    private final Ed25519PublicKey publicKey;

    private Ed25519PrivateKey(SecretBytes seed, byte[] rawPublicKey, Ed25519PublicKey publicKey) {
        this.seed = seed;
        this.rawPublicKey = rawPublicKey;
        this.publicKey = publicKey;
    }

    /** A new key from 32 random bytes. */
    public static Ed25519PrivateKey generate(SecureRandom random) {
        byte[] seed = new byte[SEED_SIZE_BYTES];
        random.nextBytes(seed);
        return adoptSeed(seed);
    }

    /**
     * @param seed 32 bytes, copied; the caller wipes its own
     * @throws IllegalArgumentException if it is not 32 bytes long
     */
    public static Ed25519PrivateKey ofSeed(byte[] seed) {
        return adoptSeed(seed.clone());
    }

    /** Takes over {@code seed} and wipes it, also when it is refused. */
    static Ed25519PrivateKey adoptSeed(byte[] seed) {
        if (seed.length != SEED_SIZE_BYTES) {
            Arrays.fill(seed, (byte) 0);
            throw new IllegalArgumentException("a private key has 32 bytes, not [" + seed.length + "]");
        }
        byte[] raw = new byte[Ed25519PublicKey.SIZE_BYTES];
        Ed25519.generatePublicKey(seed, 0, raw, 0);
        try {
            return new Ed25519PrivateKey(SecretBytes.adopt(seed), raw, Ed25519PublicKey.of(raw));
        } catch (RejectedKeyException e) {
            // A clamped scalar times the base point is a point of large order, always.
            throw new IllegalStateException("a derived public key was refused", e);
        }
    }

    public Ed25519PublicKey publicKey() {
        return publicKey;
    }

    /**
     * The signature of {@code message} (pure Ed25519): 64 bytes, the same for the same message.
     *
     * @param message here always the 32 raw bytes of a package hash
     */
    public byte[] sign(byte[] message) {
        byte[] signature = new byte[SIGNATURE_SIZE_BYTES];
        byte[] copy = seed.exposeCopy();
        try {
            Ed25519.sign(copy, 0, rawPublicKey, 0, message, 0, message.length, signature, 0);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
        return signature;
    }

    /** A copy of the 32-byte seed, which the caller overwrites as soon as it is done. */
    public byte[] exposeSeed() {
        return seed.exposeCopy();
    }

    @Override
    public void close() {
        seed.close();
    }

    @Override
    public String toString() {
        return "Ed25519PrivateKey[of " + publicKey.fingerprint() + "]";
    }
}
