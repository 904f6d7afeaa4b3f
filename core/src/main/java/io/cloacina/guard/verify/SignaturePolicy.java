// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import java.util.Objects;

/**
 * Which signatures make a package acceptable.
 *
 * @param source where they are looked for
 * @param format which versions count
 * @param requiredSigners by how many different trusted keys the package must be signed, 1 to 9
 */
public record SignaturePolicy(SignatureSource source, SignatureFormat format, int requiredSigners) {

    /** The most that can be asked for. */
    public static final int MAX_REQUIRED_SIGNERS = 9;

    public SignaturePolicy {
        Objects.requireNonNull(source);
        Objects.requireNonNull(format);
        if (requiredSigners < 1 || requiredSigners > MAX_REQUIRED_SIGNERS) {
            throw new IllegalArgumentException("not a number from 1 to 9: [" + requiredSigners + "]");
        }
    }

    /** Any one acceptable signature of either version is enough. */
    public static SignaturePolicy anyFrom(SignatureSource source) {
        return new SignaturePolicy(source, SignatureFormat.ANY, 1);
    }
}
