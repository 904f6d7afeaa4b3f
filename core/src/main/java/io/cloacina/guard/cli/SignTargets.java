// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.sign.NestedPackage;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.text.PackageNames;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.StatementRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What the arguments of {@code sign} name, in their order. */
final class SignTargets {

    private final Cli cli;
    private final CommandLine line;
    private final StatementOptions statements;
    private final DirectoryOptions directories;
    private final boolean nested;
    private final List<SignTarget> targets = new ArrayList<>();

    /**
     * @param line that is used wrongly if a package does not say how it is called
     * @param nested whether what hosts extract from each file is meant too
     */
    SignTargets(Cli cli, CommandLine line, StatementOptions statements, DirectoryOptions directories, boolean nested) {
        this.cli = cli;
        this.line = line;
        this.statements = statements;
        this.directories = directories;
        this.nested = nested;
    }

    /** @throws CliException if nothing is named that could be signed */
    List<SignTarget> of(List<String> files, List<String> trees) throws CliException {
        List<Path> paths = new ArrayList<>();
        for (String file : files) {
            paths.add(cli.path(file));
        }
        requireSense(directories.problemWithout(
                paths.stream().filter(Files::isDirectory).count()));
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                addPackagesIn(path);
            } else if (PackageFiles.isSignature(path)) {
                cli.say("[" + path + "] is a signature; it is not signed itself");
            } else {
                add(path, nested);
            }
        }
        for (String tree : trees) {
            targets.add(target(Trees.named(cli.path(tree)), true));
        }
        if (statements.isTogether()) {
            requireOneName();
        }
        if (targets.isEmpty()) {
            throw CliException.refused("nothing_to_sign", "what is named are signatures only");
        }
        return targets;
    }

    private void requireSense(@Nullable String problem) {
        if (problem != null) {
            throw new ParameterException(line, problem);
        }
    }

    private void requireOneName() {
        List<StatementRequest> said = new ArrayList<>();
        for (SignTarget target : targets) {
            if (target.statement() != null) {
                said.add(target.statement());
            }
        }
        requireSense(StatementOptions.differenceIn(said));
    }

    /** What is inside is looked at first: a file that has something wrong in it is not signed. */
    private void add(Path file, boolean looksInside) {
        List<NestedPackage> inside;
        try {
            inside = looksInside ? PackageSigner.nestedIn(file) : List.of();
        } catch (SigningException e) {
            targets.add(new SignTarget(file, false, SigningResults.why(e)));
            return;
        }
        SignTarget outer = target(file, false);
        targets.add(outer);
        for (NestedPackage one : inside) {
            // It is a part of that package, whatever it says of itself.
            targets.add(new SignTarget(one.path(), false, one.hash(), outer.statement(), null));
        }
    }

    private SignTarget target(Path path, boolean tree) {
        if (!statements.isVersion2()) {
            return new SignTarget(path, tree, null);
        }
        if (!Files.isReadable(path)) {
            return new SignTarget(
                    path,
                    tree,
                    CliException.trouble("unreadable_package", "[" + path + "] is missing or cannot be read", null));
        }
        try {
            return new SignTarget(path, tree, null, statements.of(path), null);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line, e.getMessage());
        }
    }

    private void addPackagesIn(Path directory) {
        try {
            for (Path path : directories.in(directory, "sign")) {
                add(path, nested && !PackageNames.isNativeLibrary(path.toString()) && PackageSigner.isArchive(path));
            }
        } catch (CliException e) {
            targets.add(new SignTarget(directory, false, e));
        }
    }
}
