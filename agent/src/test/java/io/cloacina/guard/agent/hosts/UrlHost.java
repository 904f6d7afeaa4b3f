// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A plugin host as most are: a {@code URLClassLoader} over the files or directories it is given. */
public final class UrlHost {

    private UrlHost() {}

    /** {@code CLASS FILE…}: loads and initialises the class, and prints a resource that lies beside it. */
    public static void main(String[] arguments) throws Exception {
        URL[] urls = new URL[arguments.length - 1];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = arguments[i + 1].contains(":/")
                    ? new java.net.URI(arguments[i + 1]).toURL()
                    : Path.of(arguments[i + 1]).toUri().toURL();
        }
        try (URLClassLoader loader = new URLClassLoader(urls, UrlHost.class.getClassLoader())) {
            for (int attempt = 1; attempt <= 2; attempt++) {
                tryLoad(loader, arguments[0], attempt);
            }
            try (InputStream in = loader.getResourceAsStream("text.txt")) {
                System.out.println(
                        "RESOURCE " + (in == null ? "none" : new String(in.readAllBytes(), StandardCharsets.UTF_8)));
            }
        }
    }

    private static void tryLoad(ClassLoader loader, String name, int attempt) {
        try {
            ((Runnable) Class.forName(name, true, loader)
                            .getDeclaredConstructor()
                            .newInstance())
                    .run();
            System.out.println("LOADED " + attempt);
        } catch (ClassNotFoundException e) {
            System.out.println("NOT FOUND " + attempt);
            for (Throwable suppressed : e.getSuppressed()) {
                System.out.println(
                        "BECAUSE " + suppressed.getClass().getSimpleName() + " " + Outcome.detail(suppressed));
            }
        } catch (Throwable e) {
            System.out.println("FAILED " + attempt + " " + e);
        }
    }
}
