// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.util.HexFormat;

/**
 * Names a package by its content: the SHA-256 of the whole file, or of a directory's listing.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record PackageHash(String hex) {

    /** @throws IllegalArgumentException if {@code hex} is not 64 lower-case hexadecimal digits */
    public PackageHash {
        Hex256.require(hex, "package hash");
    }

    /** Whether {@code text} is a package hash: 64 lower-case hexadecimal digits. */
    public static boolean isValid(String text) {
        return Hex256.isValid(text);
    }

    /** The hash whose 32 raw bytes are {@code digest}. */
    public static PackageHash ofDigest(byte[] digest) {
        return new PackageHash(Hex256.of(digest));
    }

    /** The hash of a package that is all in memory. */
    public static PackageHash ofContent(byte[] content) {
        return ofDigest(Sha256.digest().digest(content));
    }

    /** The 32 raw bytes: the message that is signed. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    // Written out: what a record brings by itself is made at run time, which the first load of a JVM would wait for.
    @Override
    public boolean equals(Object other) {
        return other instanceof PackageHash that && hex.equals(that.hex);
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
