// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

/**
 * A sealed private key that does not open: sealed under another key encryption key, moved from another row, altered, or
 * of an unknown form. AES-GCM cannot tell the first three apart.
 */
public final class SealedKeyException extends GuardException {

    private static final long serialVersionUID = 1L;

    SealedKeyException(String message) {
        super(message);
    }

    SealedKeyException(String message, Throwable cause) {
        super(message, cause);
    }
}
