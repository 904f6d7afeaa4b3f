// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.lang.invoke.MethodHandles;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** Has an agent of the command line do things while the application runs, and tries some of them itself. */
public final class AgentDeedsHost {

    private AgentDeedsHost() {}

    /** {@code BOOT SYSTEM EXTRACTED UNSIGNED CLASSES SIGNED}: JARs, but for a directory of class files. */
    public static void main(String[] arguments) throws Exception {
        @SuppressWarnings("unchecked")
        Function<Object[], Object> agent = (Function<Object[], Object>)
                Class.forName("helping.Agent").getDeclaredConstructor().newInstance();
        Path classes = Path.of(arguments[4]);
        Outcome.print("agent appends to boot", () -> agent.apply(new Object[] {"boot", arguments[0], "late.Boot"}));
        Outcome.print(
                "agent appends to system", () -> agent.apply(new Object[] {"system", arguments[1], "late.System"}));
        Outcome.print("agent opens what it extracted", () -> open(arguments[2], "inner.Inner"));
        Outcome.print("agent defines in boot", () -> {
            for (int i = 0; i < 20; i++) {
                agent.apply(new Object[] {"lookup", classes.resolve("anchor/Many$N" + i + ".class")});
            }
            return null;
        });
        Outcome.print(
                "application defines in boot",
                () -> MethodHandles.privateLookupIn(Class.forName("anchor.Anchor", false, null), MethodHandles.lookup())
                        .defineClass(Files.readAllBytes(classes.resolve("anchor/Other.class"))));
        Outcome.print("application opens another", () -> open(arguments[3], "inner.Inner"));
        Class<?> plugin = open(arguments[5], "sample.Plugin");
        Outcome.print(
                "agent redefines",
                () -> agent.apply(new Object[] {"redefine", plugin, classes.resolve("sample/Plugin.class")}));
    }

    private static Class<?> open(String jar, String name) throws Exception {
        URLClassLoader loader =
                new URLClassLoader(new URL[] {Path.of(jar).toUri().toURL()}, null);
        return Class.forName(name, false, loader);
    }
}
