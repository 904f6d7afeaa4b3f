// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.report.Report.MalformedLine;
import io.cloacina.guard.verify.Refusal;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a report from audit logs, one after the other. Memory is bounded: findings, names, hosts and notices each
 * have a largest number, and what is beyond it is counted. Not safe for use by several threads.
 */
public final class ReportBuilder {

    private static final int MOST_FINDINGS = 10_000;
    private static final int MOST_CHARACTERS = 4_000_000;
    private static final int MOST_HOSTS = 1000;
    private static final int MOST_HOST_ENTRIES = 50_000;
    private static final int MOST_NAMES = 10_000;
    private static final int MOST_MALFORMED = 20;
    private static final int LONGEST_ERROR = 1000;
    private static final int LONGEST_NAME = 255;
    private static final String OTHER_HOSTS = "(other hosts)";

    private final @Nullable Instant since;
    private final @Nullable Instant until;
    private final @Nullable String mode;
    private final @Nullable String givenKey;

    private final Map<Key, Finding> findings = new HashMap<>();
    private final LoadHistory history = new LoadHistory();
    private final SeenPackages seen = new SeenPackages();
    private final Timeline timeline = new Timeline();
    private final Tally reasons = new Tally();
    private final Tally packages = new Tally();
    private final Tally signers = new Tally();
    private final Tally hosts = new Tally();
    private final Tally kinds = new Tally();
    private final long[] outcomes = new long[Outcome.values().length];
    private final Set<String> hostNames = new HashSet<>();
    /** The mode of each process whose events name it. */
    private final Map<String, String> modes = new HashMap<>();

    private final Set<String> orgs = new TreeSet<>();
    private final Map<String, String> signerNames = new HashMap<>();
    private final Notices notices = new Notices();
    private final List<MalformedLine> malformedLines = new ArrayList<>();
    private long characters;
    private int hostEntries;
    private long leftOut;
    private long events;
    private long eventsOutside;
    private long malformed;
    private @Nullable Instant first;
    private @Nullable Instant last;

    private record Key(
            String path,
            String reason,
            @Nullable String signer,
            @Nullable String org,
            boolean revoked,
            boolean cut) {}

    /**
     * @param since what is older is left out; or null
     * @param until this and what is newer is left out; or null
     * @param mode {@code audit} or {@code enforcing}: only loads of guards in this mode; or null
     * @param signingKey what commands shall sign with; null for the key that has signed most of what was verified
     */
    public ReportBuilder(
            @Nullable Instant since, @Nullable Instant until, @Nullable String mode, @Nullable String signingKey) {
        this.since = since;
        this.until = until;
        this.mode = mode;
        this.givenKey = signingKey;
    }

    /**
     * What an audit log begins with.
     *
     * @param id null if the event has none
     */
    public record FirstEvent(Instant time, @Nullable String id) {}

    /** The first event in it that can be read; null if there is none near its beginning. */
    public static @Nullable FirstEvent first(InputStream in) throws IOException {
        Event event = new EventReader().first(in);
        return event == null ? null : new FirstEvent(event.time(), event.field("event_id"));
    }

    /**
     * Whether {@code whole} begins with all that is in {@code part}, each of them gzip or not: then {@code part} is a
     * copy, perhaps from before {@code whole} had grown. Reads both, and closes neither; torn gzip is no copy of
     * anything.
     */
    public static boolean isBeginning(InputStream part, InputStream whole) throws IOException {
        try {
            InputStream a = EventReader.plain(part);
            InputStream b = EventReader.plain(whole);
            while (true) {
                byte[] next = a.readNBytes(1 << 16);
                if (next.length == 0) {
                    return true;
                }
                if (!Arrays.equals(next, b.readNBytes(next.length))) {
                    return false;
                }
            }
        } catch (EOFException | ZipException e) {
            return false;
        }
    }

    /**
     * Reads one audit log to its end. Of the files of one host, give the oldest first.
     *
     * @param file as malformed lines shall name it; also the host's name, as long as no line tells that
     */
    public void read(String file, InputStream in) throws IOException {
        new EventReader().read(in, new Source(file));
    }

