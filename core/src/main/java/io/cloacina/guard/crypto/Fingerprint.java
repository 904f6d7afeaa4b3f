// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

/**
 * Names a public key: the SHA-256 of its 32 raw bytes.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Fingerprint(String hex) implements Comparable<Fingerprint> {

    /** @throws IllegalArgumentException if {@code hex} is not 64 lower-case hexadecimal digits */
    public Fingerprint {
        Hex256.require(hex, "fingerprint");
    }

    /** Whether {@code text} is a fingerprint: 64 lower-case hexadecimal digits. */
    public static boolean isValid(String text) {
        return Hex256.isValid(text);
    }

    /** The fingerprint of a public key, whatever its 32 bytes are worth as a key. */
    public static Fingerprint of(byte[] rawPublicKey) {
        if (rawPublicKey.length != Ed25519PublicKey.SIZE_BYTES) {
            throw new IllegalArgumentException("a public key has 32 bytes, not [" + rawPublicKey.length + "]");
        }
        return new Fingerprint(Hex256.of(Sha256.ofShort(rawPublicKey)));
    }

    @Override
    public int compareTo(Fingerprint other) {
        return hex.compareTo(other.hex);
    }

    // Written out: what a record brings by itself is made at run time, which the first load of a JVM would wait for.
    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint that && hex.equals(that.hex);
    }

    @Override
    public int hashCode() {
        return hex.hashCode();
    }

    @Override
    public String toString() {
        return hex;
    }
}
