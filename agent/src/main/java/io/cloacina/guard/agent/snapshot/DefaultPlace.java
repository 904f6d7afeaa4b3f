// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.snapshot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Where copies are made if no directory was configured. {@code /tmp} is where cleaners are the busiest, and is often
 * mounted so that no native library can be loaded from it.
 */
final class DefaultPlace {

    private static final String USUAL = "/tmp";
    private static final String MEMORY = "/dev/shm";
    private static final String[] BETTER = {System.getenv("XDG_RUNTIME_DIR"), "/var/tmp"};

    private DefaultPlace() {}

    static Path choose() {
        String temporary = System.getProperty("java.io.tmpdir");
        if (!temporary.equals(USUAL)) {
            // It was chosen by a setting, or this is a system that gives each user one.
            return Path.of(temporary);
        }
        for (String name : BETTER) {
            if (name != null && name.startsWith("/") && isUsable(Path.of(name))) {
                return Path.of(name);
            }
        }
        return Path.of(temporary);
    }

    /**
     * Where small copies are made if no directory was configured: in memory; null where there is no such place.
     *
     * @param others where the other copies are made
     */
    static @Nullable Path chooseMemory(Path others) {
        Path memory = Path.of(MEMORY);
        return USUAL.equals(System.getProperty("java.io.tmpdir"))
                        && !memory.equals(others)
                        && isOwnPlace(memory)
                        && MountOptions.isInMemory(memory)
                ? memory
                : null;
    }

    private static boolean isUsable(Path place) {
        try {
            return isOwnPlace(place) && !MountOptions.of(place.toRealPath()).contains("noexec");
        } catch (IOException | RuntimeException e) {
            // Not there, or not on this system.
            return false;
        }
    }

    private static boolean isOwnPlace(Path place) {
        try {
            return Files.readAttributes(place, BasicFileAttributes.class).isDirectory()
                    && Files.isWritable(place)
                    && isSafe(place);
        } catch (IOException | RuntimeException e) {
            // Not there, or not on this system.
            return false;
        }
    }

    /**
     * Whether no other user can rename what is in it: it is the user's own, or sticky. The environment may be that of
     * another user, as after {@code sudo}.
     */
    private static boolean isSafe(Path place) throws IOException {
        int mode = (Integer) Files.getAttribute(place, "unix:mode");
        boolean sticky = (mode & 01000) != 0;
        boolean others = (mode & 022) != 0;
        Object owner = Files.getAttribute(place, "unix:uid");
        boolean own = owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        return own && !others || sticky && owner.equals(0);
    }
}
