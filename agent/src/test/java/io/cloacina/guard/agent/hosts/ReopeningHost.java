// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarFile;

/** Replaces the package of a plugin that is loaded, and opens what is there then as data, again and again. */
public final class ReopeningHost {

    private ReopeningHost() {}

    /** {@code JAR CLASS REPLACEMENT TIMES [ARCHIVE]}; a signature moves with the replacement, or ARCHIVE covers it. */
    public static void main(String[] arguments) throws Exception {
        Path jar = Path.of(arguments[0]);
        Path replacement = Path.of(arguments[2]);
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
            Class.forName(arguments[1], true, loader);
            if (arguments.length > 4) {
                new JarFile(arguments[4]).close();
                Files.delete(Path.of(jar + ".sig"));
            } else {
                Files.move(Path.of(replacement + ".sig"), Path.of(jar + ".sig"), StandardCopyOption.REPLACE_EXISTING);
            }
            Files.move(replacement, jar, StandardCopyOption.REPLACE_EXISTING);
            int newer = 0;
            for (int times = Integer.parseInt(arguments[3]); times > 0; times--) {
                try (JarFile file = new JarFile(jar.toFile())) {
                    newer += file.getEntry("newer") == null ? 0 : 1;
                }
            }
            System.out.println("newer " + newer);
        }
    }
}
