// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** What the page says is to be done: each finding with its advice, then the commands in their order and the options. */
final class HtmlActions {

    private static final int MOST_FINDINGS = 500;
    private static final int MOST_HOSTS = 8;

    private final Report report;
    private final Plan plan;

    HtmlActions(Report report) {
        this.report = report;
        this.plan = Plan.of(report);
    }

    void write(Html html) throws IOException {
        List<Finding> open = report.openFindings();
        if (open.isEmpty() && report.findingsLeftOut() == 0) {
            return;
        }
        html.raw(
                "<h2 class=\"part\">What to do</h2>\n<p>Most urgent first; the commands follow at the end, in the order in"
                        + " which they must run.</p>\n");
        html.raw("<label class=\"filter\" hidden>Show only what contains<input type=\"search\""
                + " placeholder=\"path, host, signer\"></label>\n");
        String reason = null;
        int shown = 0;
        for (Plan.Group group : plan.groups()) {
            if (shown == MOST_FINDINGS) {
                break;
            }
            html.raw("<section class=\"group\">\n");
            if (!group.reason().equals(reason)) {
                reason = group.reason();
                reasonHeading(html, reason, open);
            }
            html.raw("<p class=\"advice\">").text(group.advice()).raw("</p>\n");
            for (Finding finding : group.findings()) {
                if (shown < MOST_FINDINGS) {
                    finding(html, finding, plan.remedy(finding));
                    shown++;
                }
            }
            html.raw("</section>\n");
        }
        int more = open.size() - shown;
        if (more > 0 || report.findingsLeftOut() > 0) {
            html.raw("<p class=\"advice\">Not shown here: ")
                    .raw(HtmlWords.plural(more, "package"))
                    .raw(" (they are in the text and JSON forms of this report), and ")
                    .raw(HtmlWords.plural(report.findingsLeftOut(), "refused load"))
                    .raw(" of packages that were too many to list.</p>\n");
        }
        commands(html);
        options(html);
    }

    private void commands(Html html) throws IOException {
        if (plan.commands().isEmpty()) {
            return;
        }
        html.raw("<h2 class=\"part\">Commands</h2>\n<p>In this order. <code>cloacina</code> is"
                + " <code>java -jar cloacina-guard.jar</code>; they need the store (<code>CLOACINA_DATABASE_URL</code>)"
                + " and, to sign, <code>--kek-file</code>.");
        if (plan.placeholder() != null) {
            html.raw(" ").text(plan.placeholder()).raw(".");
        }
        html.raw("</p>\n<article class=\"card todo\"><dl>");
        if (report.orgs().size() == 1) {
            command(
                    html,
                    "once",
                    "export CLOACINA_ORG_ID=" + Remedy.quoted(report.orgs().get(0)));
        }
        for (Plan.Command command : plan.commands()) {
            command(html, command.what(), command.command());
        }
        html.raw("</dl></article>\n");
    }

    private void options(Html html) throws IOException {
        if (plan.options().isEmpty()) {
            return;
        }
        html.raw(
                "<h2 class=\"part\">Options of the JVM</h2>\n<p>Values of an option that the host has already are joined by"
                        + " commas.</p>\n<article class=\"card todo\"><dl>");
        for (Plan.Option option : plan.options()) {
            command(html, (option.isNeeded() ? "needed: " : "to choose: ") + option.why(), option.option());
        }
        html.raw("</dl></article>\n");
    }

    private static void reasonHeading(Html html, String reason, List<Finding> open) throws IOException {
        long count = open.stream()
                .filter(finding -> finding.shownReason().equals(reason))
                .count();
        String meaning = Remedy.meaning(reason);
        html.raw("<div class=\"reason\"><h3>")
                .text(meaning.substring(0, 1).toUpperCase(Locale.ROOT) + meaning.substring(1))
                .raw("</h3><span class=\"pill")
                .raw(Remedy.rank(reason) < 3 ? " alarm" : "")
                .raw("\">")
                .raw(HtmlWords.plural(count, "package"))
                .raw("</span><code>")
                .text(reason)
                .raw("</code></div>\n");
    }

    private void finding(Html html, Finding finding, Remedy remedy) throws IOException {
        html.raw("<article class=\"card find\"><p class=\"path\"><bdi dir=\"ltr\">")
                .text(finding.path().isEmpty() ? "(no path)" : finding.path())
                .raw("</bdi></p>\n<ul class=\"facts\"><li>")
                .text(finding.kind() == null ? "unknown kind" : finding.kind())
                .raw("</li><li>")
                .raw(HtmlWords.plural(finding.loads(), "load"))
                .raw(finding.isStillLoaded() ? ", " + finding.lostWhile() : "")
                .raw(
                        finding.loads() == 0
                                ? ""
                                : finding.refused() == 0
                                        ? ", in audit mode"
                                        : finding.wouldBeRefused() == 0 ? ", refused" : "")
                .raw("</li><li>on ");
        int hosts = 0;
        for (String host : finding.hosts().keySet()) {
            if (hosts < MOST_HOSTS) {
                html.raw(hosts == 0 ? "" : ", ")
                        .raw("<bdi dir=\"ltr\">")
                        .text(HtmlWords.cut(host))
                        .raw("</bdi>");
            }
            hosts++;
        }
        html.raw(hosts > MOST_HOSTS ? " and " + HtmlWords.number(hosts - MOST_HOSTS) + " more" : "")
                .raw("</li><li>last ")
                .raw(HtmlWords.time(finding.last()))
                .raw("</li>");
        if (finding.signer() != null) {
            String name = report.signerName(finding.signer());
            html.raw("<li>signer ")
                    .text(name == null ? "" : HtmlWords.cut(name) + " ")
                    .raw("<code>")
                    .text(finding.signer()
                            .substring(0, Math.min(16, finding.signer().length())))
                    .raw("</code></li>");
        }
        if (finding.name() != null) {
            html.raw("<li>signed as <bdi dir=\"ltr\">")
                    .text(HtmlWords.cut(finding.name()))
                    .raw("</bdi> ")
                    .text(finding.version() == null ? "" : HtmlWords.cut(finding.version()))
                    .raw("</li>");
        }
        if (finding.changedFrom() != null) {
            html.raw("<li>verified before: <bdi dir=\"ltr\">")
                    .text(finding.changedFrom())
                    .raw("</bdi></li>");
        }
        if (finding.coveredBy() != null) {
            html.raw("<li>in <bdi dir=\"ltr\">").text(finding.coveredBy()).raw("</bdi></li>");
        }
        html.raw("</ul>\n<dl>");
        for (Remedy.Step step : remedy.steps()) {
            if (step.needsDecision()) {
                command(html, step.when(), step.command());
            }
        }
        html.raw("</dl>\n");
        if (finding.error() != null) {
            html.raw("<details><summary>What the guard said</summary><p class=\"said\">")
                    .text(finding.error())
                    .raw("</p>");
            if (finding.hash() != null) {
                html.raw("<p class=\"said\">SHA-256 <code>")
                        .text(finding.hash())
                        .raw("</code></p>");
            }
            html.raw("</details>");
        }
        html.raw("</article>\n");
    }

    private static void command(Html html, String when, String command) throws IOException {
        html.raw("<dt>").text(when).raw("</dt><dd><pre>").text(command).raw("</pre></dd>\n");
    }
}
