// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.config.KnownJava;
import io.cloacina.guard.internal.store.StoreUrl;

/** What is said on standard error: that the guard is at work, and what it refuses. Safe for use by many threads. */
final class RefusalLines {

    private static final String STDERR = "stderr";

    private final GuardConfig config;
    private final AuditLog audit;
    private final SaidRefusals said = new SaidRefusals();
    private volatile boolean announced;

    RefusalLines(GuardConfig config, AuditLog audit) {
        this.config = config;
        this.audit = audit;
    }

    /** Shows the banner; from then on refusals are said. */
    void announce(int hooks) {
        audit.say(banner(hooks));
        announced = true;
    }

    void say(Load load, Admission.Denied denied) {
        if (!announced || config.audit().contains(STDERR)) {
            return;
        }
        String line = said.line(load.packagePath(), denied.reason(), denied.message());
        if (line != null) {
            audit.say(line);
        }
    }

    /** One line: mode, organisation, store without its password, number of hooks, JDK, and what is not known of it. */
    String banner(int hooks) {
        String unknown = KnownJava.unknown(Runtime.version().feature());
        String store = config.databaseUrl() == null ? "no store" : "store " + StoreUrl.parse(config.databaseUrl());
        return "cloacina-guard: "
                + (config.requireSignatures()
                        ? "enforcing: what no trusted key has signed does not load"
                        : "AUDIT MODE: nothing is refused, only recorded")
                + " (organisation " + (config.orgId() == null ? "none" : config.orgId()) + ", " + store + ", "
                + config.trustedKeys().size() + " key files, " + hooks + " hooks, Java "
                + System.getProperty("java.runtime.version") + ")" + (unknown == null ? "" : "; " + unknown);
    }
}
