// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.trust;

import io.cloacina.guard.crypto.GuardException;
import org.jspecify.annotations.Nullable;

/** The trust store did not answer: unreachable, too slow, gone, not permitted, or of a form we do not know. */
public final class StoreUnavailableException extends GuardException {

    private static final long serialVersionUID = 1L;

    /** @param message what was tried and what went wrong, without any password */
    public StoreUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
