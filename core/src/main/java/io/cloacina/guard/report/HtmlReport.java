package io.cloacina.guard.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A report as one page of HTML that stands alone: no other file, no network, and everything in it without its script.
 *
 * <p>Its Content-Security-Policy lets nothing run or load but the page's own style and script, by their hashes. So there
 * are no style attributes; bars are SVG, whose sizes are attributes of their own.
 */
public final class HtmlReport {

    private static final int MOST_FINDINGS = 500;
    private static final int MOST_SETTLED = 200;
    private static final int MOST_BARS = 10;
    private static final int MOST_HOSTS = 8;
    private static final int FEWEST_SLOTS = 24;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("d MMM HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final Outcome[] OUTCOMES = Outcome.values();

    private final Report report;
    private final Instant made;

    /** @param made when the page is made, as it shall say */
    public HtmlReport(Report report, Instant made) {
        this.report = Objects.requireNonNull(report);
        this.made = Objects.requireNonNull(made);
    }

    /**
     * Writes the page; encode it in UTF-8.
     *
     * @throws IOException if {@code out} throws it
     */
    public void write(Appendable out) throws IOException {
        Html html = new Html(out);
        String style = resource("page.css");
        String script = resource("page.js");
        html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '")
                .raw(hash(style))
                .raw("'; script-src '")
                .raw(hash(script))
                .raw("'; base-uri 'none'; form-action 'none'\">\n")
                .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .raw("<meta name=\"referrer\" content=\"no-referrer\">\n")
                .raw("<title>Cloacina Guard: ")
                .value(verdict())
                .raw("</title>\n<style>")
                .raw(style)
                .raw("</style>\n</head>\n<body>\n");
        header(html);
        html.raw("<main>\n");
        verdict(html);
        if (report.loads() > 0) {
            tiles(html);
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
        whatToDo(html);
        settled(html);
        notices(html);
        malformed(html);
        html.raw("</main>\n");
        footer(html);
        html.raw("<script>").raw(script).raw("</script>\n</body>\n</html>\n");
    }

    private static String resource(String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    // ---------------------------------------------------------------------------------------------------- head

    private void header(Html html) throws IOException {
        html.raw(
                        "<header><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path class=\"shield\" d=\"M12 1.5 3.5 4.6v6.6"
                                + "c0 5.3 3.5 9.6 8.5 11.3 5-1.7 8.5-6 8.5-11.3V4.6z\"/><path class=\"check\" d=\"m8 12 2.9 2.9"
                                + "L16.2 9\"/></svg><b>Cloacina Guard</b><span>Report on what JVMs load</span><span"
                                + " class=\"made\">made ")
                .raw(time(made))
                .raw(" UTC</span></header>\n");
    }

    private String verdict() {
        if (report.loads() == 0) {
            return "no load is on record";
        }
        int open = report.openPackages();
        if (open == 0 && report.findingsLeftOut() == 0) {
            return "nothing would be refused";
        }
        return plural(open, "package") + (report.findingsLeftOut() > 0 ? " and more" : "") + " would be refused";
    }

    private void verdict(Html html) throws IOException {
        boolean none = report.loads() == 0;
        boolean good = !none && !report.hasRefusals();
        html.raw("<div class=\"verdict")
                .raw(none ? " none" : good ? " good" : "")
                .raw("\">\n<h1>");
        String sentence = verdict();
        html.text(sentence.substring(0, 1).toUpperCase(Locale.ROOT) + sentence.substring(1))
                .raw("</h1>\n<p class=\"lead\">");
        if (none) {
            html.raw("That nothing would be refused is no proof of anything yet. Let a host run with the guard and"
                    + " <code>cloacina.audit=file:PATH</code>, and give that file.");
        } else {
            html.raw(
                            good
                                    ? "Every package that was loaded would be loaded by an enforcing guard too. "
                                    : "by a guard that enforces signatures. What to do about each stands below, ready"
                                            + " to paste. ")
                    .raw("On record: ")
                    .raw(plural(report.loads(), "load"))
                    .raw(" on ")
                    .raw(plural(report.hosts().size(), "host"))
                    .raw(", ")
                    .raw(time(report.first()))
                    .raw(" to ")
                    .raw(time(report.last()))
                    .raw(" UTC.");
        }
        html.raw("</p>\n</div>\n");
    }

    private void tiles(Html html) throws IOException {
        html.raw("<ul class=\"tiles\">\n");
        long verified = report.loads(Outcome.VERIFIED);
        tile(html, "", number(report.loads()), report.loads() == 1 ? "load" : "loads");
        tile(html, verified == report.loads() ? "fine" : "", percent(verified, report.loads()), "verified");
        long would = report.loads(Outcome.WOULD_BE_REFUSED);
        tile(html, "", number(would), "would be refused (audit)");
        long refused = report.loads(Outcome.REFUSED);
        tile(html, "", number(refused), "refused (enforcing)");
        int open = report.openPackages();
        tile(html, report.hasRefusals() ? "alarm" : "fine", number(open), "packages to settle");
        html.raw("</ul>\n");
    }

    private static void tile(Html html, String style, String number, String label) throws IOException {
        html.raw("<li class=\"")
                .raw(style)
                .raw("\"><strong>")
                .raw(number)
                .raw("</strong><span>")
                .raw(label)
                .raw("</span></li>\n");
    }

    // ---------------------------------------------------------------------------------------------------- charts

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
            highest = Math.max(highest, sum(bar.outcomes()));
        }
        long step = niceStep(highest);
        long top = (highest + step - 1) / step * step;
        String span = span(report.timeline().barSeconds());
        html.raw("<section class=\"card wide\"><h2>Loads over time</h2>\n<p>Each bar spans ")
                .raw(span)
                .raw("; times are UTC.</p>\n");
        key(html);
        html.raw("<div class=\"time\"><div class=\"y\" aria-hidden=\"true\">");
        for (long tick = top; tick >= 0; tick -= step) {
            html.raw("<span>").raw(number(tick)).raw("</span>");
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
            if (sum(bar.outcomes()) > 0) {
                html.raw("<tr><th scope=\"row\">").raw(time(bar.start())).raw("</th>");
                for (long count : bar.outcomes()) {
                    html.raw("<td class=\"n\">").raw(number(count)).raw("</td>");
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
        long sum = sum(bar.outcomes());
        if (sum == 0) {
            return;
        }
        StringBuilder title = new StringBuilder(time(bar.start())).append(": ").append(plural(sum, "load"));
        for (Outcome outcome : OUTCOMES) {
            long count = bar.outcomes()[outcome.ordinal()];
            if (count > 0) {
                title.append(", ")
                        .append(number(count))
                        .append(' ')
                        .append(outcome.label().toLowerCase(Locale.ROOT));
            }
        }
        String x = decimal(left + slot * 0.12, 3) + "%\" width=\"" + decimal(slot * 0.76, 3) + "%\"";
        html.raw("<g><title>" + title + "</title><rect class=\"slot\" x=\"" + x + " y=\"0\" height=\"100%\"/>");
        long below = 0;
        for (Outcome outcome : OUTCOMES) {
            long count = bar.outcomes()[outcome.ordinal()];
            if (count > 0) {
                below += count;
                html.raw("<rect class=\"o" + outcome.ordinal() + "\" x=\"" + x + " y=\"" + share(below, top)
                        + "\" height=\"" + decimal(100.0 * count / top, 3) + "%\"/>");
            }
        }
        html.raw("</g>");
    }

    /** How far below the top of the plot a number is. */
    private static String share(long number, long top) {
        return decimal(100 - 100.0 * number / top, 3) + "%";
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
                .raw(percent(report.loads(Outcome.VERIFIED), loads))
                .raw(
                        " of loads verified; the figures stand beside\"><circle class=\"ring\" cx=\"20\" cy=\"20\" r=\"16\"/>");
        double before = 0;
        for (Outcome outcome : OUTCOMES) {
            double share = 100.0 * report.loads(outcome) / loads;
            if (share > 0) {
                html.raw("<circle class=\"s" + outcome.ordinal() + "\" cx=\"20\" cy=\"20\" r=\"16\" pathLength=\"100\""
                        + " stroke-dasharray=\"" + decimal(share, 3) + " " + decimal(100 - share, 3)
                        + "\" stroke-dashoffset=\"" + decimal(-before, 3) + "\" transform=\"rotate(-90 20 20)\"><title>"
                        + outcome.label() + ": " + number(report.loads(outcome)) + "</title></circle>");
                before += share;
            }
        }
        html.raw("<text class=\"big\" x=\"20\" y=\"21\">")
                .raw(percent(report.loads(Outcome.VERIFIED), loads))
                .raw("</text><text class=\"small\" x=\"20\" y=\"25.6\">verified</text></svg>\n<table><thead><tr><th"
                        + " scope=\"col\">Outcome</th><th scope=\"col\" class=\"n\">Loads</th><th scope=\"col\""
                        + " class=\"n\">Share</th></tr></thead><tbody>");
        for (Outcome outcome : OUTCOMES) {
            html.raw("<tr><th scope=\"row\">")
                    .raw(swatch(outcome))
                    .raw(outcome.label())
                    .raw("</th><td class=\"n\">")
                    .raw(number(report.loads(outcome)))
                    .raw("</td><td class=\"n\">")
                    .raw(percent(report.loads(outcome), loads))
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
                                ? "The " + MOST_BARS + " of " + number(tally.size()) + " with most refusals."
                                : "Most refusals first.")
                .raw("</p>\n<table class=\"bars\"><thead><tr><th scope=\"col\">")
                .raw(noun.substring(0, 1).toUpperCase(Locale.ROOT) + noun.substring(1))
                .raw("</th><td></td><th scope=\"col\" class=\"n\">Loads</th>" + "</tr></thead><tbody>\n");
        for (int i = 0; i < rows.size(); i++) {
            Tally.Row row = rows.get(i);
            if (i == Math.min(MOST_BARS, tally.size())) {
                html.raw("<tr><th scope=\"row\"><small>all others</small></th><td></td><td class=\"n\">")
                        .raw(number(row.loads()))
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
                    html.raw("<rect class=\"o" + o + "\" x=\"" + decimal(before, 3) + "%\" width=\"" + decimal(share, 3)
                            + "%\" height=\"100%\"/>");
                    before += share;
                }
            }
            html.raw("</svg></td><td class=\"n\">").raw(number(row.loads())).raw("</td></tr>\n");
        }
        html.raw("</tbody></table></section>\n");
    }

    private static String spoken(Tally.Row row) {
        List<String> parts = new ArrayList<>();
        for (Outcome outcome : OUTCOMES) {
            long count = row.outcomes()[outcome.ordinal()];
            if (count > 0) {
                parts.add(number(count) + " " + outcome.label().toLowerCase(Locale.ROOT));
            }
        }
        return String.join(", ", parts);
    }

    private void packageName(Html html, String path) throws IOException {
        int slash = path.lastIndexOf('/', path.length() - 2);
        html.raw("<bdi dir=\"ltr\">").text(cut(path.substring(slash + 1))).raw("</bdi>");
        if (slash > 0) {
            html.raw("<small><bdi dir=\"ltr\">")
                    .text(cut(path.substring(0, slash)))
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
            html.text(cut(name)).raw("<small><code>").text(brief).raw("</code></small>");
        }
    }

    private static String cut(String text) {
        int most = 90;
        return text.length() <= most
                ? text
                : text.substring(0, most / 2) + " … " + text.substring(text.length() - most / 2);
    }

    // ---------------------------------------------------------------------------------------------------- actions

    private void whatToDo(Html html) throws IOException {
        List<Finding> open = report.openFindings();
        if (open.isEmpty() && report.findingsLeftOut() == 0) {
            return;
        }
        html.raw(
                "<h2 class=\"part\">What to do</h2>\n<p>Most urgent first. In the commands, <code>cloacina</code> stands"
                        + " for <code>java -jar cloacina-guard.jar</code>; they need the store"
                        + " (<code>CLOACINA_DATABASE_URL</code>) and, to sign, <code>--kek-file</code>.</p>\n");
        if (report.orgs().size() == 1) {
            html.raw("<pre>export CLOACINA_ORG_ID=")
                    .text(Remedy.quoted(report.orgs().get(0)))
                    .raw("</pre>\n");
        }
        html.raw("<label class=\"filter\" hidden>Show only what contains<input type=\"search\""
                + " placeholder=\"path, host, signer\"></label>\n");
        String reason = null;
        String advice = null;
        List<Finding> shown = open.subList(0, Math.min(MOST_FINDINGS, open.size()));
        for (Finding finding : shown) {
            Remedy remedy = Remedy.of(finding, report, report.orgs().size() != 1);
            boolean newReason = !finding.reason().equals(reason);
            if (newReason || !remedy.advice().equals(advice)) {
                html.raw(reason == null ? "" : "</section>\n").raw("<section class=\"group\">\n");
            }
            if (newReason) {
                reason = finding.reason();
                advice = null;
                reasonHeading(html, reason, open);
            }
            if (!remedy.advice().equals(advice)) {
                advice = remedy.advice();
                html.raw("<p class=\"advice\">").text(advice).raw("</p>\n");
            }
            finding(html, finding, remedy);
        }
        html.raw(shown.isEmpty() ? "" : "</section>\n");
        long more = open.size() - shown.size();
        if (more > 0 || report.findingsLeftOut() > 0) {
            html.raw("<p class=\"advice\">Not shown here: ")
                    .raw(plural(more, "package"))
                    .raw(" (they are in the text and JSON forms of this report), and ")
                    .raw(plural(report.findingsLeftOut(), "refused load"))
                    .raw(" of packages that were too many to list.</p>\n");
        }
    }

    private static void reasonHeading(Html html, String reason, List<Finding> open) throws IOException {
        long count =
                open.stream().filter(finding -> finding.reason().equals(reason)).count();
        String meaning = Remedy.meaning(reason);
        html.raw("<div class=\"reason\"><h3>")
                .text(meaning.substring(0, 1).toUpperCase(Locale.ROOT) + meaning.substring(1))
                .raw("</h3><span class=\"pill")
                .raw(Remedy.rank(reason) < 2 ? " alarm" : "")
                .raw("\">")
                .raw(plural(count, "package"))
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
                .raw(plural(finding.loads(), "load"))
                .raw(finding.isStillLoaded() ? ", and still running when trust went" : "")
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
                        .text(cut(host))
                        .raw("</bdi>");
            }
            hosts++;
        }
        html.raw(hosts > MOST_HOSTS ? " and " + number(hosts - MOST_HOSTS) + " more" : "")
                .raw("</li><li>last ")
                .raw(time(finding.last()))
                .raw("</li>");
        if (finding.signer() != null) {
            String name = report.signerName(finding.signer());
            html.raw("<li>signer ")
                    .text(name == null ? "" : cut(name) + " ")
                    .raw("<code>")
                    .text(finding.signer()
                            .substring(0, Math.min(16, finding.signer().length())))
                    .raw("</code></li>");
        }
        html.raw("</ul>\n<dl>");
        for (Remedy.Step step : remedy.steps()) {
            command(html, step.when(), step.command());
        }
        if (remedy.exemptOption() != null) {
            command(html, "or let it load unverified, on record: option of the JVM", remedy.exemptOption());
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

    // ---------------------------------------------------------------------------------------------------- rest

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
                    .raw(time(finding.last()))
                    .raw("</span></li>\n");
        }
        if (settled.size() > MOST_SETTLED) {
            html.raw("<li>and more: ")
                    .raw(number(settled.size() - MOST_SETTLED))
                    .raw("</li>\n");
        }
        html.raw("</ul>\n");
    }

    private void notices(Html html) throws IOException {
        if (report.notices().isEmpty()) {
            return;
        }
        html.raw(
                "<h2 class=\"part\">Also on record</h2>\n<p>Changes of trust, and what happened to the guards themselves."
                        + "</p>\n<ul class=\"card plain\">\n");
        for (Report.Notice notice : report.notices()) {
            html.raw("<li><time>")
                    .raw(time(notice.time()))
                    .raw("</time> <span class=\"pill")
                    .raw(notice.type().startsWith("key.") ? "" : " alarm")
                    .raw("\">")
                    .text(notice.type())
                    .raw("</span> ")
                    .text(notice.text())
                    .raw(" <span class=\"where\">")
                    .text(cut(notice.host()))
                    .raw("</span></li>\n");
        }
        if (report.noticesLeftOut() > 0) {
            html.raw("<li>and before them: ")
                    .raw(number(report.noticesLeftOut()))
                    .raw("</li>\n");
        }
        html.raw("</ul>\n");
    }

    private void malformed(Html html) throws IOException {
        if (report.malformed() == 0) {
            return;
        }
        html.raw("<h2 class=\"part\">Lines that were left out</h2>\n<p>")
                .raw(plural(report.malformed(), "line"))
                .raw(
                        " of the record could not be read; what they said is not in this report.</p>\n<ul class=\"card plain\">\n");
        for (Report.MalformedLine line : report.malformedLines()) {
            html.raw("<li>")
                    .text(cut(line.file()))
                    .raw(" line ")
                    .raw(number(line.number()))
                    .raw(" <span class=\"where\">")
                    .text(line.why())
                    .raw("</span></li>\n");
        }
        html.raw("</ul>\n");
    }

    private void footer(Html html) throws IOException {
        html.raw("<footer>Made by <code>cloacina audit report</code> from ")
                .raw(plural(report.events(), "event"))
                .raw(". Whether the record itself is whole, <code>cloacina audit verify</code> says. A package that was"
                        + " not loaded in this time is not in here.</footer>\n");
    }

    // ---------------------------------------------------------------------------------------------------- words

    private static long sum(long[] outcomes) {
        long sum = 0;
        for (long one : outcomes) {
            sum += one;
        }
        return sum;
    }

    private static String plural(long count, String noun) {
        return number(count) + " " + noun + (count == 1 ? "" : "s");
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String decimal(double number, int places) {
        return String.format(Locale.ROOT, "%." + places + "f", number);
    }

    /** Cut off, not rounded: 100 % is all of them. */
    private static String percent(long part, long whole) {
        if (part == whole || part == 0) {
            return part == 0 ? "0 %" : "100 %";
        }
        long thousandths = Math.max(1, part * 1000 / whole);
        return (thousandths % 10 == 0 ? "" + thousandths / 10 : thousandths / 10 + "." + thousandths % 10) + " %";
    }

    private static String span(long seconds) {
        if (seconds < 60) {
            return plural(seconds, "second");
        }
        if (seconds < 3600) {
            return plural(seconds / 60, "minute");
        }
        return seconds < 86_400 ? plural(seconds / 3600, "hour") : plural(seconds / 86_400, "day");
    }

    private static String time(Instant time) {
        return TIME.format(time);
    }

    private String label(Instant time, boolean days) {
        return days ? DAY.format(time) : report.timeline().barSeconds() < 60 ? SECOND.format(time) : HOUR.format(time);
    }
}
