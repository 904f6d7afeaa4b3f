// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads a plugin over http; with {@code peek}, reads its manifest first, which leaves the file in the JDK's cache. */
public final class CachedHost {

    private CachedHost() {}

    private static void tryLoad(String name, ClassLoader loader) {
        try {
            Class.forName(name, true, loader);
            System.out.println("LOADED");
        } catch (ClassNotFoundException e) {
            System.out.println("REFUSED " + e.getSuppressed().length);
        }
    }

    /** {@code JAR CLASS peek|direct}. */
    public static void main(String[] arguments) throws Exception {
        byte[] jar = Files.readAllBytes(Path.of(arguments[0]));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/plugin.jar", exchange -> {
            exchange.sendResponseHeaders(200, jar.length);
            exchange.getResponseBody().write(jar);
            exchange.close();
        });
        server.start();
        try {
            URL url = new URI("http://127.0.0.1:" + server.getAddress().getPort() + "/plugin.jar").toURL();
            if (arguments[2].equals("peek")) {
                JarURLConnection connection =
                        (JarURLConnection) new URI("jar:" + url + "!/").toURL().openConnection();
                // The runtime's versions are part of the name under which it is cached.
                connection.getJarFile();
                ((JarURLConnection) new URI("jar:" + url + "!/#runtime").toURL().openConnection()).getJarFile();
            }
            // Two at a time: the second gets the archive that the first has open.
            try (URLClassLoader first = new URLClassLoader(new URL[] {url}, null);
                    URLClassLoader second = new URLClassLoader(new URL[] {url}, null)) {
                tryLoad(arguments[1], first);
                tryLoad(arguments[1], second);
            }
        } finally {
            server.stop(0);
        }
    }
}
