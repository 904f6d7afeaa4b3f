// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

import org.jspecify.annotations.Nullable;

/**
 * What was asked of the guard was not done. Every checked exception of the public packages is one, and has a reason or a
 * type of its own. No message holds a secret.
 */
public abstract class GuardException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param message for a person: what, where, and what would be right */
    protected GuardException(String message) {
        super(message);
    }

    /** @param cause may be null */
    protected GuardException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
