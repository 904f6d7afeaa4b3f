// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;

/**
 * A report as one page of HTML that stands alone: no other file, no network, and everything in it without its script.
 *
 * <p>Its Content-Security-Policy lets nothing run or load but the page's own style and script, by their hashes. So
 * there are no style attributes; bars are SVG, whose sizes are attributes of their own.
 */
public final class HtmlReport {

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
            new HtmlCharts(report).write(html);
        }
        new HtmlActions(report).write(html);
        new HtmlRemarks(report).write(html);
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

    private void header(Html html) throws IOException {
        html.raw(
                        "<header><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path class=\"shield\" d=\"M12 1.5 3.5 4.6v6.6"
                                + "c0 5.3 3.5 9.6 8.5 11.3 5-1.7 8.5-6 8.5-11.3V4.6z\"/><path class=\"check\" d=\"m8 12 2.9 2.9"
                                + "L16.2 9\"/></svg><b>Cloacina Guard</b><span>Report on what JVMs load</span><span"
                                + " class=\"made\">made ")
                .raw(HtmlWords.time(made))
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
        return HtmlWords.plural(open, "package") + (report.findingsLeftOut() > 0 ? " and more" : "")
                + " would be refused";
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
                    .raw(HtmlWords.plural(report.loads(), "load"))
                    .raw(" on ")
                    .raw(HtmlWords.plural(report.hosts().size(), "host"))
                    .raw(", ")
                    .raw(HtmlWords.time(report.first()))
                    .raw(" to ")
                    .raw(HtmlWords.time(report.last()))
                    .raw(" UTC.");
        }
        html.raw("</p>\n</div>\n");
    }

    private void tiles(Html html) throws IOException {
        html.raw("<ul class=\"tiles\">\n");
        long verified = report.loads(Outcome.VERIFIED);
        tile(html, "", HtmlWords.number(report.loads()), report.loads() == 1 ? "load" : "loads");
        tile(html, verified == report.loads() ? "fine" : "", HtmlWords.percent(verified, report.loads()), "verified");
        long would = report.loads(Outcome.WOULD_BE_REFUSED);
        tile(html, "", HtmlWords.number(would), "would be refused (audit)");
        long refused = report.loads(Outcome.REFUSED);
        tile(html, "", HtmlWords.number(refused), "refused (enforcing)");
        int open = report.openPackages();
        tile(html, report.hasRefusals() ? "alarm" : "fine", HtmlWords.number(open), "packages to settle");
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

    private void footer(Html html) throws IOException {
        html.raw("<footer>Made by <code>cloacina audit report</code> from ")
                .raw(HtmlWords.plural(report.events(), "event"))
                .raw(
                        ". Whether the audit log itself is whole, <code>cloacina audit verify</code> says. A package that was"
                                + " not loaded in this time is not in here.</footer>\n");
    }
}