    private final class Source implements EventReader.Lines {
        private final String file;
        private String host;
        private String process;

        Source(String file) {
            this.file = file;
            this.host = file;
            this.process = file;
        }

        @Override
        public void event(Event event) {
            String named = event.field("host");
            if (named != null) {
                host = shortened(named, LONGEST_NAME);
                process = host + " " + event.field("pid");
            }
            String started = event.type().equals("guard.started") ? event.field("mode") : null;
            if (started != null && (modes.size() < MOST_NAMES || modes.containsKey(process))) {
                modes.put(process, started);
            }
            if (since != null && event.time().isBefore(since)
                    || until != null && !event.time().isBefore(until)) {
                eventsOutside++;
                return;
            }
            events++;
            Outcome outcome = Outcome.of(event);
            if (outcome == null) {
                other(event, host);
            } else if (mode == null || mode.equals(modeOf(outcome))) {
                load(event, outcome, known(host));
            }
        }

        private @Nullable String modeOf(Outcome outcome) {
            return switch (outcome) {
                case REFUSED -> "enforcing";
                case WOULD_BE_REFUSED -> "audit";
                case VERIFIED, COVERED, EXEMPT -> modes.get(process);
            };
        }

        @Override
        public void malformed(long number, String why) {
            malformed++;
            if (malformedLines.size() < MOST_MALFORMED) {
                malformedLines.add(new MalformedLine(file, number, why));
            }
        }
    }

    private String known(String host) {
        if (hostNames.size() < MOST_HOSTS) {
            hostNames.add(host);
        }
        return hostNames.contains(host) ? host : OTHER_HOSTS;
    }

