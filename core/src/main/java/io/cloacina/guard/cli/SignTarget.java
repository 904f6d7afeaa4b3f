// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * One package to sign, or one argument that cannot be.
 *
 * @param tree whether it is a folder that is signed as one package
 * @param nested whether what is inside is signed too
 * @param problem why it cannot be signed, or null
 */
record SignTarget(Path path, boolean tree, boolean nested, CliException problem) {

    Path absolute() {
        return Cli.absolute(path);
    }

    /** Only the progress bar wants to know; what cannot be read is told when it is signed. */
    long sizeBytes() {
        if (problem != null) {
            return 0;
        }
        try (Stream<Path> paths = Files.walk(path)) {
            return paths.map(Path::toFile)
                    .filter(File::isFile)
                    .mapToLong(File::length)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }
}
