// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.config.PathGlob;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.PackageNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is meant of a directory: by default what is called as packages are. */
final class DirectoryOptions {

    @Option(
            names = "--include",
            paramLabel = "GLOB",
            description =
                    "Of directories, mean what matches this, instead of what is called as packages are: the file's"
                            + " name, or if the glob has a /, its path in the directory. May be given several times.")
    private List<String> includes = new ArrayList<>();

    @Option(
            names = "--exclude",
            paramLabel = "GLOB",
            description = "Of directories, leave out what matches this. May be given several times.")
    private List<String> excludes = new ArrayList<>();

    /** What makes no sense in what was asked for, or null. */
    @Nullable
    String problem() {
        for (String glob : includes) {
            String problem = problem("--include", glob);
            if (problem != null) {
                return problem;
            }
        }
        for (String glob : excludes) {
            String problem = problem("--exclude", glob);
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private static @Nullable String problem(String option, String glob) {
        try {
            PathGlob.require(glob);
            return glob.isEmpty() ? option + " is empty; a glob such as *.jar is right" : null;
        } catch (PatternSyntaxException e) {
            return option + " [" + KeyText.shown(glob) + "] is no glob: " + e.getDescription();
        }
    }

    /**
     * What makes no sense where the options have nothing to choose from, or null.
     *
     * @param directories how many are named
     */
    @Nullable
    String problemWithout(long directories) {
        return directories == 0 && (!includes.isEmpty() || !excludes.isEmpty())
                ? "--include and --exclude choose in directories, and none is named"
                : null;
    }

    /**
     * Every file in a directory that is meant, however deep, in order.
     *
     * @throws CliException if there is none, or the directory cannot be read
     */
    List<Path> in(Path directory, String verb) throws CliException {
        if (directory.toAbsolutePath().normalize().getFileName() == null) {
            throw CliException.refused("nothing_to_" + verb, "[" + directory + "] is the whole file system");
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            List<Path> found =
                    paths.filter(path -> isMeant(directory, path)).sorted().toList();
            if (found.isEmpty()) {
                throw CliException.refused("nothing_to_" + verb, nothingIn(directory));
            }
            return found;
        } catch (IOException | UncheckedIOException e) {
            IOException cause =
                    e instanceof IOException read ? read : (IOException) Objects.requireNonNull(e.getCause());
            throw Cli.unreadable("the directory", directory, cause);
        }
    }

    private String nothingIn(Path directory) {
        return includes.isEmpty() && excludes.isEmpty()
                ? "there is nothing in [" + directory + "] that is called as packages are (" + PackageNames.IN_WORDS
                        + "); --include GLOB names other files"
                : "there is nothing in [" + directory + "] that --include and --exclude leave";
    }

    private boolean isMeant(Path directory, Path path) {
        boolean named = includes.isEmpty()
                ? PackageNames.isPackage(path.getFileName().toString())
                : matches(includes, directory, path);
        return named
                && !matches(excludes, directory, path)
                && Files.isRegularFile(path)
                && !PackageFiles.isSignature(path);
    }

    private static boolean matches(List<String> globs, Path directory, Path path) {
        for (String glob : globs) {
            Path matched = glob.indexOf('/') < 0 ? path.getFileName() : directory.relativize(path);
            if (PathGlob.anyMatches(List.of(glob), matched)) {
                return true;
            }
        }
        return false;
    }
}
