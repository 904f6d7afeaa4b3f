// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads a class from a JAR, and prints where the file really lies that is open for it. */
public final class CopyPlaceHost {

    private CopyPlaceHost() {}

    /** {@code CLASS JAR…} */
    public static void main(String[] arguments) throws Exception {
        for (int i = 1; i < arguments.length; i++) {
            Path jar = Path.of(arguments[i]);
            try (URLClassLoader loader =
                    new URLClassLoader(new URL[] {jar.toUri().toURL()})) {
                loader.loadClass(arguments[0]);
                for (File open : new File("/proc/self/fd").listFiles()) {
                    Path file = open.toPath();
                    if (Files.isSymbolicLink(file)
                            && Files.readSymbolicLink(file)
                                    .toString()
                                    .endsWith(jar.getFileName().toString())) {
                        System.out.println("OPEN " + Files.readSymbolicLink(file));
                    }
                }
            }
        }
    }
}
