// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.List;

/** The command-line interface of the agent jar: that of the core, and {@code prepare [JAVA_HOME…]}. Never in the boot loader. */
public final class CommandLine {

    private CommandLine() {}

    /** @param jar the agent jar */
    @AllowedCall("the main method of a command-line program")
    public static void run(File jar, String[] arguments) throws Throwable {
        GuardClassLoader loader = new GuardClassLoader(jar);
        try {
            if (arguments.length > 0 && arguments[0].equals("prepare")) {
                System.exit((int) loader.loadClass("io.cloacina.guard.agent.packaging.Prepare")
                        .getMethod("run", Path.class, List.class, PrintStream.class, PrintStream.class)
                        .invoke(
                                null,
                                jar.toPath(),
                                List.of(arguments).subList(1, arguments.length),
                                System.out,
                                System.err));
            }
            loader.loadClass("io.cloacina.guard.cli.Cloacina")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Marks a method that may use what the list of banned calls forbids. */
    private @interface AllowedCall {
        /** Why. */
        String value();
    }
}
