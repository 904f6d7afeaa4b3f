// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.report.Report.Notice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** What the audit log holds beside loads and an operator must know; the newest are kept. */
final class Notices {

    private static final int MOST = 50;
    private static final int LONGEST_TEXT = 1000;

    /** Fields that a notice does not repeat. */
    private static final Set<String> COMMON = Set.of(
            "timestamp",
            "event_type",
            "event_id",
            "org_id",
            "host",
            "pid",
            "process_started_at",
            "process_configuration",
            "torn_line",
            "kept_from_sequence",
            "sequence",
            "previous_hash",
            "outcome",
            "severity",
            Event.TRUNCATED);

    private static final String EVERY_ORGANISATION = new UUID(0, 0).toString();

    private final Deque<Notice> notices = new ArrayDeque<>();
    private long leftOut;

    void add(Event event, String host) {
        switch (event.type()) {
            case "guard.degraded", "package.revoked.loaded", "key.trust_acl.granted", "key.trust_acl.revoked" ->
                add(event, host, allText(event));
            case "key.trusted.revoked", "key.trusted.added" -> add(event, host, keyText(event));
            case "key.trusted.limited" -> add(event, host, limitText(event));
            case "package.withdrawn", "package.reinstated" -> add(event, host, packageText(event));
            case "package.floor.set", "package.floor.removed" ->
                add(event, host, event.field("package_name") + " " + event.field("minimum_version"));
            default -> {
                // Counted as an event; a report has no more to say of it.
            }
        }
    }

    private void add(Event event, String host, String text) {
        notices.addLast(new Notice(event.time(), host, event.type(), text));
        if (notices.size() > MOST) {
            notices.removeFirst();
            leftOut++;
        }
    }

    private static String keyText(Event event) {
        String name = event.field("key_name");
        return shortened((name == null ? "" : name + ", ") + "key " + event.field("key_fingerprint"));
    }

    private static String limitText(Event event) {
        String names = event.field("package_names");
        String until = event.field("not_after");
        return shortened(keyText(event)
                + (names == null ? "" : ", for packages called [" + names.replace("\n", ", ") + "] only")
                + (until == null ? "" : ", until " + until)
                + (names == null && until == null ? ", not limited any more" : ""));
    }

    private static String packageText(Event event) {
        String path = event.field("package_path");
        String reason = event.field("reason");
        return shortened((path == null ? "" : path + ", ") + "SHA-256 " + event.field("package_hash")
                + (EVERY_ORGANISATION.equals(event.field("org_id")) ? ", for every organisation" : "")
                + (reason == null ? "" : ": " + reason));
    }

    private static String allText(Event event) {
        StringBuilder text = new StringBuilder();
        for (String field : new TreeSet<>(event.fields().keySet())) {
            if (!COMMON.contains(field)) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(field)
                        .append(' ')
                        .append(event.field(field));
            }
        }
        return shortened(text.toString());
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }

    List<Notice> inOrder() {
        List<Notice> ordered = new ArrayList<>(notices);
        ordered.sort(Comparator.comparing(Notice::time));
        return ordered;
    }

    long leftOut() {
        return leftOut;
    }
}
