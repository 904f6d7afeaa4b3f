// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.jdk;

import org.jspecify.annotations.Nullable;

/**
 * Keeps a virtual thread on the platform thread that carries it. A hook runs under class-loading locks of the application: a
 * virtual thread that left its carrier while it waits for the guard might not get one back, where all of them are held by
 * threads that wait for its lock in frames of the JVM.
 */
public abstract class Carrier {

    /** The first with virtual threads that are not a preview. */
    private static final int JAVA_21 = 21;

    @SuppressWarnings("ClassInitializationDeadlock") // the subclass is used here only, so none begins with that
    private static final @Nullable Carrier CARRIER = Runtime.version().feature() >= JAVA_21 ? new KeptCarrier() : null;

    Carrier() {}

    /** From here on the current thread waits together with its carrier. To be followed by {@link #release}. */
    public static void keep() {
        if (CARRIER != null) {
            CARRIER.pin();
        }
    }

    /** Takes one {@link #keep} back. */
    public static void release() {
        if (CARRIER != null) {
            CARRIER.unpin();
        }
    }

    abstract void pin();

    abstract void unpin();
}
