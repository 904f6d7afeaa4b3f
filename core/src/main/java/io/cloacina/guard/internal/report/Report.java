// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an audit log says, gathered.
 *
 * @param findings those that are open first, then by reason, then by number of loads
 * @param findingsLeftOut refused loads of packages that were too many to be listed
 * @param outcomes loads by the ordinal of {@link Outcome}
 * @param events lines that were understood, loads and others, within the time asked for
 * @param eventsOutside lines that were understood, outside of it
 * @param malformed lines that were not understood
 * @param malformedLines the first of them
 * @param first time of the first load, or null if there was none
 * @param last time of the last load, or null if there was none
 * @param orgs organisations whose trust was asked for
 * @param signerNames names by fingerprint, as far as the audit log tells them
 * @param notices what else an operator must know; the newest last
 * @param noticesLeftOut how many more there were
 * @param acceptable paths of packages that verified or were exempt; null if there were too many to keep
 * @param signerCount how many keys have signed what verified, if they are few
 * @param signingKey the text for the key in commands; null if none is known
 */
public record Report(
        List<Finding> findings,
        long findingsLeftOut,
        long[] outcomes,
        Timeline timeline,
        Tally reasons,
        Tally packages,
        Tally signers,
        Tally hosts,
        Tally kinds,
        long events,
        long eventsOutside,
        long malformed,
        List<MalformedLine> malformedLines,
        @Nullable Instant first,
        @Nullable Instant last,
        List<String> orgs,
        Map<String, String> signerNames,
        List<Notice> notices,
        long noticesLeftOut,
        @Nullable Set<String> acceptable,
        int signerCount,
        @Nullable String signingKey) {

    /** A line that was not understood. */
    public record MalformedLine(String file, long number, String why) {}

    /** Something that happened to a guard, or was found by one, beside loads. */
    public record Notice(Instant time, String host, String type, String text) {

        /** Whether it happened to a guard, or to what a host has loaded, and was not a change that someone made. */
        boolean isAlarm() {
            return !type.startsWith("key.") && !type.startsWith("package.") || type.equals("package.revoked.loaded");
        }
    }

    public Report {
        findings = List.copyOf(findings);
        malformedLines = List.copyOf(malformedLines);
        orgs = List.copyOf(orgs);
        signerNames = Map.copyOf(signerNames);
        notices = List.copyOf(notices);
        acceptable = acceptable == null ? null : Set.copyOf(acceptable);
    }

    /** Whether an enforcing guard would refuse something, as far as the last load of each package tells. */
    public boolean hasRefusals() {
        return findingsLeftOut > 0 || findings.stream().anyMatch(Finding::isOpen);
    }

    /** This report, whose commands name another key; null for one that is not known. */
    public Report withSigningKey(@Nullable String key) {
        return new Report(
                findings,
                findingsLeftOut,
                outcomes,
                timeline,
                reasons,
                packages,
                signers,
                hosts,
                kinds,
                events,
                eventsOutside,
                malformed,
                malformedLines,
                first,
                last,
                orgs,
                signerNames,
                notices,
                noticesLeftOut,
                acceptable,
                signerCount,
                key);
    }

    public List<Finding> openFindings() {
        return findings.stream().filter(Finding::isOpen).toList();
    }

    /** How many packages the open findings are about. */
    public int openPackages() {
        return (int) findings.stream()
                .filter(Finding::isOpen)
                .map(Finding::path)
                .distinct()
                .count();
    }

    /** Those whose package loaded well, or failed for another reason, the last time on every host. */
    public List<Finding> settledFindings() {
        return findings.stream().filter(finding -> !finding.isOpen()).toList();
    }

    public long loads() {
        long sum = 0;
        for (long one : outcomes) {
            sum += one;
        }
        return sum;
    }

    public long loads(Outcome outcome) {
        return outcomes[outcome.ordinal()];
    }

    /** Null if the audit log does not tell it. */
    public @Nullable String signerName(@Nullable String fingerprint) {
        return fingerprint == null ? null : signerNames.get(fingerprint);
    }
}
