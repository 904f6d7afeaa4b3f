// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.doctor;

import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.cli.doctor.DoctorCheck.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/** Whether others can read or change what is the guard's. */
final class Permissions {

    private Permissions() {}

    /**
     * @param secret whether not even the group may read it
     * @return empty where there is no such file or directory, or the file system knows no modes
     */
    static List<Finding> examine(String check, Path path, boolean secret) {
        try {
            if (!path.getFileSystem().supportedFileAttributeViews().contains("posix") || !Files.exists(path)) {
                return List.of();
            }
            boolean directory = Files.isDirectory(path);
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
            boolean open = permissions.contains(PosixFilePermission.OTHERS_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)
                    || permissions.contains(PosixFilePermission.GROUP_WRITE)
                    || secret && permissions.contains(PosixFilePermission.GROUP_READ);
            String shown = "[" + path + "] has mode " + PosixFilePermissions.toString(permissions);
            return List.of(
                    open
                            ? Finding.mend(
                                    check,
                                    shown + ": others can read or change it",
                                    directory ? "chmod 700 on the directory" : "chmod 600 on the file")
                            : Finding.ok(check, shown));
        } catch (IOException e) {
            return List.of(Finding.mend(
                    check, "[" + path + "]: its mode cannot be read: " + Cli.reason(e), "give this user access to it"));
        }
    }
}
