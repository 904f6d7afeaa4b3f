// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.text.PackageNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What lies at the paths of the audit log on this machine, which may be another one than the hosts': what is not there
 * tells little, what is there tells much. Reads names only. Not safe for use by several threads.
 */
final class Disk {

    /** A directory with more in it is not looked through. */
    private static final int MOST_ENTRIES = 50_000;

    private final Map<String, Optional<Set<String>>> packages = new HashMap<>();

    boolean exists(String path) {
        Path named = path(path);
        return named != null && Files.exists(named);
    }

    /** Whether the directory that it lay in is here, and it is not. */
    boolean isGone(String path) {
        String directory = PackagePath.directory(path);
        return !directory.isEmpty() && exists(directory) && !exists(path);
    }

    /** Paths of all packages that {@code cloacina sign DIR} would sign; empty if that cannot be said. */
    Optional<Set<String>> packagesIn(String directory) {
        return packages.computeIfAbsent(directory, Disk::find);
    }

    private static Optional<Set<String>> find(String directory) {
        Set<String> found = new TreeSet<>();
        boolean whole = visit(directory, path -> {
            String name = path.toString();
            if (PackageNames.isPackage(name) && Files.isRegularFile(path)) {
                found.add(name);
            }
            return true;
        });
        return whole ? Optional.of(found) : Optional.empty();
    }

    /** Whether it is known that no class lies in it. */
    boolean hasNoClasses(String directory) {
        return visit(directory, path -> !path.toString().endsWith(".class"));
    }

    boolean isDirectory(String path) {
        Path named = path(path);
        return named != null && Files.isDirectory(named);
    }

    private interface Visitor {
        /** False to end. */
        boolean visit(Path path);
    }

    /** Whether all of it was visited. */
    private static boolean visit(String directory, Visitor visitor) {
        Path named = path(directory);
        if (named == null || !Files.isDirectory(named)) {
            return false;
        }
        try (Stream<Path> paths = Files.walk(named)) {
            int entries = 0;
            for (Iterator<Path> all = paths.iterator(); all.hasNext(); entries++) {
                if (entries == MOST_ENTRIES || !visitor.visit(all.next())) {
                    return false;
                }
            }
            return true;
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    // A path of the audit log is any text; another system's may be none of this one.
    private static @Nullable Path path(String path) {
        try {
            return path.startsWith("/") ? Path.of(path) : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }
}
