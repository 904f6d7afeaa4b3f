// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Goes on loading from packages that it has opened long ago, while something happens to the copies. */
public final class CleanedHost {

    private CleanedHost() {}

    /**
     * {@code CLASS PACKAGE...}; for each line of standard input all packages are looked into again, and opened anew.
     */
    public static void main(String[] arguments) throws Exception {
        URLClassLoader[] loaders = new URLClassLoader[arguments.length - 1];
        for (int i = 0; i < loaders.length; i++) {
            loaders[i] = loader(arguments[i + 1]);
            load(arguments[0], loaders[i]);
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            for (int i = 0; i < loaders.length; i++) {
                System.out.println("RESOURCE " + text(loaders[i].getResource("late")));
                load(arguments[0], loader(arguments[i + 1]));
            }
        }
    }

    private static URLClassLoader loader(String file) throws IOException {
        String url = Path.of(file).toUri().toString();
        return new URLClassLoader(
                new URL[] {new URL(file.endsWith(".jar") || url.endsWith("/") ? url : url + "/")}, null);
    }

    private static String text(URL resource) throws IOException {
        if (resource == null) {
            return "none";
        }
        try (InputStream in = resource.openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void load(String name, ClassLoader loader) {
        try {
            Class.forName(name, true, loader);
            System.out.println("LOADED");
        } catch (ClassNotFoundException e) {
            System.out.println("ABSENT");
        }
    }
}
