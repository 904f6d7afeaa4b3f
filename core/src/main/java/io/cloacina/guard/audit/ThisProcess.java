// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What an audit log says of the process that writes it. */
public final class ThisProcess {

    private static final int LONGEST_HOST = 255;

    private ThisProcess() {}

    /** By Linux's own link where there is one: {@code ProcessHandle} starts a pool of threads first. */
    public static long pid() {
        try {
            return Long.parseLong(Files.readSymbolicLink(Path.of("/proc/self")).toString());
        } catch (IOException | NumberFormatException e) {
            return ProcessHandle.current().pid();
        }
    }

    /**
     * To a hundredth of a second (proc(5), field 22 of {@code stat}); null where the operating system does not tell.
     */
    public static @Nullable Instant startedAt() {
        try {
            String stat = read("/proc/self/stat");
            // The second field, the program's name in brackets, may hold anything.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            String boot = read("/proc/stat");
            int at = boot.indexOf("btime ") + "btime ".length();
            long bootSeconds = Long.parseLong(boot.substring(at, boot.indexOf('\n', at)));
            return Instant.ofEpochSecond(bootSeconds).plusMillis(10 * Long.parseLong(fields[22 - 3]));
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
            return ProcessHandle.current().info().startInstant().orElse(null);
        }
    }

    private static String read(String file) throws IOException {
        try (FileInputStream in = new FileInputStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** The machine's or container's own name, without asking any server where the system has it in a file. */
    public static String host() {
        String name = null;
        try {
            name = read("/proc/sys/kernel/hostname").strip();
        } catch (IOException e) {
            // Then as on systems without that file.
            name = null;
        }
        if (name == null || name.isEmpty()) {
            name = System.getenv("COMPUTERNAME");
        }
        if (name == null || name.isEmpty()) {
            try {
                name = InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                name = "unknown";
            }
        }
        return name.length() > LONGEST_HOST ? name.substring(0, LONGEST_HOST) : name;
    }
}
