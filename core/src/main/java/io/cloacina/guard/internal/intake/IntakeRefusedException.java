// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A package is not taken in: what should vouch for it does not. */
public final class IntakeRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Why not. */
    public enum Reason {
        /** There is no signature beside the package or in it, and no line about it in the list. */
        NO_EVIDENCE,
        /** It is damaged, of an unknown form, or says what this program does not understand. */
        MALFORMED_EVIDENCE,
        /** It is by a key or a certificate that was not named. */
        UNKNOWN_SIGNER,
        /** The key was taken back by its owner. */
        REVOKED_KEY,
        /** The key, the certificate or the signature is over, or not yet valid. */
        EXPIRED_EVIDENCE,
        /** MD5, SHA-1, a key that is too short, or an algorithm that is not among the strong ones. */
        WEAK_EVIDENCE,
        /** The key may not sign packages, or it is not shown that it belongs to the one that was named. */
        UNUSABLE_KEY,
        /** The signature is not one of these bytes. */
        INVALID_EVIDENCE,
        /** The package has another hash. */
        DIFFERENT_HASH,
        /** A part of the package is not covered by the signature, or is not there any more. */
        UNSIGNED_CONTENT;

        /** As events and results have it. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Reason reason;

    IntakeRefusedException(Reason reason, String message) {
        this(reason, message, null);
    }

    IntakeRefusedException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason);
    }

    public Reason reason() {
        return reason;
    }
}
