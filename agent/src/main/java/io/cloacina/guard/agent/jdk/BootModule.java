// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.jdk;

import io.cloacina.guard.agent.bootstrap.Gate;
import io.cloacina.guard.agent.bootstrap.GuardClassLoader;
import java.io.IOException;

/** Adds classes to the guard's module of the boot loader. */
public final class BootModule {

    private static final String BRIDGE_PACKAGE = "io.cloacina.guard.agent.bootstrap";

    private BootModule() {}

    /**
     * Defines the management bean to the boot loader, from where nothing leads to the guard.
     *
     * @throws ReflectiveOperationException if this JDK has no {@code java.management}
     */
    public static void defineBean() throws IOException, ReflectiveOperationException {
        JdkInternals.addReads(Gate.class.getModule(), "java.management");
        define(BRIDGE_PACKAGE + ".GuardBean");
    }

    /**
     * Defines a class of the agent jar to the boot loader.
     *
     * @param name with dots
     */
    public static void define(String name) throws IOException {
        String entry = name.replace('.', '/') + ".class";
        byte[] bytes = ((GuardClassLoader) BootModule.class.getClassLoader()).read(entry);
        if (bytes == null) {
            throw new IOException("the agent jar lacks [" + entry + "]");
        }
        JdkInternals.defineBootClass(name.replace('.', '/'), bytes);
    }
}
