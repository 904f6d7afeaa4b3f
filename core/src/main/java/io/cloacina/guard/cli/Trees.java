// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.nio.file.Path;

/** Folders that are one package. */
final class Trees {

    private Trees() {}

    /** The folder by a name of its own, which {@code .} and {@code ..} are not: its signature stands beside it. */
    static Path named(Path folder) throws CliException {
        Path name = folder.getFileName();
        boolean relative =
                name == null || name.toString().isEmpty() || name.toString().startsWith(".");
        Path named = relative ? folder.toAbsolutePath().normalize() : folder;
        if (named.getFileName() == null) {
            throw CliException.usage("[" + folder + "] has no name that a signature could stand beside");
        }
        return named;
    }
}
