// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Records events from several threads, as a process of its own. */
final class RecordingProcess {

    private RecordingProcess() {}

    /** {@code SINK NAME THREADS EVENTS}: so many events each; says {@code ready} first, and {@code done} at the end. */
    public static void main(String[] arguments) throws Exception {
        int threads = Integer.parseInt(arguments[2]);
        int events = Integer.parseInt(arguments[3]);
        System.out.println("ready");
        record(arguments[0], arguments[1], threads, events, 0);
        System.out.println("done");
    }

    /** Event {@code i} of thread {@code t} has {@code thread} = NAME-t and {@code number} = i, from 1. */
    static void record(String sink, String name, int threads, int events, long fileSizeBytes) throws Exception {
        AuditSettings settings = new AuditSettings(Duration.ofMinutes(1), fileSizeBytes, null, 0);
        UUID org = new UUID(0, 1);
        List<Throwable> failures = new ArrayList<>();
        try (AuditLog log = AuditLog.open(Clock.systemUTC(), List.of(sink), settings, org, "c0ffee", false)) {
            List<Thread> running = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                String thread = name + "-" + t;
                Thread one = new Thread(() -> {
                    try {
                        for (int i = 1; i <= events; i++) {
                            log.recordInAll(AuditEvent.of("package.load.success", org)
                                    .with("thread", thread)
                                    .with("number", i)
                                    .with("package_path", "/srv/plugins/" + thread + ".jar"));
                        }
                    } catch (AuditFailedException e) {
                        synchronized (failures) {
                            failures.add(e);
                        }
                    }
                });
                one.start();
                running.add(one);
            }
            for (Thread one : running) {
                one.join();
            }
        }
        if (!failures.isEmpty()) {
            throw new IOException(failures.get(0));
        }
    }
}
