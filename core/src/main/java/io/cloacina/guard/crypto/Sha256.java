// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.Arrays;

/** SHA-256 (FIPS 180-4) as the JDK computes it, whichever providers the application installs. Safe for use by many threads. */
public final class Sha256 {

    private static final String NAME = "SHA-256";

    private static final int BLOCK_BYTES = 64;
    private static final int WARM_UP_CHUNKS = 16;
    private static final int WARM_UP_CHUNK_BYTES = 64 * 1024;

    private static volatile boolean providerKnown;

    private Sha256() {}

    /** Found only when it is needed: the first digest of a JVM takes it some ten milliseconds. */
    private static final class Jdk {
        /** Never used itself. */
        private static final MessageDigest PATTERN = first();

        private static MessageDigest first() {
            try {
                return MessageDigest.getInstance(NAME, new OpenJdk());
            } catch (NoSuchAlgorithmException e) {
                // A JDK with another class for it. Every Java platform has one.
                try {
                    return MessageDigest.getInstance(NAME);
                } catch (NoSuchAlgorithmException none) {
                    throw new IllegalStateException("this JDK has no SHA-256", none);
                }
            }
        }
    }

    /** A fresh digest, for one thread. Not asked for by name each time, as providers make each by reflection. */
    public static MessageDigest digest() {
        MessageDigest pattern = Jdk.PATTERN;
        providerKnown = true;
        try {
            return (MessageDigest) pattern.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of [" + pattern.getProvider() + "] cannot be copied", e);
        }
    }

    /**
     * The digest of a few bytes, without the JDK's provider as long as nothing else needed that: many a JVM ends with
     * nothing to hash but two lines of its record.
     *
     * @return 32 bytes
     */
    public static byte[] ofShort(byte[] bytes) {
        return providerKnown ? digest().digest(bytes) : PlainSha256.of(bytes);
    }

    /**
     * HMAC (RFC 2104) with a key of at most 64 bytes.
     *
     * @return 32 bytes
     */
    static byte[] hmac(byte[] key, byte[] message) {
        byte[] pad = Arrays.copyOf(key, BLOCK_BYTES);
        MessageDigest digest = digest();
        try {
            turn(pad, 0x36);
            digest.update(pad);
            byte[] inner = digest.digest(message);
            turn(pad, 0x36 ^ 0x5c);
            digest.update(pad);
            return digest.digest(inner);
        } finally {
            Arrays.fill(pad, (byte) 0);
        }
    }

    private static void turn(byte[] pad, int with) {
        for (int i = 0; i < pad.length; i++) {
            pad[i] ^= (byte) with;
        }
    }

    /**
     * Hashes a megabyte of nothing, which takes a fresh JVM some thirty milliseconds, and no JVM that has done it: it is
     * about what the compiler must see before it uses the processor's own instructions. A first large package would wait
     * for it.
     */
    public static void warmUp() {
        MessageDigest digest = digest();
        byte[] zeros = new byte[WARM_UP_CHUNK_BYTES];
        for (int i = 0; i < WARM_UP_CHUNKS; i++) {
            digest.update(zeros);
        }
    }

    /**
     * OpenJDK's own SHA-256, and nothing else. The JVM's list of providers, with all their algorithms and settings, takes
     * three times as long to initialise, and is the application's to choose.
     */
    private static final class OpenJdk extends Provider {
        private static final long serialVersionUID = 1;

        OpenJdk() {
            super("cloacina-guard", "1", "SHA-256 of OpenJDK");
            putService(new Service(this, "MessageDigest", NAME, "sun.security.provider.SHA2$SHA256", null, null));
        }
    }
}
