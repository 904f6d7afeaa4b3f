// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Loads one class of a package, has the package replaced, then loads another class and a resource of it. */
public final class SwappedHost {

    private SwappedHost() {}

    /** {@code PACKAGE REPLACEMENT rename|overwrite}. */
    public static void main(String[] arguments) throws Exception {
        Path original = Path.of(arguments[0]);
        Path replacement = Path.of(arguments[1]);
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {original.toUri().toURL()}, null)) {
            Class.forName("sample.Plugin", true, loader);
            if (arguments[2].equals("rename")) {
                Path beside = original.resolveSibling("beside");
                Files.copy(replacement, beside);
                Files.move(beside, original, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.write(original, Files.readAllBytes(replacement));
            }
            try {
                Class.forName("sample.Late", true, loader);
            } catch (Throwable e) {
                System.out.println("FAILED " + e);
            }
            try (InputStream in = loader.getResourceAsStream("text.txt")) {
                System.out.println(
                        "RESOURCE " + (in == null ? "none" : new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            }
        }
    }
}
