// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.text.JsonLine;
import org.jspecify.annotations.Nullable;

/**
 * What every event says besides what it is about, in every sink, behind its other fields: {@code outcome},
 * {@code severity}, {@code host}, {@code pid}, {@code user} where a person runs the process, and {@code labels} where they
 * are configured. Safe for use by many threads.
 */
final class CommonFields {

    private static final String OUTCOME = "outcome";

    /** The words of RFC 5424, table 2, by their numbers. */
    private static final String[] SEVERITIES = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};

    private static final int ERROR = 3;
    private static final int WARNING = 4;
    private static final int NOTICE = 5;
    private static final int INFORMATIONAL = 6;

    private final AuditSettings settings;
    private @Nullable String host;
    private long pid;

    CommonFields(AuditSettings settings) {
        this.settings = settings;
    }

    /** @param outcome of the event */
    void addTo(JsonLine line, String outcome, int severity) {
        synchronized (this) {
            if (host == null) {
                pid = ThisProcess.pid();
                host = ThisProcess.host();
            }
        }
        line.with(OUTCOME, outcome)
                .with("severity", SEVERITIES[severity])
                .with("host", host)
                .with("pid", pid);
        if (settings.user() != null) {
            line.with("user", settings.user());
        }
        if (!settings.labels().isEmpty()) {
            line.with("labels", settings.labels());
        }
    }

    /** {@code allowed}, {@code refused}, {@code would_refuse}, {@code changed}, {@code failed} or {@code info}. */
    static String outcome(AuditEvent event) {
        return switch (event.type()) {
            case "package.load.success" -> {
                Object reason = event.fields().get("failure_reason");
                yield reason == null || reason.equals("exempt") ? "allowed" : "would_refuse";
            }
            case "verification.success" -> "allowed";
            case "package.load.failure", "verification.failure", "package.intake.refused" -> "refused";
            case "package.sign.failure", "key.signing.create_failed" -> "failed";
            case "guard.degraded" -> "recovered".equals(event.fields().get("state")) ? "info" : "failed";
            case "key.exported" -> "info";
            case "package.signed",
                    "package.signature.imported",
                    "package.withdrawn",
                    "package.reinstated",
                    "package.intake",
                    "store.initialised" -> "changed";
            default -> event.type().startsWith("key.") ? "changed" : "info";
        };
    }

    /** The number that RFC 5424 has for it. */
    static int severity(String type, String outcome) {
        if (type.equals("guard.degraded")) {
            return ERROR;
        }
        if (type.startsWith("package.revoked")) {
            return WARNING;
        }
        return switch (outcome) {
            case "refused", "would_refuse", "failed" -> WARNING;
            case "changed" -> type.equals("package.signed") ? INFORMATIONAL : NOTICE;
            default -> type.startsWith("key.") || type.startsWith("guard.") ? NOTICE : INFORMATIONAL;
        };
    }
}
