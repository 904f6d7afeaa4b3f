// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.verify.DetachedSignature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What {@code sign} and {@code verify} understand by the files and directories they are given. */
final class PackageFiles {

    private static final String SIGNATURE = ".sig";

    private PackageFiles() {}

    /**
     * Every {@code .jar} and {@code .so} in a directory, however deep, in order.
     *
     * @throws CliException if there is none, or the directory cannot be read
     */
    static List<Path> in(Path directory, String verb) throws CliException {
        if (directory.toAbsolutePath().normalize().getFileName() == null) {
            throw CliException.refused("nothing_to_" + verb, "[" + directory + "] is the whole file system");
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            List<Path> found = paths.filter(PackageFiles::isPackage).sorted().toList();
            if (found.isEmpty()) {
                throw CliException.refused("nothing_to_" + verb, "there is no .jar and no .so in [" + directory + "]");
            }
            return found;
        } catch (IOException | UncheckedIOException e) {
            IOException cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : (IOException) e;
            throw Cli.unreadable("the directory", directory, cause);
        }
    }

    private static boolean isPackage(Path path) {
        String name = path.toString();
        return (name.endsWith(".jar") || name.endsWith(".so")) && Files.isRegularFile(path);
    }

    /** Whether it is a detached signature of what lies beside it, as {@code DIR/*} names it too. */
    static boolean isSignature(Path path) {
        Path name = path.getFileName();
        if (name == null || !name.toString().endsWith(SIGNATURE) || !Files.isRegularFile(path)) {
            return false;
        }
        String text = name.toString();
        Path signed = path.resolveSibling(text.substring(0, text.length() - SIGNATURE.length()));
        return !signed.equals(path)
                && Files.exists(signed)
                && DetachedSignature.pathFor(signed).equals(path);
    }
}
