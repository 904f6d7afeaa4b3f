// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import io.cloacina.guard.audit.ChainVerifier;
import io.cloacina.guard.audit.Checkpoint;
import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.cli.CliException;
import io.cloacina.guard.internal.text.GivenFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The files of audit logs and of their checkpoints, as the verbs of {@code audit} name them. */
final class AuditLogFiles {

    private static final String CHECKPOINTS = ".checkpoints";
    private static final int LARGEST_CHECKPOINTS_BYTES = 16 << 20;

    private AuditLogFiles() {}

    static List<Path> files(Cli cli, List<String> names) throws CliException {
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            Path file = cli.path(name);
            if (!files.contains(file)) {
                files.add(file);
            }
        }
        return files;
    }

    /**
     * Checks the audit log; one that seems cut off in the middle of a line is looked at again: it may be being written.
     */
    static ChainVerifier.Result check(List<Path> files, List<Checkpoint> checkpoints, long from) throws CliException {
        for (Path file : files) {
            if (!Files.isReadable(file) || !Files.isRegularFile(file)) {
                throw CliException.trouble("unreadable_file", "the audit log [" + file + "] " + why(file), null);
            }
        }
        try {
            ChainVerifier.Result result = ChainVerifier.run(files, checkpoints, from);
            return result.problem() == ChainVerifier.Problem.CUT_OFF
                    ? ChainVerifier.run(files, checkpoints, from)
                    : result;
        } catch (IOException e) {
            throw CliException.trouble("unreadable_file", "the audit log cannot be read: " + Cli.reason(e), e);
        }
    }

    private static String why(Path file) {
        if (!Files.exists(file)) {
            return "cannot be read: there is no such file";
        }
        return Files.isRegularFile(file) ? "cannot be read: permission denied" : "is no regular file";
    }

    /** Whether it has the name of checkpoints, which {@code FILE*} names along with the audit log. */
    static boolean isCheckpoints(Path file) {
        return file.toString().endsWith(CHECKPOINTS);
    }

    /** Where the checkpoints of an audit log are, wherever it was rotated to. */
    static Path checkpointsOf(Path log) {
        // The root has no name; that it is no audit log is found out later.
        String name = log.getFileName() == null ? "" : log.getFileName().toString();
        return log.resolveSibling(name.replaceFirst("\\.[0-9]{12,18}(-[0-9]+)?$", "") + CHECKPOINTS);
    }

    /** The files of checkpoints that are there. */
    static List<Path> checkpointsOf(List<Path> logs) {
        Set<Path> found = new LinkedHashSet<>();
        for (Path log : logs) {
            Path file = checkpointsOf(log);
            if (Files.exists(file)) {
                found.add(file);
            }
        }
        return List.copyOf(found);
    }

    /** All checkpoints in a file, by any signer. */
    static List<Checkpoint> read(Path file) throws CliException {
        List<Checkpoint> all = new ArrayList<>();
        try {
            byte[] content = GivenFile.read(file, LARGEST_CHECKPOINTS_BYTES);
            if (content.length > LARGEST_CHECKPOINTS_BYTES) {
                throw CliException.refused("malformed_checkpoint", "[" + file + "] is larger than 16 MiB");
            }
            int number = 0;
            String text = new String(content, StandardCharsets.ISO_8859_1);
            for (String line : text.lines().toList()) {
                number++;
                try {
                    all.add(Checkpoint.parse(line));
                } catch (IllegalArgumentException e) {
                    throw CliException.refused(
                            "malformed_checkpoint", "line " + number + " of [" + file + "]: " + e.getMessage());
                }
            }
            return all;
        } catch (IOException e) {
            throw Cli.unreadable("the checkpoints", file, e);
        }
    }
}
