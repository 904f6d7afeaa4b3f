// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Removes a directory with all that is in it. Not by {@code walkFileTree}, whose classes cost the end of a JVM a
 * millisecond, and without recursion, as a tree may be deeper than the stack of the thread that removes it.
 */
final class TreeRemoval {

    // What still has something in it; a directory comes before those in it.
    private final List<Path> directories = new ArrayList<>();

    private TreeRemoval() {}

    static void of(Path top) throws IOException {
        TreeRemoval removal = new TreeRemoval();
        removal.directories.add(top);
        for (int i = 0; i < removal.directories.size(); i++) {
            removal.empty(removal.directories.get(i));
        }
        for (int i = removal.directories.size() - 1; i >= 0; i--) {
            Files.deleteIfExists(removal.directories.get(i));
        }
    }

    private void empty(Path directory) throws IOException {
        SnapshotDirectory.makeWritable(directory);
        String[] names = SnapshotDirectory.namesIn(directory);
        if (areExpressible(directory, names)) {
            for (String name : names) {
                delete(directory.resolve(name));
            }
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                delete(entry);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /**
     * Whether the names are those that the file system has: the JDK puts other characters for bytes that are none here.
     */
    private static boolean areExpressible(Path directory, String[] names) {
        if (directory.toString().indexOf('\uFFFD') >= 0) {
            return false;
        }
        for (String name : names) {
            if (name.indexOf('\uFFFD') >= 0 || name.indexOf('?') >= 0) {
                return false;
            }
        }
        return true;
    }

    private void delete(Path entry) throws IOException {
        try {
            Files.deleteIfExists(entry);
        } catch (DirectoryNotEmptyException e) {
            directories.add(entry);
        }
    }
}
