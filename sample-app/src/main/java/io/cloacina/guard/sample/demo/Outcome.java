// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import java.util.ArrayList;
import java.util.List;

/** Is it as it must be? */
final class Outcome {

    private final HostRun enforcing;
    private final HostRun audit;
    private final String releaseFingerprint;
    private final List<String> problems = new ArrayList<>();

    private Outcome(HostRun enforcing, HostRun audit, String releaseFingerprint) {
        this.enforcing = enforcing;
        this.audit = audit;
        this.releaseFingerprint = releaseFingerprint;
    }

    /** What is not as it must be, a sentence each; empty when all is. */
    static List<String> problems(List<Plugin> plugins, HostRun enforcing, HostRun audit, String releaseFingerprint) {
        var outcome = new Outcome(enforcing, audit, releaseFingerprint);
        for (Plugin plugin : plugins) {
            outcome.must(
                    audit.state(plugin).equals("loaded"),
                    plugin + " did not load in audit mode: " + audit.said(plugin));
            if (plugin.treatment().reason().isEmpty()) {
                outcome.checkGood(plugin);
            } else {
                outcome.checkBad(plugin, plugin.treatment().reason());
            }
        }
        for (HostRun run : List.of(enforcing, audit)) {
            outcome.must(run.has(Event.STARTED), run.name() + ": no guard.started event");
            outcome.must(!run.has(Event.DEGRADED), run.name() + ": a guard.degraded event");
        }
        return outcome.problems;
    }

    private void checkGood(Plugin plugin) {
        must(
                enforcing.state(plugin).equals("loaded"),
                plugin + " did not load under the enforcing guard: " + enforcing.said(plugin));
        for (HostRun run : List.of(enforcing, audit)) {
            must(
                    run.has(
                            Event.LOADED,
                            plugin,
                            event -> event.isVerified() && event.signer().equals(releaseFingerprint)),
                    run.name() + ": no package.load.success, verified and by the release key, for " + plugin.file());
            must(
                    !run.has(Event.REFUSED, plugin, event -> true),
                    run.name() + ": a package.load.failure for " + plugin.file());
        }
    }

    private void checkBad(Plugin plugin, String reason) {
        must(
                enforcing.state(plugin).equals("refused"),
                plugin + " was not refused by the enforcing guard: " + enforcing.said(plugin));
        must(
                enforcing.has(Event.REFUSED, plugin, event -> event.reason().equals(reason)),
                "enforcing: no package.load.failure with " + reason + " for " + plugin.file());
        must(
                !enforcing.has(Event.LOADED, plugin, event -> true),
                "enforcing: a package.load.success for " + plugin.file());
        must(
                audit.has(
                        Event.LOADED,
                        plugin,
                        event -> event.verified().equals("false")
                                && event.reason().equals(reason)),
                "audit: no package.load.success, unverified and with " + reason + ", for " + plugin.file());
    }

    private void must(boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
