// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/** Which {@code URLClassLoader} reads by which class path, and what loaders are called. */
final class Loaders {

    private final WeakIdentityMap<WeakReference<ClassLoader>> byClassPath = new WeakIdentityMap<>();

    /** {@code loader} was made around {@code ucp}. */
    void made(ClassLoader loader, Object ucp) {
        byClassPath.put(ucp, new WeakReference<>(loader));
    }

    /** The loader that reads by {@code ucp}; null if it is not known or gone. */
    @Nullable
    ClassLoader of(@Nullable Object ucp) {
        WeakReference<ClassLoader> loader = ucp == null ? null : byClassPath.get(ucp);
        return loader == null ? null : loader.get();
    }

    /** Names a loader without asking it: its own methods are the application's code. Null for null. */
    static @Nullable String describe(@Nullable ClassLoader loader) {
        return loader == null
                ? null
                : loader.getClass().getName() + "@" + Integer.toHexString(System.identityHashCode(loader));
    }
}
