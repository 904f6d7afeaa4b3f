// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.doctor;

import io.cloacina.guard.audit.AuditSinks;
import io.cloacina.guard.audit.SinkConfigurationException;
import io.cloacina.guard.cli.doctor.DoctorCheck.Finding;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an agent with these settings would find: key files, the directory of its copies, its event files. */
final class AgentSettings {

    private static final String FILE = "file:";
    private static final String DATABASE_URL = "cloacina.database_url";

    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int STICKY = 01000;

    private final GuardConfig config;
    private final Map<String, String> properties;
    private final List<Finding> findings = new ArrayList<>();

    AgentSettings(GuardConfig config, Map<String, String> properties) {
        this.config = config;
        this.properties = properties;
    }

    List<Finding> examine() {
        examineKeys();
        if (config.pinDirectory() != null) {
            examinePinDirectory(config.pinDirectory());
        }
        for (String sink : config.audit()) {
            if (sink.startsWith(FILE)) {
                examineEvents(Path.of(sink.substring(FILE.length())).toAbsolutePath());
            } else {
                examineSink(sink);
            }
        }
        if (!config.resourceDirectories().isEmpty()) {
            findings.add(Finding.note(
                    "resources",
                    "resources are read unverified from " + config.resourceDirectories()
                            + ", and classes never are: a user who can write there can change what the host reads"));
        }
        if (mayHoldPassword(properties.get(DATABASE_URL))) {
            findings.add(Finding.mend(
                    "store",
                    "the store's address stands on the command line with its password, where every user of this machine"
                            + " can read it",
                    "give it as CLOACINA_DATABASE_URL"));
        }
        return findings;
    }

    private void examineSink(String sink) {
        try {
            AuditSinks.check(sink);
        } catch (SinkConfigurationException e) {
            findings.add(Finding.mend(
                    "events", "an agent would not start: " + e.getMessage(), "put the file right; see audit-log.md"));
        }
    }

    private static boolean mayHoldPassword(@Nullable String address) {
        return address != null && (address.contains("password=") || address.matches("[a-z:]+//[^/@]*:[^/@]*@.*"));
    }

    private void examineKeys() {
        if (config.trustedKeys().isEmpty()) {
            return;
        }
        try {
            findings.add(Finding.ok("key files", "keys trusted without a store: " + config.readTrustedKeys()));
        } catch (ConfigException e) {
            findings.add(Finding.mend(
                    "key files", "an agent would not start: " + e.getMessage(), "put right cloacina.trusted_keys"));
        }
        for (Path path : config.trustedKeys()) {
            if (Files.isWritable(path)) {
                findings.add(Finding.note(
                        "key files",
                        "[" + path
                                + "] can be written by this user: if the host runs as the same, code that takes it over"
                                + " can add a key"));
            }
        }
    }

    /** The agent makes it where it is missing, and in it a directory of its own with mode 0700. */
    private void examinePinDirectory(Path directory) {
        Path there = directory;
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            findings.add(Finding.mend(
                    "copies",
                    "[" + directory
                            + "], where private copies are to live, is not a directory that this user can make or"
                            + " write to",
                    "make it, with mode 700, for the user that the host runs as"));
        } else if (canBeRenamedByOthers(there)) {
            findings.add(Finding.mend(
                    "copies",
                    "[" + there + "] can be written by others, who can so put other directories in place of those that"
                            + " hold private copies",
                    "chmod 700 on the directory"));
        } else {
            findings.add(Finding.ok("copies", "they will live in [" + directory + "]"));
        }
    }

    private static boolean canBeRenamedByOthers(Path directory) {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return false;
        }
        try {
            int mode = (int) Files.getAttribute(directory, "unix:mode");
            return (mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0;
        } catch (IOException e) {
            return true;
        }
    }

    private void examineEvents(Path file) {
        Path directory = file.getParent();
        boolean writable = Files.exists(file)
                ? Files.isRegularFile(file) && Files.isWritable(file)
                : directory != null && Files.isDirectory(directory) && Files.isWritable(directory);
        if (writable) {
            findings.add(Finding.ok("agent events", "they go to [" + file + "]"));
            findings.addAll(Permissions.examine("agent events", file, false));
        } else {
            findings.add(Finding.mend(
                    "agent events",
                    "an agent cannot write them to [" + file + "], and what cannot be recorded does not load",
                    "make the directory for the user that the host runs as, or name another file in cloacina.audit"));
        }
    }
}
