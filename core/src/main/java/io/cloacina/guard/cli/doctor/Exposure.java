// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.doctor;

import io.cloacina.guard.cli.doctor.DoctorCheck.Finding;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.store.StoreUrl;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What lies open to others: to code that was let in, and to processes of the same user. Reports only what can be seen
 * from here.
 */
final class Exposure {

    private static final String OPENED = "java.base/java.lang=";

    private static final String ADD_OPENS = "--add-opens";

    /** What JVMs, and the java command, take options from. */
    private static final String[] OPTION_VARIABLES = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"};

    private final List<Finding> findings = new ArrayList<>();

    private Exposure() {}

    /**
     * @param environment the environment variables that a guarded JVM would get
     * @param config its settings
     */
    static List<Finding> examine(Map<String, String> environment, GuardConfig config) {
        Exposure exposure = new Exposure();
        exposure.examineOptions(environment);
        exposure.examineUnsafe();
        exposure.examineStore(config.databaseUrl());
        exposure.examinePinDirectory(config.pinDirectory());
        return exposure.findings;
    }

    private void note(String message) {
        findings.add(Finding.note("exposure", message));
    }

    private void examineOptions(Map<String, String> environment) {
        for (String variable : OPTION_VARIABLES) {
            String[] words = environment.getOrDefault(variable, "").split("\\s+", -1);
            for (int i = 0; i < words.length; i++) {
                boolean apart = i > 0 && words[i - 1].equals(ADD_OPENS);
                String opened = words[i].startsWith(ADD_OPENS + "=")
                        ? words[i].substring(ADD_OPENS.length() + 1)
                        : apart ? words[i] : "";
                if (opened.startsWith(OPENED)) {
                    note(variable + " opens java.lang ([--add-opens " + opened + "]): by that, code that was let in can"
                            + " reach into the guard; remove it");
                    return;
                }
            }
        }
    }

    private void examineUnsafe() {
        if (ModuleFinder.ofSystem().find("jdk.unsupported").isPresent()) {
            note(
                    "this JDK has sun.misc.Unsafe (module jdk.unsupported), by which code that was let in can reach into the"
                            + " guard; a run-time image without that module does not");
        }
    }

    private void examineStore(@Nullable String url) {
        Optional<Path> sqlite = Optional.empty();
        try {
            sqlite = url == null ? sqlite : StoreUrl.parse(url).file();
        } catch (IllegalArgumentException e) {
            // DoctorStore reports it.
        }
        if (sqlite.isEmpty() || !Files.exists(sqlite.get())) {
            return;
        }
        Path file = sqlite.get().toAbsolutePath();
        Path directory = file.getParent();
        String writable = Files.isWritable(file)
                ? "the SQLite file [" + file + "]"
                : directory != null && Files.isWritable(directory)
                        ? "the directory of the SQLite file [" + file + "]"
                        : null;
        if (writable != null) {
            note("this user can write to " + writable
                    + ", and so can all its processes: a JVM that runs as this user could" + " change whom it trusts");
        }
    }

    private void examinePinDirectory(@Nullable Path directory) {
        if (directory == null) {
            note("private copies go to a directory for temporary files, as cloacina.pin_directory is not set: other"
                    + " processes of the same user can change them after a chmod");
        } else if (Files.isDirectory(directory) && !isMount(directory.toAbsolutePath())) {
            note("cloacina.pin_directory [" + directory
                    + "] is not on a mount of its own: other processes of the same user"
                    + " that see that file system can change private copies after a chmod");
        }
    }

    /** Whether another file system begins there. */
    private static boolean isMount(Path directory) {
        try {
            Path real = directory.toRealPath();
            return real.getParent() == null || !Files.getFileStore(real).equals(Files.getFileStore(real.getParent()));
        } catch (IOException e) {
            // What is unknown is not reported.
            return true;
        }
    }
}