    private static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most) + "…";
    }

    private void load(Event event, Outcome outcome, String host) {
        outcomes[outcome.ordinal()]++;
        timeline.add(event.time(), outcome);
        first = first == null || event.time().isBefore(first) ? event.time() : first;
        last = last == null || event.time().isAfter(last) ? event.time() : last;
        String path = path(event);
        packages.add(path, outcome);
        hosts.add(host, outcome);
        kinds.add(event.field("kind") == null ? "unknown" : shortened(event.field("kind"), LONGEST_NAME), outcome);
        String signer = event.field("signer_fingerprint");
        signers.add(signer == null ? "" : shortened(signer, LONGEST_NAME), outcome);
        String org = event.field("org_id");
        if (org != null && orgs.size() < MOST_HOSTS) {
            orgs.add(org);
        }
        if (!outcome.isRefusal()) {
            seen.loaded(event, path, outcome);
            history.loaded(event, path, host, outcome);
            return;
        }
        String reason = event.field("failure_reason") == null
                ? "unknown"
                : shortened(event.field("failure_reason"), LONGEST_NAME);
        reasons.add(reason, outcome);
        String error = event.field("error");
        Finding finding = finding(path, reason, signer, org, event, isRevoked(reason, error));
        if (finding == null) {
            leftOut++;
            return;
        }
        finding.add(event, outcome, listed(finding, host), error == null ? null : shortened(error, LONGEST_ERROR));
        history.refused(event, path, host, finding);
    }

    private static String path(Event event) {
        String path = event.field("package_path");
        return path == null ? "" : PackagePath.normalised(path);
    }

    private String listed(Finding finding, String host) {
        if (finding.hosts().containsKey(host)) {
            return host;
        }
        return hostEntries++ < MOST_HOST_ENTRIES ? host : OTHER_HOSTS;
    }

    /** Null if there are too many already. */
    private @Nullable Finding finding(
            String path, String reason, @Nullable String signer, @Nullable String org, Event event, boolean revoked) {
        Key key = new Key(identity(path, event), reason, signer, org, revoked, event.isCut("package_path"));
        Finding finding = findings.get(key);
        if (finding == null && findings.size() < MOST_FINDINGS && characters + path.length() < MOST_CHARACTERS) {
            characters += path.length() + LONGEST_ERROR / 4;
            finding = new Finding(path, reason, signer, org, key.revoked(), key.cut());
            findings.put(key, finding);
        }
        if (finding != null) {
            finding.setPath(path);
        }
        return finding;
    }

    /**
     * What is the same package: a path, or in a temporary directory the same content at paths that differ at random.
     */
    private static String identity(String path, Event event) {
        String hash = event.field("package_hash");
        if (hash == null || !PackagePath.isTemporary(path)) {
            return path;
        }
        String glob = PackagePath.glob(path);
        return glob.equals(PackagePath.exactGlob(path)) ? path : glob + " " + hash + " " + event.field("kind");
    }

    // As PackageVerifier words it: "… is by key <hex>, revoked <time> by organisation <UUID>".
    private static boolean isRevoked(String reason, @Nullable String error) {
        return reason.equals("untrusted_signer") && error != null && error.contains(", revoked ");
    }

    private void other(Event event, String host) {
        learnName(event.field("signer_fingerprint"), event.field("signer_name"));
        learnName(event.field("key_fingerprint"), event.field("key_name"));
        if (event.type().equals("package.revoked.loaded")) {
            running(event, known(host));
        }
        notices.add(event, host);
    }

    /** Trust in its signer went, or it was withdrawn, while it was loaded: its next load is refused. */
    private void running(Event event, String host) {
        String path = path(event);
        String signer = event.field("signer_fingerprint");
        boolean withdrawn = "package_withdrawn".equals(event.field("reason"));
        boolean limited = "key_limited".equals(event.field("reason"));
        Finding finding = withdrawn
                ? finding(path, Remedy.WITHDRAWN, signer, event.field("org_id"), event, false)
                : finding(path, "untrusted_signer", signer, event.field("org_id"), event, !limited);
        if (finding == null) {
            leftOut++;
            return;
        }
        String error = event.field("error");
        finding.addRunning(event, listed(finding, host), error == null ? null : shortened(error, LONGEST_ERROR));
        history.refused(event, path, host, finding);
    }

    private void learnName(@Nullable String fingerprint, @Nullable String name) {
        if (fingerprint != null && name != null && signerNames.size() < MOST_NAMES) {
            signerNames.put(shortened(fingerprint, LONGEST_NAME), shortened(name, LONGEST_NAME));
        }
    }

    /** What was gathered so far. */
    public Report build() {
        history.tell();
        for (Finding finding : findings.values()) {
            if (finding.reason().equals("signature_not_found")) {
                finding.setChangedFrom(seen.signedTwin(finding));
            }
        }
        List<Finding> sorted = new ArrayList<>(findings.values());
        sorted.sort(Comparator.comparing((Finding finding) -> !finding.isOpen())
                .thenComparing(finding -> Remedy.rank(finding.shownReason()))
                .thenComparing(Finding::shownReason)
                .thenComparing(Comparator.comparingLong(Finding::loads).reversed())
                .thenComparing(Finding::path));
        return new Report(
                sorted,
                leftOut,
                outcomes.clone(),
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
                List.copyOf(orgs),
                signerNames,
                notices.inOrder(),
                notices.leftOut(),
                seen.isFull() ? null : seen.paths(),
                seen.signers(),
                givenKey == null ? mostUsedSigner() : givenKey);
    }

    /** Null if there is none that can be recommended: one that was revoked since, or met its limit, cannot. */
    private @Nullable String mostUsedSigner() {
        Set<String> unfit = new HashSet<>();
        for (Finding finding : findings.values()) {
            if (finding.isSignerRevoked() || Refusal.isOfLimitedKey(finding.error())) {
                unfit.add(finding.signer());
            }
        }
        String best = null;
        long most = 0;
        for (Tally.Row row : signers.top(MOST_NAMES, "")) {
            long good = row.outcomes()[Outcome.VERIFIED.ordinal()];
            if (good > most && row.name().matches("[0-9a-f]{64}") && !unfit.contains(row.name())) {
                best = row.name().substring(0, 16);
                most = good;
            }
        }
        return best;
    }
}
