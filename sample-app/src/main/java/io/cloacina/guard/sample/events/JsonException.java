// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.events;

/** A text is not JSON; the message says what is wrong and where. */
final class JsonException extends RuntimeException {

    private static final long serialVersionUID = 1;

    JsonException(String message) {
        super(message);
    }
}
