// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;

/** The command-line interface of the agent jar: that of the core, and {@code prepare [JAVA_HOME…]}. Never in the boot loader. */
public final class CommandLine {

    private CommandLine() {}

    /** @param jar the agent jar */
    @AllowedCall("the main method of a command-line program")
    public static void run(File jar, String[] arguments) throws Throwable {
        GuardClassLoader loader = new GuardClassLoader(jar);
        try {
            loader.loadClass("io.cloacina.guard.agent.packaging.AgentJar")
                    .getMethod("main", Path.class, String[].class)
                    .invoke(null, jar.toPath(), arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
