// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.api;

import org.jspecify.annotations.Nullable;

/**
 * The guard did not let a package load; the event is already written.
 *
 * <p>Hosts show messages of exceptions to anonymous clients, so the message is one sentence that names the event, without
 * paths, organisation or command. {@link #detail} has all of it. Logs show that as well, as that of a suppressed exception:
 * the stack traces of Tomcat's error pages have causes, and leave suppressed exceptions out.
 */
public final class PackageRefusedException extends SecurityException {

    private static final long serialVersionUID = 1L;

    private final String packagePath;
    private final String reason;
    private final @Nullable String eventId;
    private final String detail;

    /**
     * @param packagePath as events name the package
     * @param reason the {@code failure_reason} of the event, such as {@code untrusted_signer}
     * @param eventId the {@code event_id} of the event; null if it could not be recorded
     * @param detail what was refused, why, and what to do if the package is legitimate
     */
    public PackageRefusedException(String packagePath, String reason, @Nullable String eventId, String detail) {
        super("cloacina-guard refused a package (" + reason + "): "
                + (eventId == null ? "the event could not be recorded" : "see event " + eventId));
        this.packagePath = packagePath;
        this.reason = reason;
        this.eventId = eventId;
        this.detail = detail;
        addSuppressed(new Detail(detail));
    }

    /** The package as events name it. */
    public String packagePath() {
        return packagePath;
    }

    /** The {@code failure_reason} of the event, such as {@code untrusted_signer}. */
    public String reason() {
        return reason;
    }

    /** The {@code event_id} of the event; null if it could not be recorded. */
    public @Nullable String eventId() {
        return eventId;
    }

    /** What was refused, why, and what to do if the package is legitimate: one line, not for strangers to read. */
    public String detail() {
        return detail;
    }

    /** Shows the detail where a log shows suppressed exceptions. */
    private static final class Detail extends Exception {
        private static final long serialVersionUID = 1L;

        Detail(String text) {
            super(text, null, false, false);
        }

        @Override
        @SuppressWarnings("OverrideThrowableToString") // a log shows the text alone, without the name of this class
        public String toString() {
            return String.valueOf(getMessage());
        }
    }
}
