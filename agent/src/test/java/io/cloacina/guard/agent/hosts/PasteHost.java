// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/** A host with plugins in directories, some of which it copies to a temporary directory before it loads them. */
public final class PasteHost {

    private PasteHost() {}

    /** Each argument is {@code CLASS=PATH}, or {@code CLASS=copy:PATH} for a plugin that is copied first. */
    public static void main(String[] arguments) throws Exception {
        for (String argument : arguments) {
            String name = argument.substring(0, argument.indexOf('='));
            String path = argument.substring(argument.indexOf('=') + 1);
            if (path.startsWith("copy:")) {
                Path original = Path.of(path.substring("copy:".length()));
                Path directory = Files.createTempDirectory("copies");
                Path copy = Files.copy(original, directory.resolve(original.getFileName()));
                load(name, copy, argument);
                Files.delete(copy);
                Files.delete(directory);
            } else {
                load(name, Path.of(path), argument);
            }
        }
    }

    private static void load(String name, Path path, String argument) throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {path.toUri().toURL()}, null)) {
            ((Runnable) Class.forName(name, true, loader).getConstructor().newInstance()).run();
            System.out.println("LOADED " + argument);
        } catch (ClassNotFoundException | UnsatisfiedLinkError e) {
            System.out.println("REFUSED " + argument);
        }
    }
}
