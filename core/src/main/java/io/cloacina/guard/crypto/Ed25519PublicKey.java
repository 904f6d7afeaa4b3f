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

    private static final int MOST_KNOWN = 16;

    /**
     * The keys that were checked last: a store gives the same few with every answer, and to find the point of one takes
     * as long as a third of a verification. Replaced as a whole.
     */
    private static volatile Ed25519PublicKey[] known = {};

    private final byte[] raw;
    private final Ed25519.PublicPoint point;
    private final Fingerprint fingerprint;

    private Ed25519PublicKey(byte[] raw, Ed25519.PublicPoint point) {
        this.raw = raw;
        this.point = point;
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
        for (Ed25519PublicKey one : known) {
            if (Arrays.equals(one.raw, raw)) {
                return one;
            }
        }
        byte[] copy = raw.clone();
        if (!EdwardsPoint.isCanonical(copy, 0)) {
            throw new RejectedKeyException("the public key is not a canonical encoding (y is not below p)");
        }
        if (EdwardsPoint.isSmallOrder(copy, 0)) {
            throw new RejectedKeyException("the public key is weak: its point is of small order");
        }
        Ed25519.PublicPoint point = Ed25519.validatePublicKeyPartialExport(copy, 0);
        if (point == null) {
            throw new RejectedKeyException("the public key is not a point on the curve");
        }
        Ed25519PublicKey key = new Ed25519PublicKey(copy, point);
        remember(key);
        return key;
    }

    private static void remember(Ed25519PublicKey key) {
        Ed25519PublicKey[] before = known;
        Ed25519PublicKey[] all = new Ed25519PublicKey[Math.min(before.length + 1, MOST_KNOWN)];
        all[0] = key;
        System.arraycopy(before, 0, all, 1, all.length - 1);
        known = all;
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
                && Ed25519.verify(signature, 0, point, message, 0, message.length);
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
