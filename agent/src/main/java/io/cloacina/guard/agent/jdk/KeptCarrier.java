// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.jdk;

/** Java 21 and later. */
final class KeptCarrier extends Carrier {

    /** What all virtual threads are, and no application can extend. */
    private static final Class<?> VIRTUAL_THREAD = virtualThread();

    private static Class<?> virtualThread() {
        try {
            return Class.forName("java.lang.BaseVirtualThread", false, null);
        } catch (ClassNotFoundException e) {
            // A JDK that calls it something else: in a platform thread it takes longer then, and has no effect.
            return Thread.class;
        }
    }

    /** A native call each on 21, and there are ten for each class that a plugin loads: not where there is no carrier. */
    private static boolean isCarried() {
        return VIRTUAL_THREAD.isInstance(Thread.currentThread());
    }

    @Override
    void pin() {
        if (isCarried()) {
            Continuation.pin();
        }
    }

    @Override
    void unpin() {
        if (isCarried()) {
            Continuation.unpin();
        }
    }
}
