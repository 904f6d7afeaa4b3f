// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/** How the file system that a directory is on is mounted, where Linux tells (proc(5), {@code /proc/self/mountinfo}). */
final class MountOptions {

    private static final String MOUNTS = "/proc/self/mountinfo";

    private MountOptions() {}

    /** Whether {@code directory} is where a file system is mounted whose files are in memory. */
    static boolean isInMemory(Path directory) {
        boolean found = false;
        for (String line : lines()) {
            // Of several that are mounted at one place the last one counts.
            if (line.split(" ", -1).length > 5 && directory.toString().equals(line.split(" ", -1)[4])) {
                found = line.contains(" - tmpfs ");
            }
        }
        return found;
    }

    /** Such as {@code rw}, {@code nosuid}, {@code noexec}; empty if they are unknown. */
    static Set<String> of(Path directory) {
        Set<String> options = Set.of();
        int longest = -1;
        for (String line : lines()) {
            String[] fields = line.split(" ", -1);
            if (fields.length > 5) {
                // Blanks and the like are written as octal numbers.
                Path mount = Path.of(fields[4].replace("\\040", " ").replace("\\011", "\t"));
                if (directory.startsWith(mount) && mount.getNameCount() >= longest) {
                    longest = mount.getNameCount();
                    options = Set.of(fields[5].split(","));
                }
            }
        }
        return options;
    }

    // Not by java.nio.file.Files, whose readers cost a start more than all the rest of this.
    private static String[] lines() {
        try (FileInputStream in = new FileInputStream(MOUNTS)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n");
        } catch (IOException e) {
            // Then it is not known, and a library that cannot be executed fails in the linker.
            return new String[0];
        }
    }
}
