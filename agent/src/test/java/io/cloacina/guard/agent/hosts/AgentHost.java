// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.instrument.ClassDefinition;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarFile;
import javax.management.ObjectName;

/** Does with another agent's instrumentation, or with the diagnostic bean, what it is told line by line. */
public final class AgentHost {

    private AgentHost() {}

    public static void main(String[] arguments) throws Exception {
        System.out.println("READY");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            try {
                System.out.println(run(words));
            } catch (Throwable e) {
                Throwable root = e;
                while (root.getCause() != null) {
                    root = root.getCause();
                }
                System.out.println("REFUSED " + root.getClass().getSimpleName() + " "
                        + String.valueOf(Outcome.detail(root)).replace('\n', ' '));
            }
        }
    }

    private static String run(String[] words) throws Exception {
        switch (words[0]) {
            case "boot":
                LeakingAgent.instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(words[1]));
                return "LOADED " + Class.forName(words[2], true, null).getName();
            case "system":
                LeakingAgent.instrumentation.appendToSystemClassLoaderSearch(new JarFile(words[1]));
                return "LOADED " + Class.forName(words[2]).getName();
            case "swapped":
                // Appended by one name; then something else comes to where the file really is.
                LeakingAgent.instrumentation.appendToSystemClassLoaderSearch(new JarFile(words[1]));
                Files.copy(Path.of(words[3]), Path.of(words[2]), StandardCopyOption.REPLACE_EXISTING);
                return "LOADED " + Class.forName(words[4]).getName();
            case "two-names":
                LeakingAgent.instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(words[1]) {
                    private boolean asked;

                    @Override
                    public String getName() {
                        boolean again = asked;
                        asked = true;
                        return again ? words[2] : words[1];
                    }
                });
                return "LOADED " + Class.forName(words[3], true, null).getName();
            case "redefine":
                URLClassLoader loader =
                        new URLClassLoader(new URL[] {Path.of(words[1]).toUri().toURL()}, null);
                Class<?> plugin = Class.forName(words[2], false, loader);
                LeakingAgent.instrumentation.redefineClasses(
                        new ClassDefinition(plugin, Files.readAllBytes(Path.of(words[3]))));
                Class.forName(words[2], true, loader);
                return "LOADED " + plugin.getName();
            case "redefine-boot":
                Class<?> guard = Class.forName(words[1], false, null);
                LeakingAgent.instrumentation.redefineClasses(new ClassDefinition(guard, new byte[] {0}));
                return "LOADED " + guard.getName();
            case "path":
                // What the JVM calls when an agent is attached, before it looks at the JAR itself.
                java.lang.reflect.Method append = ClassLoader.getSystemClassLoader()
                        .getClass()
                        .getDeclaredMethod("appendToClassPathForInstrumentation", String.class);
                append.setAccessible(true);
                append.invoke(ClassLoader.getSystemClassLoader(), words[1]);
                return "LOADED " + words[1];
            case "bean":
                Object answer = ManagementFactory.getPlatformMBeanServer()
                        .invoke(
                                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                                "jvmtiAgentLoad",
                                new Object[] {new String[] {words[1]}},
                                new String[] {String[].class.getName()});
                return "LOADED " + answer;
            case "class":
                return "LOADED " + Class.forName(words[1]).getName();
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }
}
