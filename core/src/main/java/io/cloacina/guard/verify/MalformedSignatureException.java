// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.GuardException;

/** A detached signature that is corrupt or of an unknown form. */
public final class MalformedSignatureException extends GuardException {

    private static final long serialVersionUID = 1L;

    public MalformedSignatureException(String message) {
        super(message);
    }

    public MalformedSignatureException(String message, Throwable cause) {
        super(message, cause);
    }
}
