// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The temporary folder that has everything the demo makes: keys, store, plugins, event files. */
final class WorkFolder {

    private final Path folder;

    private WorkFolder(Path folder) {
        this.folder = folder;
    }

    /** Makes it. When the JVM ends, however that is, it is removed, or kept and named on the screen. */
    static WorkFolder create(boolean keep, Screen screen) throws IOException {
        var work = new WorkFolder(Files.createTempDirectory("cloacina-demo."));
        Files.createDirectory(work.plugins());
        Runnable end = keep ? () -> screen.line("\nKept: " + work.folder) : work::remove;
        Runtime.getRuntime().addShutdownHook(new Thread(end, "demo-end"));
        return work;
    }

    Path plugins() {
        return folder.resolve("plugins");
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    private void remove() {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException left) {
            // The JVM is ending, and nobody is left to tell but the one who looks into the temporary folder.
        }
    }
}
