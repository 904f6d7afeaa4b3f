// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

/** A key encryption key that is not 32 bytes in one of the accepted forms; the message shows nothing of it. */
public final class MalformedKekException extends GuardException {

    private static final long serialVersionUID = 1L;

    MalformedKekException(String message) {
        super(message);
    }
}
