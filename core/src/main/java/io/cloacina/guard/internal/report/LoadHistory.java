// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the last load of each thing ended on each host, of those that were refused before; memory is bounded.
 *
 * <p>What lies in a temporary directory is another path after each start. A refusal there is settled also by a good load of
 * the same content at any path, and by an exempt load at a path that differs in random parts only.
 */
final class LoadHistory {

    private static final int MOST_ENTRIES = 50_000;
    private static final String OTHER_HOSTS = "(other hosts)";

    /** The same file is loaded whole, and asked about for each of its classes: that are two things. */
    private record Thing(String what, @Nullable String kind) {}

    /** How a load ended: with this finding, or well if it is null. */
    private record Last(Instant time, @Nullable Finding finding) {}

    private final Map<Thing, Map<String, Last>> byPath = new HashMap<>();
    /** When content, or a pattern of paths, of which something was refused was last loaded well; by host. */
    private final Map<Thing, Map<String, Instant>> settling = new HashMap<>();

    private int entries;

    void refused(Event event, String path, String host, Finding finding) {
        Thing thing = new Thing(path, event.field("kind"));
        put(byPath.computeIfAbsent(thing, absent -> new HashMap<>()), host, event.time(), finding);
        if (PackagePath.isTemporary(path) && settling.size() < 2 * MOST_ENTRIES) {
            String hash = event.field("package_hash");
            if (hash != null) {
                settling.putIfAbsent(new Thing(hash, event.field("kind")), new HashMap<>());
            }
            settling.putIfAbsent(new Thing(PackagePath.glob(path), event.field("kind")), new HashMap<>());
        }
    }

    /**
     * How it ended must be known only of what was refused before. In files of one host that are read newest first, what is
     * settled therefore still counts as open.
     */
    void loaded(Event event, String path, String host, Outcome outcome) {
        String kind = event.field("kind");
        Map<String, Last> loads = byPath.get(new Thing(path, kind));
        Last before = loads == null ? null : loads.get(host);
        if (loads != null && before != null && !event.time().isBefore(before.time())) {
            loads.put(host, new Last(event.time(), null));
        }
        String hash = event.field("package_hash");
        if (!settling.isEmpty() && hash != null) {
            settle(new Thing(hash, kind), host, event.time());
        }
        if (!settling.isEmpty() && outcome == Outcome.EXEMPT) {
            settle(new Thing(PackagePath.glob(path), kind), host, event.time());
        }
    }

    private void settle(Thing thing, String host, Instant time) {
        Map<String, Instant> times = settling.get(thing);
        if (times != null && (times.containsKey(host) || entries++ < MOST_ENTRIES)) {
            times.merge(host, time, (one, other) -> one.isAfter(other) ? one : other);
        }
    }

    private void put(Map<String, Last> loads, String host, Instant time, Finding finding) {
        Last before = loads.get(host);
        if (before == null || !time.isBefore(before.time())) {
            String listed = before != null || entries++ < MOST_ENTRIES ? host : OTHER_HOSTS;
            loads.put(listed, new Last(time, finding));
        }
    }

    /** Tells each finding on which hosts it is open. */
    void tell() {
        byPath.forEach((thing, loads) -> loads.forEach((host, load) -> {
            Finding finding = load.finding();
            if (finding != null && !isSettled(thing, host, load.time(), finding)) {
                finding.setOpen(host, true);
            }
        }));
    }

    private boolean isSettled(Thing thing, String host, Instant refused, Finding finding) {
        if (!PackagePath.isTemporary(thing.what())) {
            return false;
        }
        String hash = finding.hash();
        return hash != null && isSettledBy(hash, thing.kind(), host, refused)
                || isSettledBy(PackagePath.glob(thing.what()), thing.kind(), host, refused);
    }

    private boolean isSettledBy(String what, @Nullable String kind, String host, Instant refused) {
        Map<String, Instant> times = settling.get(new Thing(what, kind));
        Instant time = times == null ? null : times.get(host);
        return time != null && !time.isBefore(refused);
    }
}
