// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the arguments of {@code sign} mean. */
final class SignTargets {

    private static final String LIBRARY = ".so";

    private final Cli cli;

    SignTargets(Cli cli) {
        this.cli = cli;
    }

    /**
     * @param nested whether what is inside of files is signed too
     * @throws CliException if only signatures are named
     */
    List<SignTarget> find(List<String> files, List<String> trees, boolean nested) throws CliException {
        List<SignTarget> targets = new ArrayList<>();
        for (String file : files) {
            Path path = cli.path(file);
            if (Files.isDirectory(path)) {
                addPackagesIn(path, nested, targets);
            } else if (PackageFiles.isSignature(path)) {
                cli.say("[" + path + "] is a signature; it is not signed itself");
            } else {
                targets.add(new SignTarget(path, false, nested, null));
            }
        }
        for (String tree : trees) {
            targets.add(new SignTarget(Trees.named(cli.path(tree)), true, false, null));
        }
        if (targets.isEmpty()) {
            throw CliException.refused("nothing_to_sign", "what is named are signatures only");
        }
        return targets;
    }

    private static void addPackagesIn(Path directory, boolean nested, List<SignTarget> targets) {
        try {
            for (Path path : PackageFiles.in(directory, "sign")) {
                targets.add(new SignTarget(path, false, nested && !path.toString().endsWith(LIBRARY), null));
            }
        } catch (CliException e) {
            targets.add(new SignTarget(directory, false, false, e));
        }
    }
}
