// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import org.jspecify.annotations.Nullable;

/** Which class loaders are the guard's. */
final class OwnClasses {

    static final ClassLoader LOADER = OwnClasses.class.getClassLoader();

    private OwnClasses() {}

    /** The guard's loader, or one that Byte Buddy has made for the guard; the application can make neither. */
    static boolean isOwn(@Nullable ClassLoader loader) {
        return loader == LOADER
                || loader != null
                        && loader.getClass().getClassLoader() == LOADER
                        && loader.getClass().getName().startsWith("net.bytebuddy.");
    }
}
