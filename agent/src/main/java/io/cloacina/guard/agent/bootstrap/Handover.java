// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import org.jspecify.annotations.Nullable;

/**
 * Carries the gate to {@link Bridge} once, while {@code premain} has the JVM to itself. Empty before and after, so there
 * is nothing here to exchange.
 */
public final class Handover {

    private static @Nullable Gate pending;

    private Handover() {}

    /** Gives {@code gate} to the bridge and initialises it. */
    public static synchronized void give(Gate gate) {
        pending = gate;
        try {
            Class.forName(Bridge.class.getName(), true, Bridge.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
        if (pending != null) {
            throw new IllegalStateException("the bridge was initialised before it was given its gate");
        }
    }

    static synchronized @Nullable Gate take() {
        Gate gate = pending;
        pending = null;
        return gate;
    }

    /** The JDK's own application loader, also where {@code -Djava.system.class.loader} put another one below it. */
    public static @Nullable ClassLoader applicationLoader() {
        ClassLoader loader = ClassLoader.getSystemClassLoader();
        while (loader != null
                && !loader.getClass().getName().equals("jdk.internal.loader.ClassLoaders$AppClassLoader")) {
            loader = loader.getParent();
        }
        return loader;
    }
}
