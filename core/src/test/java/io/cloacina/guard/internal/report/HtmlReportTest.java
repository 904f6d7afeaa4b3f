// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class HtmlReportTest {

    static final String HOSTILE = "/p/</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;\u202egnp"
            + "\u001b[31m\n\u0000\ud800.jar";

    static String page(Lines lines) throws Exception {
        StringBuilder page = new StringBuilder();
        new HtmlReport(lines.report(), Lines.NOON).write(page);
        return page.toString();
    }

    /** Everything hostile, everywhere. */
    static Lines hostile() {
        return new Lines()
                .on(HOSTILE, 1)
                .event("key.trusted.added", "key_fingerprint", Lines.STRANGER, "key_name", HOSTILE)
                .event("guard.degraded", "what", HOSTILE, HOSTILE, HOSTILE)
                .event("package.revoked.loaded", "package_path", HOSTILE)
                .wouldBeRefused(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
                .wouldBeRefused(HOSTILE, "untrusted_signer", Lines.STRANGER, "jar", HOSTILE)
                .wouldBeRefused(HOSTILE + "2", "tampered_package", HOSTILE, "jar", HOSTILE)
                .unsigned(HOSTILE)
                .unsigned("/settled" + HOSTILE)
                .verified("/settled" + HOSTILE)
                .raw("torn");
    }

    @Test
    void page_ofHostileText_holdsNoMarkupButItsOwn() throws Exception {
        String page = page(hostile());

        List<String> tags = new ArrayList<>();
        Matcher tag = Pattern.compile("<(/?[a-zA-Z!][a-zA-Z0-9]*)").matcher(page);
        while (tag.find()) {
            tags.add(tag.group(1));
        }
        assertTrue(tags.size() > 200, "the page was read");
        assertEquals(1, tags.stream().filter(name -> name.equals("script")).count());
        assertEquals(1, tags.stream().filter(name -> name.equals("/script")).count());
        assertFalse(tags.contains("img"));
        assertTrue(page.codePoints().noneMatch(c -> c < ' ' && c != '\n' || c == 0x7f || c == 0x202e));
        assertTrue(page.codePoints().noneMatch(c -> c >= 0xd800 && c <= 0xdfff), "no half characters");
        // In attributes nothing ends the quotes; outside there are no quotes from outside either.
        assertFalse(page.contains("\"'&amp;amp;"));
        assertTrue(page.contains("&quot;&#39;&amp;amp;"));
        assertTrue(page.contains("<span class=\"esc\">\\u202e</span>"));
    }

    @Test
    void page_policy_allowsItsOwnStyleAndScriptAndNothingElse() throws Exception {
        String page = page(hostile());

        Matcher policy = Pattern.compile("default-src 'none'; style-src '(.*?)'; script-src '(.*?)'; base-uri 'none';"
                        + " form-action 'none'")
                .matcher(page);
        assertTrue(policy.find());
        assertEquals(hash(page, "<style>", "</style>"), policy.group(1));
        assertEquals(hash(page, "<script>", "</script>"), policy.group(2));
        assertTrue(policy.start() < page.indexOf("<style>"));
        assertFalse(Pattern.compile("\\s(style|on[a-z]+|src|href)=")
                .matcher(markup(page))
                .find());
        assertFalse(page.contains("http:") || page.contains("https:"), "no address");
        assertFalse(page.contains("url("), "no address in the style");
    }

    private static String markup(String page) {
        StringBuilder markup = new StringBuilder();
        Matcher tag = Pattern.compile("<[a-z][^>]*>").matcher(page);
        while (tag.find()) {
            markup.append(tag.group());
        }
        return markup.toString();
    }

    private static String hash(String page, String from, String to) throws Exception {
        String text = page.substring(page.indexOf(from) + from.length(), page.indexOf(to, page.indexOf(from)));
        return "sha256-"
                + Base64.getEncoder()
                        .encodeToString(
                                MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void page_ofRecordedLines_saysWhatTextSays() throws Exception {
        ReportBuilder builder = new ReportBuilder(null, null, null, null);
        builder.read("audit-mode.jsonl", Lines.recorded("audit-mode.jsonl"));
        StringBuilder page = new StringBuilder();
        new HtmlReport(builder.build(), Lines.NOON).write(page);

        for (String expected : List.of(
                "<h1>5 packages would be refused</h1>",
                "/srv/host/plugins/tourist.jar",
                "cloacina sign --key e3bfe796ad973fd6 /srv/host/plugins/native-tourist.so"
                        + " /srv/host/plugins/tourist.jar",
                "export CLOACINA_ORG_ID=6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40",
                "Changed after it was signed",
                "28.5 %",
                "2026-11-22 19:36:40")) {
            assertTrue(page.indexOf(expected) > 0, expected);
        }
    }

    @Test
    void page_ofWhatLimitsTrust_saysReasonRemedyAndWhatThePackageIsSignedAs() throws Exception {
        String page = page(new Lines()
                .event(
                        "package.load.failure",
                        "package_path",
                        "/p/a.jar",
                        "failure_reason",
                        "outdated_package",
                        "error",
                        "OutdatedPackage: x",
                        "kind",
                        "jar",
                        "package_name",
                        "org.example:shop<",
                        "package_version",
                        "2.3.9")
                .wouldBeRefused("/p/b.jar", "withdrawn_package", Lines.RELEASE, "jar", "WithdrawnPackage: opens a port")
                .wouldBeRefused("/p/c.jar", "expired_signature", Lines.RELEASE, "jar", "x")
                .wouldBeRefused("/p/d.jar", "too_few_signers", Lines.RELEASE, "jar", "x")
                .event("package.revoked.loaded", "package_path", "/p/e.jar", "reason", "package_withdrawn")
                .event("package.withdrawn", "package_hash", "ab", "reason", "opens a port"));

        for (String expected : List.of(
                "<li>signed as <bdi dir=\"ltr\">org.example:shop&lt;</bdi> 2.3.9</li>",
                "Older than the lowest version that counts",
                "cloacina package floor &#39;org.example:shop&lt;&#39; 2.3.9",
                "Withdrawn, however it is signed",
                "WithdrawnPackage: opens a port",
                "cloacina package reinstate HASH",
                "The signature&#39;s time is over",
                "Signed by fewer keys than are required",
                "and still running when it was withdrawn",
                "<span class=\"pill\">package.withdrawn</span> SHA-256 ab: opens a port")) {
            assertTrue(page.contains(expected), () -> expected + " is not in " + page);
        }
    }

    @Test
    void page_everyChart_hasFiguresAsText() throws Exception {
        String page = page(
                new Lines().verified("/a.jar").unsigned("/b.jar").on("h", 1).refused("/c.jar"));

        assertTrue(page.contains("The figures as a table"));
        Matcher charts = Pattern.compile("<svg class=\"bar\" role=\"img\" aria-label=\"([^\"]+)\">")
                .matcher(page);
        int bars = 0;
        while (charts.find()) {
            bars++;
            assertFalse(charts.group(1).isBlank());
        }
        assertTrue(bars >= 7, "bars: " + bars);
        assertTrue(page.contains("<html lang=\"en\">"));
    }

    @Test
    void page_whereNothingWouldBeRefused_saysSo() throws Exception {
        String page = page(new Lines().verified("/a.jar"));

        assertTrue(page.contains("<h1>Nothing would be refused</h1>"));
        assertTrue(page.contains("verdict good"));
        assertFalse(page.contains("What to do"));
        assertTrue(page.contains("100 %"));
    }

    @Test
    void page_ofNothing_isNoProof() throws Exception {
        String page = page(new Lines());

        assertTrue(page.contains("<h1>No load is on record</h1>"));
        assertTrue(page.contains("no proof"));
        assertFalse(page.contains("verdict good"));
    }

    @Test
    void page_ofManyPackages_isOfBoundedSize() throws Exception {
        Lines lines = new Lines();
        for (int i = 0; i < 3000; i++) {
            lines.unsigned("/" + i + "/" + "x".repeat(200));
        }
        String page = page(lines);

        assertTrue(page.contains("Not shown here: 2,500 packages"));
        assertTrue(page.length() < 2_000_000, "length: " + page.length());
    }
}
