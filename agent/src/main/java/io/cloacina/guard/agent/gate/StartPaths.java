// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/**
 * Which files the JVM was started with, those included that the manifests of its JARs name.
 *
 * @param classPath of the application and of the boot loader, absolute
 * @param boot the JARs of the boot loader's class path
 * @param bootComplete false if another agent ran before the guard and may have appended more
 */
record StartPaths(Set<String> classPath, List<Path> boot, boolean bootComplete) {

    /** @param files the elements of class path and module path, absolute */
    static StartPaths find(Collection<String> files, Collection<Path> agents, boolean bootComplete) {
        List<Path> boot = new ArrayList<>(agents);
        for (String element : bootAppend().split(File.pathSeparator, -1)) {
            if (!element.isEmpty()) {
                boot.add(Path.of(element).toAbsolutePath());
            }
        }
        Set<String> found = new HashSet<>();
        Deque<Path> open = new ArrayDeque<>(boot);
        for (String file : files) {
            open.add(Path.of(file));
        }
        while (!open.isEmpty()) {
            Path next = open.remove();
            if (found.add(next.toString()) && Files.isRegularFile(next)) {
                addRealPath(next, open);
                addClassPath(next, open);
            }
        }
        return new StartPaths(Set.copyOf(found), List.copyOf(boot), bootComplete);
    }

    boolean isOnClassPath(String file) {
        return classPath.contains(file);
    }

    // -Xbootclasspath/a, and Boot-Class-Path of the agents of the command line.
    private static String bootAppend() {
        try {
            Object value = Class.forName("jdk.internal.misc.VM")
                    .getMethod("getSavedProperty", String.class)
                    .invoke(null, "jdk.boot.class.path.append");
            return value == null ? "" : value.toString();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "this JDK (" + Runtime.version() + ") does not tell its boot class path: " + e, e);
        }
    }

    private static void addRealPath(Path file, Collection<Path> to) {
        try {
            to.add(file.toRealPath());
        } catch (IOException e) {
            // Gone by now; then nothing will be read from it either.
            return;
        }
    }

    private static void addClassPath(Path jar, Collection<Path> to) {
        try (JarFile file = new JarFile(jar.toFile())) {
            Manifest manifest = file.getManifest();
            String value =
                    manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            for (String element : value == null ? new String[0] : value.trim().split(" +")) {
                addElement(jar, element, to);
            }
        } catch (IOException | IllegalArgumentException e) {
            // No archive, or one whose manifest has a comment that is not text: the JVM reads nothing from it.
            return;
        }
    }

    @SuppressWarnings("deprecation") // the JDK resolves these elements in this very way
    private static void addElement(Path jar, String element, Collection<Path> to) {
        try {
            URI uri = new URL(jar.toUri().toURL(), element).toURI();
            if ("file".equals(uri.getScheme()) && uri.getPath() != null) {
                to.add(Path.of(uri.getPath()).toAbsolutePath());
            }
        } catch (MalformedURLException | URISyntaxException | IllegalArgumentException e) {
            // Not one that the JDK could open as a file.
            return;
        }
    }
}
