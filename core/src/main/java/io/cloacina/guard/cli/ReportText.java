package io.cloacina.guard.cli;

import io.cloacina.guard.audit.JsonLine;
import io.cloacina.guard.audit.Printable;
import io.cloacina.guard.report.Finding;
import io.cloacina.guard.report.Outcome;
import io.cloacina.guard.report.Remedy;
import io.cloacina.guard.report.Report;
import java.io.PrintStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report on a terminal, and as JSON. */
final class ReportText {

    private static final int WIDTH = 96;
    private static final int MOST_HOSTS = 4;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Report report;
    private final PrintStream out;

    ReportText(Report report, Cli cli) {
        this.report = report;
        this.out = cli.environment().out();
    }

    // ---------------------------------------------------------------------------------------------------- JSON

    /** One object for each package, reason and signer, and a last one for all: {@code record} tells which is which. */
    void printJson() {
        for (Finding finding : report.findings()) {
            out.println(json(finding));
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
        Remedy remedy = Remedy.of(finding, report, true);
        Map<String, Object> commands = new LinkedHashMap<>();
        for (Remedy.Step step : remedy.steps()) {
            commands.put(step.when(), step.command());
        }
        return new JsonLine()
                .with("record", "package")
                .with("package_path", finding.path())
                .with("package_hash", finding.hash())
                .with("kind", finding.kind())
                .with("failure_reason", finding.reason())
                .with("error", finding.error())
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

    // ---------------------------------------------------------------------------------------------------- text

    void printText() {
        if (report.loads() > 0) {
            line("Record  " + number(report.events()) + " events, "
                    + plural(report.hosts().size(), "host") + ", " + time(report.first()) + " to " + time(report.last())
                    + " UTC");
            line("Loads   " + outcomes());
        }
        List<Finding> open = report.openFindings();
        if (open.isEmpty() && report.findingsLeftOut() == 0) {
            line(report.loads() == 0 ? "No load is on record." : "Nothing would be refused.");
        } else {
            line("");
            line(plural(report.openPackages(), "package") + " would be refused. In the commands, cloacina stands for:"
                    + " java -jar cloacina-guard.jar");
            if (report.orgs().size() == 1) {
                line("They need the store (CLOACINA_DATABASE_URL), and for signing --kek-file; and once:");
                line("");
                line("    export CLOACINA_ORG_ID=" + Remedy.quoted(report.orgs().get(0)));
            }
        }
        printFindings(open);
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

    private void printFindings(List<Finding> open) {
        String reason = null;
        String advice = null;
        for (Finding finding : open) {
            Remedy remedy = Remedy.of(finding, report, report.orgs().size() != 1);
            if (!finding.reason().equals(reason)) {
                reason = finding.reason();
                advice = null;
                line("");
                line(reason + ": " + Remedy.meaning(reason));
            }
            if (!remedy.advice().equals(advice)) {
                advice = remedy.advice();
                line("");
                wrapped("  ", advice);
            }
            print(finding, remedy);
        }
        if (report.findingsLeftOut() > 0) {
            line("");
            line("Refused loads of further packages, too many to list: " + number(report.findingsLeftOut())
                    + "; mend these first, or narrow it with --since");
        }
    }

    private void print(Finding finding, Remedy remedy) {
        line("");
        line("  " + (finding.path().isEmpty() ? "(no path)" : finding.path()));
        String signer = finding.signer() == null ? "" : "; signer " + signer(finding);
        wrapped(
                "      ",
                (finding.kind() == null ? "" : finding.kind() + ", ") + plural(finding.loads(), "load")
                        + (finding.isStillLoaded() ? ", and still running when trust went," : "") + " on "
                        + hosts(finding) + ", last " + time(finding.last()) + signer);
        for (Remedy.Step step : remedy.steps()) {
            line("      # " + step.when());
            line("      " + step.command());
        }
        if (remedy.exemptOption() != null) {
            line("      # or let it load unverified, on record: option of the JVM");
            line("      " + remedy.exemptOption());
        }
    }

    private String signer(Finding finding) {
        String name = report.signerName(finding.signer());
        String shown =
                finding.signer().substring(0, Math.min(16, finding.signer().length()));
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
        for (String word : text.split(" ")) {
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
