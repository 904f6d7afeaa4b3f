// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** What the build has unpacked under {@code target/distributions}, as its publishers ship it. */
final class Distribution {

    private Distribution() {}

    /**
     * A copy of a distribution, for a test to sign and to spoil.
     *
     * @param name as the build calls it
     * @param target where the copy is made; must not exist
     */
    static Path copy(String name, Path target) throws IOException {
        return copyTree(root(name), target);
    }

    /** The directory of a distribution: the only one in its archive, or where single JARs lie. */
    private static Path root(String name) throws IOException {
        Path directory = GuardedJvm.module().resolve("target/distributions").resolve(name);
        assertTrue(Files.isDirectory(directory), () -> directory + " is put there by the build");
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> found = entries.toList();
            return found.size() == 1 && Files.isDirectory(found.get(0)) ? found.get(0) : directory;
        }
    }

    static Path copyTree(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, target.resolve(source.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return target;
    }
}
