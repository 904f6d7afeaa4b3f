// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.crypto;

/** Text or bytes that are no key of the expected form; the message says what they are instead, and shows no secret. */
public final class MalformedKeyException extends GuardException {

    private static final long serialVersionUID = 1L;

    /** @param message what is wrong, with nothing of the content in it */
    public MalformedKeyException(String message) {
        super(message);
    }
}
