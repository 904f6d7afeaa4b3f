// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import io.cloacina.guard.sample.events.EventFields;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the demo shows and checks of an event; {@code -} is shown for what an event does not have.
 *
 * @param time of the day, in UTC
 * @param file the package's name without its directory
 * @param verifiedCount how many packages were verified, at the end
 * @param refusedCount how many were refused, at the end
 */
record Event(
        String time,
        String type,
        String file,
        String verified,
        String reason,
        String signer,
        String mode,
        String verifiedCount,
        String refusedCount) {

    static final String NOTHING = "-";
    static final String LOADED = "package.load.success";
    static final String REFUSED = "package.load.failure";
    static final String STARTED = "guard.started";
    static final String STOPPED = "guard.stopped";
    static final String DEGRADED = "guard.degraded";

    private static final List<String> FIELDS = List.of(
            "timestamp",
            "event_type",
            "package_path",
            "signature_verified",
            "failure_reason",
            "signer_fingerprint",
            "mode",
            "verified",
            "refused");

    static List<Event> read(Path file) throws IOException {
        return EventFields.read(file, FIELDS).stream().map(Event::of).toList();
    }

    private static Event of(List<String> fields) {
        String time = fields.get(0);
        String path = fields.get(2);
        return new Event(
                time.substring(time.indexOf('T') + 1).replace("Z", ""),
                fields.get(1),
                path.substring(path.lastIndexOf('/') + 1),
                fields.get(3),
                fields.get(4),
                fields.get(5),
                fields.get(6),
                fields.get(7),
                fields.get(8));
    }

    boolean isVerified() {
        return verified.equals("true");
    }
}
