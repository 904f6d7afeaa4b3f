// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The charts of the page, each with its figures as text. */
final class HtmlCharts {

    private static final int MOST_BARS = 10;
    private static final int FEWEST_SLOTS = 24;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Outcome[] OUTCOMES = Outcome.values();

    private final Report report;

    HtmlCharts(Report report) {
        this.report = report;
    }

    void write(Html html) throws IOException {
        html.raw("<div class=\"grid\">\n");
        timeline(html);
        html.raw("<div class=\"column\">\n");
        outcomes(html);
        bars(html, "Packages", "package", report.packages(), this::packageName);
        html.raw("</div>\n<div class=\"column\">\n");
        reasons(html);
        bars(html, "Signers", "signer", report.signers(), this::signerName);
        bars(html, "Hosts", "host", report.hosts(), (page, name) -> page.text(name));
        bars(html, "Kinds of load", "kind", report.kinds(), (page, name) -> page.text(name));
        html.raw("</div>\n</div>\n");
    }

    private void key(Html html) throws IOException {
        html.raw("<ul class=\"key\">");
        for (Outcome outcome : OUTCOMES) {
            if (report.loads(outcome) > 0) {
                html.raw("<li>").raw(swatch(outcome)).raw(outcome.label()).raw("</li>");
            }
        }
        html.raw("</ul>\n");
    }

    private static String swatch(Outcome outcome) {
        return "<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\"><rect width=\"10\" height=\"10\" rx=\"2.5\" class=\"o"
                + outcome.ordinal() + "\"/></svg>";
    }

    private void timeline(Html html) throws IOException {
        List<Timeline.Bar> bars =
                padded(report.timeline().bars(), report.timeline().barSeconds());
        long highest = 1;
        for (Timeline.Bar bar : bars) {
            highest = Math.max(highest, HtmlWords.sum(bar.outcomes()));
        }
        long step = niceStep(highest);
        long top = (highest + step - 1) / step * step;
        String span = HtmlWords.span(report.timeline().barSeconds());
        html.raw("<section class=\"card wide\"><h2>Loads over time</h2>\n<p>Each bar spans ")
                .raw(span)
                .raw("; times are UTC.</p>\n");
        key(html);
        html.raw("<div class=\"time\"><div class=\"y\" aria-hidden=\"true\">");
        for (long tick = top; tick >= 0; tick -= step) {
            html.raw("<span>").raw(HtmlWords.number(tick)).raw("</span>");
        }
        html.raw(
                "</div>\n<svg class=\"plot\" role=\"img\" aria-label=\"Loads over time, stacked by outcome; the same as"
                        + " a table follows\">");
        for (long tick = 0; tick <= top; tick += step) {
            html.raw("<line x1=\"0\" x2=\"100%\" y1=\"" + share(tick, top) + "\" y2=\"" + share(tick, top) + "\"/>");
        }
        double slot = 100.0 / bars.size();
        for (int i = 0; i < bars.size(); i++) {
            bar(html, bars.get(i), i * slot, slot, top);
        }
        html.raw("</svg>\n<div class=\"x\" aria-hidden=\"true\">");
        boolean days = report.timeline().barSeconds() >= 86_400;
        for (int i = 0; i < 5; i++) {
            Instant at = bars.get(i * (bars.size() - 1) / 4).start();
            html.raw("<span>").raw(label(at, days)).raw("</span>");
        }
        html.raw(
                        "</div></div>\n<details><summary>The figures as a table</summary><div class=\"scroll\"><table><caption>"
                                + "Loads by outcome, each row ")
                .raw(span)
                .raw("</caption><thead><tr><th scope=\"col\">From</th>");
        for (Outcome outcome : OUTCOMES) {
            html.raw("<th scope=\"col\" class=\"n\">").raw(outcome.label()).raw("</th>");
        }
        html.raw("</tr></thead><tbody>\n");
        for (Timeline.Bar bar : bars) {
            if (HtmlWords.sum(bar.outcomes()) > 0) {
                html.raw("<tr><th scope=\"row\">")
                        .raw(HtmlWords.time(bar.start()))
                        .raw("</th>");
                for (long count : bar.outcomes()) {
                    html.raw("<td class=\"n\">").raw(HtmlWords.number(count)).raw("</td>");
                }
                html.raw("</tr>\n");
            }
        }
        html.raw("</tbody></table></div></details>\n</section>\n");
    }

