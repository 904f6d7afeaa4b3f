// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import java.util.Locale;

/** How a decision ended. */
public enum Outcome {
    /** A trusted signature was found. */
    VERIFIED,
    /** It must not load. */
    REFUSED,
    /** It would have been refused if signatures were required: audit mode. */
    UNVERIFIED,
    /** {@code cloacina.exempt} names it. */
    EXEMPT,
    /** It may load because of what it belongs to. */
    COVERED,
    /** A class whose host has woven it, which {@code cloacina.woven_classes} allows. */
    WOVEN;

    /** The word for it, in the flight recorder and in the counts. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
