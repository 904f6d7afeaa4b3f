// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.verify.Refusal;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which refusals are said on standard error: once for each package and reason, and of each of two kinds the first
 * {@value #MOST}. Those that tell of an attack are a kind of their own, so that no number of unsigned packages leaves them
 * unsaid. Safe for use by many threads.
 */
final class SaidRefusals {

    /** How many of one kind are said. */
    static final int MOST = 50;

    private static final String MORE = "cloacina-guard: more is refused; from here on see cloacina.audit";
    private static final String MORE_ALARMS =
            "cloacina-guard: more is refused as tampered_package or invalid_signature; from here on see cloacina.audit";

    private final Set<String> alarms = new HashSet<>();
    private final Set<String> others = new HashSet<>();

    /** @return what to say; null if nothing */
    synchronized @Nullable String line(String packagePath, Refusal reason, String message) {
        boolean alarm = reason == Refusal.TAMPERED_PACKAGE || reason == Refusal.INVALID_SIGNATURE;
        Set<String> said = alarm ? alarms : others;
        if (said.size() > MOST || !said.add(packagePath + "\n" + reason.code())) {
            return null;
        }
        if (said.size() > MOST) {
            return alarm ? MORE_ALARMS : MORE;
        }
        return message.length() <= AuditLog.MAX_TEXT_LENGTH
                ? message
                : message.substring(0, AuditLog.MAX_TEXT_LENGTH) + "...";
    }
}
