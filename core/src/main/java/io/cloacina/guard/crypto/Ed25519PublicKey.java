// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 public key that may be used: canonical, on the curve, not of small order (RFC 8032, section 5.1.3).
 *
 * <p>Immutable.
 */
public final class Ed25519PublicKey {

    /** Size of the raw form. */
    public static final int SIZE_BYTES = 32;

    private final byte[] raw;
    private final Fingerprint fingerprint;

    private Ed25519PublicKey(byte[] raw) {
        this.raw = raw;
        this.fingerprint = Fingerprint.of(raw);
    }

    /**
     * @param raw 32 bytes, copied
     * @throws IllegalArgumentException if it is not 32 bytes long
     * @throws RejectedKeyException if the key must not be used; the message says why
     */
    public static Ed25519PublicKey of(byte[] raw) throws RejectedKeyException {
        if (raw.length != SIZE_BYTES) {
            throw new IllegalArgumentException("a public key has 32 bytes, not [" + raw.length + "]");
        }
        byte[] copy = raw.clone();
        if (!EdwardsPoint.isCanonical(copy, 0)) {
            throw new RejectedKeyException("the public key is not a canonical encoding (y is not below p)");
        }
        if (EdwardsPoint.isSmallOrder(copy, 0)) {
            throw new RejectedKeyException("the public key is weak: its point is of small order");
        }
        if (!Ed25519.validatePublicKeyPartial(copy, 0)) {
            throw new RejectedKeyException("the public key is not a point on the curve");
        }
        return new Ed25519PublicKey(copy);
    }

    /** A copy of the 32 raw bytes. */
    public byte[] raw() {
        return raw.clone();
    }

    public Fingerprint fingerprint() {
        return fingerprint;
    }

    /**
     * Whether {@code signature} is this key's over {@code message}, by the one rule that holds on every JDK: 64 bytes,
     * S below the group order, R canonical and not of small order, and the equation without cofactor.
     *
     * @param message here always the 32 raw bytes of a package hash
     * @param signature any bytes; anything but 64 of them is a no
     */
    public boolean verifies(byte[] message, byte[] signature) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && EdwardsPoint.isCanonical(signature, 0)
                && !EdwardsPoint.isSmallOrder(signature, 0)
                && Ed25519.verify(signature, 0, raw, 0, message, 0, message.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ed25519PublicKey key && Arrays.equals(raw, key.raw);
    }

    @Override
    public int hashCode() {
        return fingerprint.hashCode();
    }

    @Override
    public String toString() {
        return "Ed25519PublicKey[" + fingerprint + "]";
    }
}
