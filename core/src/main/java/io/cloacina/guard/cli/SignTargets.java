// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the arguments of {@code sign} mean. */
final class SignTargets {

    private static final String LIBRARY = ".so";

    private final Cli cli;

    SignTargets(Cli cli) {
        this.cli = cli;
    }

    /** @param nested whether what is inside of files is signed too */
    List<SignTarget> find(List<String> files, List<String> trees, boolean nested) throws CliException {
        List<SignTarget> targets = new ArrayList<>();
        for (String file : files) {
            Path path = cli.path(file);
            if (Files.isDirectory(path)) {
                targets.addAll(packagesIn(path, nested));
            } else {
                targets.add(new SignTarget(path, false, nested, null));
            }
        }
        for (String tree : trees) {
            targets.add(new SignTarget(Trees.named(cli.path(tree)), true, false, null));
        }
        return targets;
    }

    private static List<SignTarget> packagesIn(Path folder, boolean nested) {
        try (Stream<Path> paths = Files.walk(folder)) {
            List<SignTarget> found = paths.filter(SignTargets::isPackage)
                    .sorted()
                    .map(path -> new SignTarget(path, false, nested && !isLibrary(path), null))
                    .toList();
            return found.isEmpty()
                    ? problem(
                            folder,
                            CliException.refused("nothing_to_sign", "there is no .jar and no .so in [" + folder + "]"))
                    : found;
        } catch (IOException | UncheckedIOException e) {
            IOException cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : (IOException) e;
            return problem(folder, Cli.unreadable("the folder", folder, cause));
        }
    }

    private static List<SignTarget> problem(Path folder, CliException why) {
        return List.of(new SignTarget(folder, false, false, why));
    }

    private static boolean isPackage(Path path) {
        return (path.toString().endsWith(".jar") || isLibrary(path)) && Files.isRegularFile(path);
    }

    private static boolean isLibrary(Path path) {
        return path.toString().endsWith(LIBRARY);
    }
}
