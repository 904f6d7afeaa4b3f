// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.jdk;

/** Java 21 and later. Without effect in a platform thread. */
final class KeptCarrier extends Carrier {

    @Override
    void pin() {
        Continuation.pin();
    }

    @Override
    void unpin() {
        Continuation.unpin();
    }
}
