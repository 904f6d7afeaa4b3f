// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

/** The demo cannot run; the message says why. */
final class DemoFailure extends Exception {

    private static final long serialVersionUID = 1;

    DemoFailure(String message) {
        super(message);
    }
}
