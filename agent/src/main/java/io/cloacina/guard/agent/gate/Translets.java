// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.crypto.PackageHash;
import org.jspecify.annotations.Nullable;

/**
 * The classes that the JDK's XSLT compiler has generated (translets). {@code TemplatesImpl} keeps them until a
 * stylesheet is first used and defines whatever is in its fields then, which reflection and deserialization can fill
 * with anything. So a class is the compiler's only if it is the very array that the compiler handed out, and still has
 * its content: the array itself can be had, for instance from {@code ObjectOutputStream.replaceObject}, and written to.
 *
 * <p>Templates that were deserialized hold arrays of their own. They are dynamic code, no matter which library
 * generated them.
 */
final class Translets {

    private static final String LOADER =
            "com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl$TransletClassLoader";

    private final WeakIdentityMap<PackageHash> generated = new WeakIdentityMap<>();

    /** @param classes null, or as the compiler hands them out */
    void add(byte[] @Nullable [] classes) {
        if (classes == null) {
            return;
        }
        for (byte[] one : classes) {
            generated.put(one, PackageHash.ofContent(one));
        }
    }

    /**
     * Whether {@code loader} defines what the compiler has generated.
     *
     * @param array what the loader defines
     * @param copy of {@code array}; what must be defined instead if so
     */
    boolean isGenerated(ClassLoader loader, byte[] array, byte[] copy) {
        Class<?> type = loader.getClass();
        if (type.getClassLoader() != null || !type.getName().equals(LOADER)) {
            return false;
        }
        PackageHash hash = generated.get(array);
        return hash != null && hash.equals(PackageHash.ofContent(copy));
    }
}
