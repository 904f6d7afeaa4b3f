package io.cloacina.guard.audit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** What a record says of the process that writes it. */
final class ThisProcess {

    private static final int LONGEST_HOST = 255;

    private ThisProcess() {}

    static long pid() {
        return ProcessHandle.current().pid();
    }

    /** Null where the operating system does not tell. */
    static Instant startedAt() {
        return ProcessHandle.current().info().startInstant().orElse(null);
    }

    /** The machine's or container's own name, without asking any server where the system has it in a file. */
    static String host() {
        String name = null;
        Path kernel = Path.of("/proc/sys/kernel/hostname");
        if (Files.isReadable(kernel)) {
            try {
                name = new String(Files.readAllBytes(kernel), StandardCharsets.UTF_8).strip();
            } catch (IOException e) {
                // Then as on systems without that file.
                name = null;
            }
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
