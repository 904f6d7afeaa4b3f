// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

/** A public key that is well-formed but must not be used: not canonical, not on the curve, or of small order. */
public final class RejectedKeyException extends GuardException {

    private static final long serialVersionUID = 1L;

    RejectedKeyException(String message) {
        super(message);
    }
}
