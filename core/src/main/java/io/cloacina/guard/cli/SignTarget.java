// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.sign.StatementRequest;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One package to sign, or one argument that cannot be.
 *
 * @param tree whether it is a directory that is signed as one package
 * @param inside its hash, if it is in an archive; else null
 * @param statement what a signature of version 2 is to say; null if one of version 1 is wanted
 * @param problem why it cannot be signed, or null
 */
record SignTarget(
        Path path,
        boolean tree,
        @Nullable PackageHash inside,
        @Nullable StatementRequest statement,
        @Nullable CliException problem) {

    SignTarget(Path path, boolean tree, @Nullable CliException problem) {
        this(path, tree, null, null, problem);
    }

    Path absolute() {
        return Cli.absolute(path);
    }

    /** How much there is to read, for a progress bar; signing reports what cannot be read. */
    long sizeBytes() {
        if (problem != null || inside != null) {
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