    /** Few bars are no chart that one can read: empty ones are put at both ends. */
    private static List<Timeline.Bar> padded(List<Timeline.Bar> bars, long seconds) {
        List<Timeline.Bar> padded = new ArrayList<>(bars);
        while (padded.size() < FEWEST_SLOTS) {
            int end = padded.size() % 2 == 0 ? padded.size() : 0;
            Instant start = end == 0
                    ? padded.get(0).start().minusSeconds(seconds)
                    : padded.get(end - 1).start().plusSeconds(seconds);
            padded.add(end, new Timeline.Bar(start, new long[OUTCOMES.length]));
        }
        return padded;
    }

    private static void bar(Html html, Timeline.Bar bar, double left, double slot, long top) throws IOException {
        long sum = HtmlWords.sum(bar.outcomes());
        if (sum == 0) {
            return;
        }
        StringBuilder title =
                new StringBuilder(HtmlWords.time(bar.start())).append(": ").append(HtmlWords.plural(sum, "load"));
        for (Outcome outcome : OUTCOMES) {
            long count = bar.outcomes()[outcome.ordinal()];
            if (count > 0) {
                title.append(", ")
                        .append(HtmlWords.number(count))
                        .append(' ')
                        .append(outcome.label().toLowerCase(Locale.ROOT));
            }
        }
        String x =
                HtmlWords.decimal(left + slot * 0.12, 3) + "%\" width=\"" + HtmlWords.decimal(slot * 0.76, 3) + "%\"";
        html.raw("<g><title>" + title + "</title><rect class=\"slot\" x=\"" + x + " y=\"0\" height=\"100%\"/>");
        long below = 0;
        for (Outcome outcome : OUTCOMES) {
            long count = bar.outcomes()[outcome.ordinal()];
            if (count > 0) {
                below += count;
                html.raw("<rect class=\"o" + outcome.ordinal() + "\" x=\"" + x + " y=\"" + share(below, top)
                        + "\" height=\"" + HtmlWords.decimal(100.0 * count / top, 3) + "%\"/>");
            }
        }
        html.raw("</g>");
    }

    /** How far below the top of the plot a number is. */
    private static String share(long number, long top) {
        return HtmlWords.decimal(100 - 100.0 * number / top, 3) + "%";
    }

    private static long niceStep(long highest) {
        long step = 1;
        while (true) {
            for (long nice : new long[] {1, 2, 5}) {
                if (nice * step * 4 >= highest) {
                    return nice * step;
                }
            }
            step *= 10;
        }
    }

    private void outcomes(Html html) throws IOException {
        long loads = report.loads();
        html.raw("<section class=\"card\"><h2>Outcomes</h2>\n<p>What became of the loads, or would have.</p>\n")
                .raw("<div class=\"donut\"><svg viewBox=\"0 0 40 40\" role=\"img\" aria-label=\"")
                .raw(HtmlWords.percent(report.loads(Outcome.VERIFIED), loads))
                .raw(
                        " of loads verified; the figures stand beside\"><circle class=\"ring\" cx=\"20\" cy=\"20\" r=\"16\"/>");
        double before = 0;
        for (Outcome outcome : OUTCOMES) {
            double share = 100.0 * report.loads(outcome) / loads;
            if (share > 0) {
                html.raw("<circle class=\"s" + outcome.ordinal() + "\" cx=\"20\" cy=\"20\" r=\"16\" pathLength=\"100\""
                        + " stroke-dasharray=\"" + HtmlWords.decimal(share, 3) + " " + HtmlWords.decimal(100 - share, 3)
                        + "\" stroke-dashoffset=\"" + HtmlWords.decimal(-before, 3)
                        + "\" transform=\"rotate(-90 20 20)\"><title>"
                        + outcome.label() + ": " + HtmlWords.number(report.loads(outcome)) + "</title></circle>");
                before += share;
            }
        }
        html.raw("<text class=\"big\" x=\"20\" y=\"21\">")
                .raw(HtmlWords.percent(report.loads(Outcome.VERIFIED), loads))
                .raw("</text><text class=\"small\" x=\"20\" y=\"25.6\">verified</text></svg>\n<table><thead><tr><th"
                        + " scope=\"col\">Outcome</th><th scope=\"col\" class=\"n\">Loads</th><th scope=\"col\""
                        + " class=\"n\">Share</th></tr></thead><tbody>");
        for (Outcome outcome : OUTCOMES) {
            html.raw("<tr><th scope=\"row\">")
                    .raw(swatch(outcome))
                    .raw(outcome.label())
                    .raw("</th><td class=\"n\">")
                    .raw(HtmlWords.number(report.loads(outcome)))
                    .raw("</td><td class=\"n\">")
                    .raw(HtmlWords.percent(report.loads(outcome), loads))
                    .raw("</td></tr>\n");
        }
        html.raw("</tbody></table></div></section>\n");
    }

