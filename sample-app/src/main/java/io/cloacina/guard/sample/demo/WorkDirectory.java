// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The temporary directory that has everything the demo makes: keys, store, plugins, event files. */
final class WorkDirectory {

    private final Path directory;

    private WorkDirectory(Path directory) {
        this.directory = directory;
    }

    /** Makes it. When the JVM ends, however that is, it is removed, or kept and named on the screen. */
    static WorkDirectory create(boolean keep, Screen screen) throws IOException {
        var work = new WorkDirectory(Files.createTempDirectory("cloacina-demo."));
        Files.createDirectory(work.plugins());
        Runnable end = keep ? () -> screen.line("\nKept: " + work.directory) : work::remove;
        Runtime.getRuntime().addShutdownHook(new Thread(end, "demo-end"));
        return work;
    }

    Path plugins() {
        return directory.resolve("plugins");
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    private void remove() {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException left) {
            // The JVM is ending, and has no caller left that could be told.
        }
    }
}
