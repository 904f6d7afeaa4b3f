// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.io.IOException;
import java.util.List;

/** What the page tells beside what is to be done. */
final class HtmlRemarks {

    private static final int MOST_SETTLED = 200;

    private final Report report;

    HtmlRemarks(Report report) {
        this.report = report;
    }

    void write(Html html) throws IOException {
        settled(html);
        notices(html);
        malformed(html);
    }

    private void settled(Html html) throws IOException {
        List<Finding> settled = report.settledFindings();
        if (settled.isEmpty()) {
            return;
        }
        html.raw("<h2 class=\"part\">Settled</h2>\n<p>Refused once, and not by the last load on any host.</p>\n<ul"
                + " class=\"card plain\">\n");
        for (Finding finding : settled.subList(0, Math.min(MOST_SETTLED, settled.size()))) {
            html.raw("<li><bdi dir=\"ltr\">")
                    .text(finding.path())
                    .raw("</bdi> <span class=\"where\">")
                    .text(Remedy.meaning(finding.reason()))
                    .raw(" until ")
                    .raw(HtmlWords.time(finding.last()))
                    .raw("</span></li>\n");
        }
        if (settled.size() > MOST_SETTLED) {
            html.raw("<li>and more: ")
                    .raw(HtmlWords.number(settled.size() - MOST_SETTLED))
                    .raw("</li>\n");
        }
        html.raw("</ul>\n");
    }

    private void notices(Html html) throws IOException {
        if (report.notices().isEmpty()) {
            return;
        }
        html.raw(
                "<h2 class=\"part\">Also on record</h2>\n<p>Changes of trust and of what limits it, and what happened to the guards themselves."
                        + "</p>\n<ul class=\"card plain\">\n");
        for (Report.Notice notice : report.notices()) {
            html.raw("<li><time>")
                    .raw(HtmlWords.time(notice.time()))
                    .raw("</time> <span class=\"pill")
                    .raw(notice.isAlarm() ? " alarm" : "")
                    .raw("\">")
                    .text(notice.type())
                    .raw("</span> ")
                    .text(notice.text())
                    .raw(" <span class=\"where\">")
                    .text(HtmlWords.cut(notice.host()))
                    .raw("</span></li>\n");
        }
        if (report.noticesLeftOut() > 0) {
            html.raw("<li>and before them: ")
                    .raw(HtmlWords.number(report.noticesLeftOut()))
                    .raw("</li>\n");
        }
        html.raw("</ul>\n");
    }

    private void malformed(Html html) throws IOException {
        if (report.malformed() == 0) {
            return;
        }
        html.raw("<h2 class=\"part\">Lines that were left out</h2>\n<p>")
                .raw(HtmlWords.plural(report.malformed(), "line"))
                .raw(
                        " of the audit log could not be read; what they said is not in this report.</p>\n<ul class=\"card plain\">\n");
        for (Report.MalformedLine line : report.malformedLines()) {
            html.raw("<li>")
                    .text(HtmlWords.cut(line.file()))
                    .raw(" line ")
                    .raw(HtmlWords.number(line.number()))
                    .raw(" <span class=\"where\">")
                    .text(line.why())
                    .raw("</span></li>\n");
        }
        html.raw("</ul>\n");
    }
}
