// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.nio.file.Path;

/** Directories that are one package. */
final class Trees {

    private Trees() {}

    /** The directory by a name of its own, which {@code .} and {@code ..} are not: its signature stands beside it. */
    static Path named(Path directory) throws CliException {
        Path name = directory.getFileName();
        boolean relative =
                name == null || name.toString().isEmpty() || name.toString().startsWith(".");
        Path named = relative ? directory.toAbsolutePath().normalize() : directory;
        if (named.getFileName() == null) {
            throw CliException.usage("[" + directory + "] has no name that a signature could stand beside");
        }
        return named;
    }
}
