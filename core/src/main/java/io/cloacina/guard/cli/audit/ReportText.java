// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.internal.report.Finding;
import io.cloacina.guard.internal.report.Outcome;
import io.cloacina.guard.internal.report.Plan;
import io.cloacina.guard.internal.report.Remedy;
import io.cloacina.guard.internal.report.Report;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Printable;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A report on a terminal, and as JSON. */
final class ReportText {

    private static final int WIDTH = 96;
    private static final int MOST_HOSTS = 4;
    private static final int MOST_IN_DIRECTORY = 20;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Report report;
    private final PrintStream out;
    private final Plan plan;

    ReportText(Report report, Cli cli) {
        this.report = report;
        this.out = cli.environment().out();
        this.plan = cli.json() ? Plan.forPrograms(report) : Plan.of(report);
    }

    /**
     * One object for each package, reason and signer; for each command, in the order in which they must run; for each
     * option; and a last one for all: {@code record} tells which is which.
     */
    void printJson() {
        for (Finding finding : report.findings()) {
            out.println(json(finding));
        }
        int order = 1;
        for (Plan.Command command : plan.commands()) {
            out.println(new JsonLine()
                    .with("record", "command")
                    .with("order", order++)
                    .with("what", command.what())
                    .with("command", command.command()));
        }
        for (Plan.Option option : plan.options()) {
            out.println(new JsonLine()
                    .with("record", "option")
                    .with("why", option.why())
                    .with("needed", option.isNeeded())
                    .with("option", option.option()));
        }
        Map<String, Object> outcomes = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(outcome.word(), report.loads(outcome));
        }
        out.println(new JsonLine()
                .with("record", "summary")
                .with("would_be_refused", report.hasRefusals())
                .with("packages_open", report.openPackages())
                .with("refused_loads_not_listed", report.findingsLeftOut())
                .with("loads", report.loads())
                .with("outcomes", outcomes)
                .with("hosts", report.hosts().size())
                .with("first_load", report.first())
                .with("last_load", report.last())
                .with("events", report.events())
                .with("malformed_lines", report.malformed()));
    }

    private JsonLine json(Finding finding) {
        Remedy remedy = plan.remedy(finding);
        Map<String, Object> commands = new LinkedHashMap<>();
        for (Remedy.Step step : remedy.steps()) {
            commands.put(step.when(), step.command());
        }
        return new JsonLine()
                .with("record", "package")
                .with("package_path", finding.path())
                .with("package_hash", finding.hash())
                .with("package_name", finding.name())
                .with("package_version", finding.version())
                .with("kind", finding.kind())
                .with("failure_reason", finding.reason())
                .with("error", finding.error())
                .with("changed_from", finding.changedFrom())
                .with("covered_by", finding.coveredBy())
                .with("signer_fingerprint", finding.signer())
                .with("signer_name", report.signerName(finding.signer()))
                .with("signer_revoked", finding.isSignerRevoked())
                .with("org_id", finding.org())
                .with("open", finding.isOpen())
                .with("would_be_refused", finding.wouldBeRefused())
                .with("refused", finding.refused())
                .with("still_loaded", finding.isStillLoaded())
                .with("hosts", finding.hosts())
                .with("first_load", finding.first())
                .with("last_load", finding.last())
                .with("remedy", remedy.word())
                .with("advice", remedy.advice())
                .with("commands", commands)
                .with("exempt_option", remedy.exemptOption());
    }

    void printText() {
        if (report.loads() > 0) {
            line("Record  " + number(report.events()) + " events, "
                    + plural(report.hosts().size(), "host") + ", " + time(Objects.requireNonNull(report.first()))
                    + " to " + time(Objects.requireNonNull(report.last()))
                    + " UTC");
            line("Loads   " + outcomes());
        }
        List<Finding> open = report.openFindings();
        if (open.isEmpty() && report.findingsLeftOut() == 0) {
            line(report.loads() == 0 ? "No load is on record." : "Nothing would be refused.");
        } else {
            line("");
            line(plural(report.openPackages(), "package") + " would be refused.");
        }
        printGroups();
        printCommands();
        printOptions();
        List<Finding> settled = report.settledFindings();
        if (!settled.isEmpty()) {
            line("");
            line("Settled: refused once, and not by the last load on any host");
            for (Finding finding : settled) {
                line("    " + finding.reason() + "  " + finding.path());
            }
        }
        if (!report.notices().isEmpty()) {
            line("");
            line("Also on record");
            for (Report.Notice notice : report.notices()) {
                line("    " + time(notice.time()) + "  " + notice.host() + "  " + notice.type() + "  " + notice.text());
            }
            if (report.noticesLeftOut() > 0) {
                line("    and before them: " + number(report.noticesLeftOut()));
            }
        }
    }

    private String outcomes() {
        List<String> parts = new ArrayList<>();
        for (Outcome outcome : Outcome.values()) {
            if (report.loads(outcome) > 0) {
                parts.add(number(report.loads(outcome)) + " " + outcome.label().toLowerCase(Locale.ROOT));
            }
        }
        return number(report.loads()) + ": " + String.join(", ", parts);
    }

    private void printGroups() {
        String reason = null;
        for (Plan.Group group : plan.groups()) {
            if (!group.reason().equals(reason)) {
                reason = group.reason();
                line("");
                line(reason + ": " + Remedy.meaning(reason));
            }
            line("");
            wrapped("  ", group.advice());
            String directory = null;
            int inDirectory = 0;
            for (Finding finding : group.findings()) {
                String in = directory(finding.path());
                if (!in.equals(directory)) {
                    printLeftOut(inDirectory);
                    directory = in;
                    inDirectory = 0;
                    line("");
                    line("  " + (in.isEmpty() ? "(no directory)" : in));
                }
                // What needs no decision of its own is signed with the others; all are in the JSON form.
                boolean decide = plan.remedy(finding).steps().stream().anyMatch(Remedy.Step::needsDecision);
                if (decide || inDirectory < MOST_IN_DIRECTORY) {
                    print(finding);
                }
                inDirectory += decide ? 0 : 1;
            }
            printLeftOut(inDirectory);
        }
        if (report.findingsLeftOut() > 0) {
            line("");
            line("Refused loads of further packages, too many to list: " + number(report.findingsLeftOut())
                    + "; mend these first, or narrow it with --since");
        }
    }

    private void printLeftOut(int inDirectory) {
        if (inDirectory > MOST_IN_DIRECTORY) {
            line("    and " + number(inDirectory - MOST_IN_DIRECTORY) + " more (--json lists all)");
        }
    }

    private static String directory(String path) {
        int slash = path.lastIndexOf('/');
        return path.startsWith("/") && slash > 0 ? path.substring(0, slash) : "";
    }

    private void print(Finding finding) {
        String directory = directory(finding.path());
        String name = directory.isEmpty() ? finding.path() : finding.path().substring(directory.length() + 1);
        line("    " + (name.isEmpty() ? "(no path)" : name));
        String signer = finding.signer() == null ? "" : "; signer " + signer(finding.signer());
        wrapped(
                "        ",
                (finding.kind() == null ? "" : finding.kind() + ", ") + plural(finding.loads(), "load")
                        + (finding.isStillLoaded() ? ", " + finding.lostWhile() + "," : "") + " on "
                        + hosts(finding) + ", last " + time(Objects.requireNonNull(finding.last())) + signer);
        if (finding.name() != null) {
            line("        signed as " + finding.name() + (finding.version() == null ? "" : " " + finding.version()));
        }
        if (finding.changedFrom() != null) {
            line("        verified before: " + finding.changedFrom());
        }
        if (finding.coveredBy() != null) {
            line("        in " + finding.coveredBy());
        }
        for (Remedy.Step step : plan.remedy(finding).steps()) {
            if (step.needsDecision()) {
                line("        # " + step.when() + ":");
                line("        #   " + step.command());
            }
        }
    }

    private void printCommands() {
        if (plan.commands().isEmpty()) {
            return;
        }
        line("");
        line("Commands, if all that is legitimate; in this order. cloacina is: java -jar cloacina-guard.jar");
        line("They need the store (CLOACINA_DATABASE_URL), and for signing --kek-file.");
        if (plan.placeholder() != null) {
            line(plan.placeholder() + ".");
        }
        line("");
        if (report.orgs().size() == 1) {
            line("    export CLOACINA_ORG_ID=" + Remedy.quoted(report.orgs().get(0)));
        }
        for (Plan.Command command : plan.commands()) {
            line("    # " + command.what());
            line("    " + command.command());
        }
    }

    private void printOptions() {
        if (plan.options().isEmpty()) {
            return;
        }
        line("");
        line("Options of the JVM (values of one that the host has already are joined by commas)");
        for (Plan.Option option : plan.options()) {
            line("");
            wrapped("    # ", (option.isNeeded() ? "needed: " : "to choose: ") + option.why());
            line("    " + option.option());
        }
    }

    private String signer(String fingerprint) {
        String name = report.signerName(fingerprint);
        String shown = fingerprint.substring(0, Math.min(16, fingerprint.length()));
        return name == null ? shown : name + " (" + shown + ")";
    }

    private static String hosts(Finding finding) {
        List<String> names = new ArrayList<>(finding.hosts().keySet());
        int more = names.size() - MOST_HOSTS;
        return String.join(", ", names.subList(0, Math.min(MOST_HOSTS, names.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }

    private static String plural(long count, String noun) {
        return number(count) + " " + noun + (count == 1 ? "" : "s");
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String time(Instant time) {
        return TIME.format(time);
    }

    private void wrapped(String indent, String text) {
        StringBuilder line = new StringBuilder(indent);
        for (String word : text.split(" ", -1)) {
            if (line.length() + word.length() > WIDTH) {
                line(line.toString().stripTrailing());
                line = new StringBuilder(indent);
            }
            line.append(word).append(' ');
        }
        line(line.toString().stripTrailing());
    }

    private void line(String text) {
        out.println(Printable.of(text));
    }
}
