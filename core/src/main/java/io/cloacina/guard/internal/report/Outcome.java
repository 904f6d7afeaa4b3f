// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What became of a load. In the order in which charts stack them. */
public enum Outcome {
    /** A trusted key has signed it, or the package that covers it. */
    VERIFIED("Verified"),
    /** It needs no signature of its own: part of the system or of the application, or woven where that is allowed. */
    COVERED("Covered"),
    /** Let through by {@code cloacina.exempt}. */
    EXEMPT("Exempt"),
    /** It was loaded in audit mode; an enforcing guard refuses it. */
    WOULD_BE_REFUSED("Would be refused"),
    /** It was not loaded. */
    REFUSED("Refused");

    private final String label;

    Outcome(String label) {
        this.label = label;
    }

    /** Null if the event is not one of a load. */
    static @Nullable Outcome of(Event event) {
        return switch (event.type()) {
            case "package.load.failure" -> REFUSED;
            case "package.load.success" -> ofSuccess(event);
            default -> null;
        };
    }

    private static Outcome ofSuccess(Event event) {
        String reason = event.field("failure_reason");
        if (reason != null) {
            return reason.equals("exempt") ? EXEMPT : WOULD_BE_REFUSED;
        }
        return event.is("signature_verified") ? VERIFIED : COVERED;
    }

    /** Whether an enforcing guard says no. */
    public boolean isRefusal() {
        return this == WOULD_BE_REFUSED || this == REFUSED;
    }

    /** For people. */
    public String label() {
        return label;
    }

    /** For programs. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