    private void reasons(Html html) throws IOException {
        if (report.reasons().size() == 0) {
            html.raw("<section class=\"card\"><h2>Reasons</h2>\n<p>Nothing was or would be refused in this time.</p>"
                    + "</section>\n");
            return;
        }
        bars(
                html,
                "Reasons",
                "reason",
                report.reasons(),
                (page, name) -> page.text(name)
                        .raw("<small>")
                        .text(Remedy.meaning(name))
                        .raw("</small>"));
    }

    /** Writes what a row is called. */
    private interface Name {
        void write(Html html, String name) throws IOException;
    }

    private void bars(Html html, String title, String noun, Tally tally, Name name) throws IOException {
        List<Tally.Row> rows = tally.top(MOST_BARS, "");
        long longest = 1;
        // All others together would make every bar of one small.
        for (Tally.Row row : rows.subList(0, Math.min(MOST_BARS, tally.size()))) {
            longest = Math.max(longest, row.loads());
        }
        html.raw("<section class=\"card\"><h2>")
                .raw(title)
                .raw("</h2>\n<p>")
                .raw(
                        tally.size() > MOST_BARS
                                ? "The " + MOST_BARS + " of " + HtmlWords.number(tally.size()) + " with most refusals."
                                : "Most refusals first.")
                .raw("</p>\n<table class=\"bars\"><thead><tr><th scope=\"col\">")
                .raw(noun.substring(0, 1).toUpperCase(Locale.ROOT) + noun.substring(1))
                .raw("</th><td></td><th scope=\"col\" class=\"n\">Loads</th>" + "</tr></thead><tbody>\n");
        for (int i = 0; i < rows.size(); i++) {
            Tally.Row row = rows.get(i);
            if (i == Math.min(MOST_BARS, tally.size())) {
                html.raw("<tr><th scope=\"row\"><small>all others</small></th><td></td><td class=\"n\">")
                        .raw(HtmlWords.number(row.loads()))
                        .raw("</td></tr>\n");
                break;
            }
            html.raw("<tr><th scope=\"row\">");
            name.write(html, row.name());
            html.raw("</th><td class=\"b\"><svg class=\"bar\" role=\"img\" aria-label=\"")
                    .raw(spoken(row))
                    .raw("\"><title>")
                    .raw(spoken(row))
                    .raw("</title><rect class=\"back\" width=\"100%\" height=\"100%\" rx=\"3\"/>");
            double before = 0;
            for (int o = OUTCOMES.length - 1; o >= 0; o--) {
                double share = 100.0 * row.outcomes()[o] / longest;
                if (share > 0) {
                    html.raw("<rect class=\"o" + o + "\" x=\"" + HtmlWords.decimal(before, 3) + "%\" width=\""
                            + HtmlWords.decimal(share, 3) + "%\" height=\"100%\"/>");
                    before += share;
                }
            }
            html.raw("</svg></td><td class=\"n\">")
                    .raw(HtmlWords.number(row.loads()))
                    .raw("</td></tr>\n");
        }
        html.raw("</tbody></table></section>\n");
    }

    private static String spoken(Tally.Row row) {
        List<String> parts = new ArrayList<>();
        for (Outcome outcome : OUTCOMES) {
            long count = row.outcomes()[outcome.ordinal()];
            if (count > 0) {
                parts.add(HtmlWords.number(count) + " " + outcome.label().toLowerCase(Locale.ROOT));
            }
        }
        return String.join(", ", parts);
    }

    private void packageName(Html html, String path) throws IOException {
        int slash = path.lastIndexOf('/', path.length() - 2);
        html.raw("<bdi dir=\"ltr\">")
                .text(HtmlWords.cut(path.substring(slash + 1)))
                .raw("</bdi>");
        if (slash > 0) {
            html.raw("<small><bdi dir=\"ltr\">")
                    .text(HtmlWords.cut(path.substring(0, slash)))
                    .raw("</bdi></small>");
        }
    }

    private void signerName(Html html, String fingerprint) throws IOException {
        if (fingerprint.isEmpty()) {
            html.raw("none<small>unsigned, exempt or covered</small>");
            return;
        }
        String name = report.signerName(fingerprint);
        String brief = fingerprint.substring(0, Math.min(16, fingerprint.length()));
        if (name == null) {
            html.raw("<code>").text(brief).raw("</code>");
        } else {
            html.text(HtmlWords.cut(name)).raw("<small><code>").text(brief).raw("</code></small>");
        }
    }

    private String label(Instant time, boolean days) {
        return days ? DAY.format(time) : report.timeline().barSeconds() < 60 ? SECOND.format(time) : HOUR.format(time);
    }
}
