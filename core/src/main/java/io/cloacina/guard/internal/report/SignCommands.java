// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.report.Remedy.Target;
import io.cloacina.guard.internal.text.PackageNames;
import io.cloacina.guard.internal.text.ShellWord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Few commands that sign many packages. A directory is named in the place of its packages only if all packages that
 * then would be signed are meant. Trees come last, the inner before the outer ones, because the signature of a member
 * changes the tree that it lies in.
 */
final class SignCommands {

    /** Two files of a directory are named; more are signed by its name. */
    private static final int FEWEST_IN_DIRECTORY = 3;

    /** Of one command, so that it fits every system's limit and can be read. */
    private static final int MOST_NAMES = 200;

    private final Report report;
    private final Disk disk;
    private final TreeSet<String> files = new TreeSet<>();
    private final TreeSet<String> trees = new TreeSet<>();
    private final Map<String, Boolean> holdsOnly = new HashMap<>();

    SignCommands(Report report, Disk disk) {
        this.report = report;
        this.disk = disk;
    }

    void add(Target target) {
        (target.tree() ? trees : files).add(target.path());
    }

    /**
     * @param beginning what each command begins with
     * @param all those of every organisation: what only another one is to sign blocks a directory
     */
    List<Plan.Command> commands(String beginning, Collection<SignCommands> all) {
        List<Plan.Command> commands = new ArrayList<>();
        List<String> names = names(all);
        for (int i = 0; i < names.size(); i += MOST_NAMES) {
            List<String> some = names.subList(i, Math.min(i + MOST_NAMES, names.size()));
            commands.add(new Plan.Command(
                    i == 0 ? number(files.size(), "unsigned file") : "and further ones", beginning + words("", some)));
        }
        List<List<String>> levels = levels();
        for (int i = 0; i < levels.size(); i++) {
            List<String> level = levels.get(i);
            commands.add(new Plan.Command(
                    i == 0
                            ? number(level.size(), "directory") + ", each of which is one package; after its members"
                            : "directories that hold those",
                    beginning + words("--tree ", level)));
        }
        return commands;
    }

    private static String number(int count, String noun) {
        return count + " " + (count == 1 ? noun : noun.endsWith("y") ? noun.replaceAll("y$", "ies") : noun + "s");
    }

    private static String words(String before, List<String> paths) {
        List<String> words = new ArrayList<>();
        for (String path : paths) {
            words.add(before + ShellWord.of(path));
        }
        return String.join(" ", words);
    }

    /** Directories where that says the same, else files. */
    private List<String> names(Collection<SignCommands> all) {
        Map<String, TreeSet<String>> byDirectory = new TreeMap<>();
        for (String file : files) {
            byDirectory
                    .computeIfAbsent(PackagePath.directory(file), absent -> new TreeSet<>())
                    .add(file);
        }
        Set<String> chosen = new TreeSet<>();
        for (String directory : byDirectory.keySet()) {
            String widest = widest(directory, all);
            if (widest != null) {
                chosen.add(widest);
            }
        }
        TreeSet<String> names = new TreeSet<>();
        for (String file : files) {
            String in = isSignedInDirectories(file) ? outermost(file, chosen) : null;
            names.add(in == null ? file : in);
        }
        return List.copyOf(names);
    }

    private static boolean isSignedInDirectories(String file) {
        return PackageNames.isPackage(file);
    }

    private static @Nullable String outermost(String file, Set<String> directories) {
        for (String directory : directories) {
            if (PackagePath.isIn(file, directory)) {
                return directory;
            }
        }
        return null;
    }

    /** The highest directory above that holds nothing but what is meant and more of it than each below; or null. */
    private @Nullable String widest(String directory, Collection<SignCommands> all) {
        String widest = null;
        int most = FEWEST_IN_DIRECTORY - 1;
        String at = directory;
        while (depth(at) >= 2) {
            List<String> meant = in(at);
            if (meant.size() >= FEWEST_IN_DIRECTORY && !holdsOnly(at, meant, all)) {
                break;
            }
            if (meant.size() > most) {
                widest = at;
                most = meant.size();
            }
            at = PackagePath.directory(at);
        }
        return widest;
    }

    private static long depth(String directory) {
        return directory.chars().filter(c -> c == '/').count();
    }

    private List<String> in(String directory) {
        List<String> in = new ArrayList<>();
        for (String file : files.tailSet(directory + "/")) {
            if (!PackagePath.isIn(file, directory)) {
                break;
            }
            if (isSignedInDirectories(file)) {
                in.add(file);
            }
        }
        return in;
    }

    private boolean holdsOnly(String directory, List<String> meant, Collection<SignCommands> all) {
        return holdsOnly.computeIfAbsent(directory, absent -> {
            Optional<Set<String>> there = disk.packagesIn(directory);
            if (there.isPresent()) {
                Set<String> others = new TreeSet<>(there.get());
                others.removeAll(meant);
                return others.isEmpty() && there.get().size() == meant.size();
            }
            return !disk.exists(directory) && isUndisputed(directory, all);
        });
    }

    /** Elsewhere only the audit log tells: then nothing else may be known of the directory. */
    private boolean isUndisputed(String directory, Collection<SignCommands> all) {
        if (report.acceptable() == null || report.findingsLeftOut() > 0) {
            return false;
        }
        for (String path : report.acceptable()) {
            if (PackagePath.isIn(path, directory)) {
                return false;
            }
        }
        for (Finding finding : report.findings()) {
            if (PackagePath.isIn(finding.path(), directory)
                    && isSignedInDirectories(finding.path())
                    && !files.contains(finding.path())) {
                return false;
            }
        }
        for (SignCommands other : all) {
            if (other != this && !other.in(directory).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Those that hold no other, then those that hold only these, and so on. */
    private List<List<String>> levels() {
        List<List<String>> levels = new ArrayList<>();
        TreeSet<String> rest = new TreeSet<>(trees);
        while (!rest.isEmpty()) {
            List<String> level = new ArrayList<>();
            for (String tree : rest) {
                String next = rest.higher(tree + "/");
                if (next == null || !PackagePath.isIn(next, tree)) {
                    level.add(tree);
                }
            }
            rest.removeAll(level);
            levels.add(level);
        }
        return levels;
    }
}
