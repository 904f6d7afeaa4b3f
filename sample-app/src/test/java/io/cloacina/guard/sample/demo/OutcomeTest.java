// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cloacina.guard.sample.demo.Plugin.Treatment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTest {

    private static final String RELEASE = "aa11";
    private static final String STRANGER = "bb22";
    private static final Plugin GOOD = new Plugin("good.jar", Treatment.SIGNED);
    private static final Plugin BAD = new Plugin("bad.jar", Treatment.CHANGED);

    private final List<String> enforcedLines =
            new ArrayList<>(List.of("good.jar           loaded   Hello.", "bad.jar            refused  no"));
    private final List<Event> enforcedEvents = new ArrayList<>(List.of(
            event(Event.STARTED, "", "-", "-", "-"),
            event(Event.LOADED, "good.jar", "true", "-", RELEASE),
            event(Event.REFUSED, "bad.jar", "false", "tampered_package", RELEASE)));
    private final List<String> auditLines =
            new ArrayList<>(List.of("good.jar           loaded   Hello.", "bad.jar            loaded   Ha."));
    private final List<Event> auditEvents = new ArrayList<>(List.of(
            event(Event.STARTED, "", "-", "-", "-"),
            event(Event.LOADED, "good.jar", "true", "-", RELEASE),
            event(Event.LOADED, "bad.jar", "false", "tampered_package", RELEASE)));

    @Test
    void runs_asTheyMustBe_haveNoProblem() {
        assertEquals(List.of(), problems());
    }

    @Test
    void badPlugin_thatLoads_isAProblem() {
        enforcedLines.set(1, "bad.jar            loaded   Ha.");
        enforcedEvents.set(2, event(Event.LOADED, "bad.jar", "true", "-", RELEASE));
        assertEquals(
                List.of(
                        "bad.jar (signed, then one byte changed) was not refused by the enforcing guard: loaded   Ha.",
                        "enforcing: no package.load.failure with tampered_package for bad.jar",
                        "enforcing: a package.load.success for bad.jar"),
                problems());
    }

    @Test
    void badPlugin_refusedForAnotherReason_isAProblem() {
        enforcedEvents.set(2, event(Event.REFUSED, "bad.jar", "false", "untrusted_signer", RELEASE));
        assertEquals(List.of("enforcing: no package.load.failure with tampered_package for bad.jar"), problems());
    }

    @Test
    void badPlugin_withoutRecordInAuditMode_isAProblem() {
        auditEvents.remove(2);
        assertEquals(
                List.of("audit: no package.load.success, unverified and with tampered_package, for bad.jar"),
                problems());
    }

    @Test
    void badPlugin_refusedInAuditMode_isAProblem() {
        auditLines.set(1, "bad.jar            refused  no");
        assertEquals(
                List.of("bad.jar (signed, then one byte changed) did not load in audit mode: refused  no"), problems());
    }

    @Test
    void goodPlugin_refused_isAProblem() {
        enforcedLines.remove(0);
        enforcedEvents.set(1, event(Event.REFUSED, "good.jar", "false", "tampered_package", RELEASE));
        assertEquals(
                List.of(
                        "good.jar (signed with the release key) did not load under the enforcing guard: ",
                        "enforcing: no package.load.success, verified and by the release key, for good.jar",
                        "enforcing: a package.load.failure for good.jar"),
                problems());
    }

    @Test
    void goodPlugin_verifiedByAnotherKey_isAProblem() {
        auditEvents.set(1, event(Event.LOADED, "good.jar", "true", "-", STRANGER));
        assertEquals(
                List.of("audit: no package.load.success, verified and by the release key, for good.jar"), problems());
    }

    @Test
    void guard_thatDoesNotStartOrIsDegraded_isAProblem() {
        enforcedEvents.remove(0);
        auditEvents.add(event(Event.DEGRADED, "", "-", "-", "-"));
        assertEquals(List.of("enforcing: no guard.started event", "audit: a guard.degraded event"), problems());
    }

    private List<String> problems() {
        return Outcome.problems(
                List.of(GOOD, BAD),
                new HostRun("enforcing", enforcedLines, enforcedEvents),
                new HostRun("audit", auditLines, auditEvents),
                RELEASE);
    }

    private static Event event(String type, String file, String verified, String reason, String signer) {
        return new Event("00:00:00", type, file, verified, reason, signer, "-", "-", "-");
    }
}
