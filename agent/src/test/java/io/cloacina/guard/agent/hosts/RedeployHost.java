// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** Loads a plugin, has it replaced, and loads it again from the same path. */
public final class RedeployHost {

    private static final String RESOURCE = "text.txt";

    private RedeployHost() {}

    /** {@code close|keep|own MARKER PATH NEXT LAST CLASS}: a JAR may have its signature beside it. */
    public static void main(String[] arguments) throws Exception {
        Path marker = Path.of(arguments[1]);
        Path path = Path.of(arguments[2]);
        if (arguments[0].equals("own")) {
            ClassLoader old = new FlippingHost.OwnLoader(path);
            load("first", old, arguments[5], marker);
            replace(path, Path.of(arguments[3]));
            load("second", new FlippingHost.OwnLoader(path), arguments[5], marker);
            System.out.println("held " + old.getClass().getSimpleName());
            return;
        }
        URLClassLoader old = new URLClassLoader(new URL[] {path.toUri().toURL()}, null);
        load("first", old, arguments[5], marker);
        if (arguments[0].equals("close")) {
            old.close();
        }
        replace(path, Path.of(arguments[3]));
        System.out.println("file " + entry(path));
        try (URLClassLoader next = new URLClassLoader(new URL[] {path.toUri().toURL()}, null)) {
            load("second", next, arguments[5], marker);
            System.out.println("second resource " + resource(next));
        }
        if (arguments[0].equals("keep")) {
            replace(path, Path.of(arguments[4]));
            System.out.println("first resource " + resource(old));
            System.out.println("file " + entry(path));
            old.close();
        }
    }

    private static void load(String what, ClassLoader loader, String name, Path marker) throws IOException {
        Files.deleteIfExists(marker);
        try {
            Class.forName(name, true, loader);
            System.out.println(what + " ran " + Files.readString(marker));
        } catch (ClassNotFoundException | SecurityException e) {
            System.out.println(what + " REFUSED");
        }
    }

    /** As deployments do it: the new file is there at once, and its signature right after. */
    private static void replace(Path path, Path with) throws IOException {
        Path beside = path.resolveSibling(path.getFileName() + ".new");
        Files.copy(with, beside);
        Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE);
        Path signature = Path.of(with + ".sig");
        if (Files.exists(signature)) {
            Files.copy(signature, Path.of(path + ".sig"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String entry(Path path) throws IOException {
        try (JarFile jar = new JarFile(path.toFile());
                InputStream in = jar.getInputStream(new ZipEntry(RESOURCE))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Without the cache of connections, which answers with the first version for ever, guard or no guard. */
    private static String resource(URLClassLoader loader) throws IOException {
        URL url = loader.findResource(RESOURCE);
        if (url == null) {
            return "none";
        }
        URLConnection connection = url.openConnection();
        connection.setUseCaches(false);
        try (InputStream in = connection.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
