// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportBuilderTest {

    private static Report recorded(String... names) throws IOException {
        ReportBuilder builder = new ReportBuilder(null, null, null, null);
        for (String name : names) {
            builder.read(name, Lines.recorded(name));
        }
        return builder.build();
    }

    @Test
    void recorded_auditMode_isGroupedByReasonAndSigner() throws Exception {
        Report report = recorded("audit-mode.jsonl");

        assertEquals(7, report.loads());
        assertEquals(2, report.loads(Outcome.VERIFIED));
        assertEquals(5, report.loads(Outcome.WOULD_BE_REFUSED));
        assertTrue(report.hasRefusals());
        assertEquals(
                List.of(
                        "tampered_package keeper.jar",
                        "tampered_package native-keeper.so",
                        "untrusted_signer pirate.jar",
                        "signature_not_found native-tourist.so",
                        "signature_not_found tourist.jar"),
                report.openFindings().stream()
                        .map(finding -> finding.reason() + finding.path().replaceFirst(".*/", " "))
                        .toList());
        assertEquals("e3bfe796ad973fd6", report.signingKey());
    }

    @Test
    void recorded_bothModes_countApartAndFilterByMode() throws Exception {
        Report both = recorded("enforcing.jsonl", "audit-mode.jsonl");
        assertEquals(5, both.loads(Outcome.REFUSED));
        assertEquals(5, both.loads(Outcome.WOULD_BE_REFUSED));
        assertEquals(
                Map.of("enforcing.jsonl", 1L, "audit-mode.jsonl", 1L),
                both.findings().get(0).hosts());

        ReportBuilder builder = new ReportBuilder(null, null, "enforcing", null);
        builder.read("e", Lines.recorded("enforcing.jsonl"));
        builder.read("a", Lines.recorded("audit-mode.jsonl"));
        assertEquals(7, builder.build().loads());
        assertEquals(2, builder.build().loads(Outcome.VERIFIED));
    }

    @Test
    void outcomes_exemptAndCovered_areNoRefusals() throws Exception {
        Report report = new Lines()
                .event(
                        "package.load.success",
                        "package_path",
                        "/exempt.jar",
                        "signature_verified",
                        false,
                        "failure_reason",
                        "exempt")
                .event(
                        "package.load.success",
                        "package_path",
                        "/lib/libz.so",
                        "signature_verified",
                        false,
                        "covered_by",
                        "cloacina.system_libraries")
                .report();

        assertEquals(1, report.loads(Outcome.EXEMPT));
        assertEquals(1, report.loads(Outcome.COVERED));
        assertFalse(report.hasRefusals());
    }

    @Test
    void package_thatVerifiesLater_isSettled() throws Exception {
        Report report = new Lines()
                .unsigned("/a.jar")
                .unsigned("/b.jar")
                .verified("/a.jar")
                .report();

        assertEquals(List.of("/b.jar"), Lines.open(report));
        assertEquals("/a.jar", report.settledFindings().get(0).path());
        assertEquals(1, report.openPackages());
        assertFalse(new Lines().unsigned("/a.jar").verified("/a.jar").report().hasRefusals());
    }

    @Test
    void package_thatVerifiesLaterOnOneHostOnly_staysOpen() throws Exception {
        Lines lines = new Lines().on("one", 1).unsigned("/a.jar").on("two", 1).unsigned("/a.jar");

        assertEquals(
                List.of("/a.jar"),
                Lines.open(lines.on("one", 1).verified("/a.jar").report()));
        assertEquals(List.of(), Lines.open(lines.on("two", 2).verified("/a.jar").report()));
    }

    @Test
    void package_thatVerifiedEarlier_isOpenWhateverTheOrderOfLines() throws Exception {
        Report report = new Lines()
                .unsigned("/a.jar")
                .at(Lines.NOON.minusSeconds(60))
                .verified("/a.jar")
                .report();

        assertEquals(List.of("/a.jar"), Lines.open(report));
    }

    @Test
    void classOfAVerifiedPackage_thatIsRefused_isNotSettledByThePackage() throws Exception {
        Report report = new Lines()
                .wouldBeRefused("/a.jar", "tampered_package", null, "class", "the bytes of class A are not those")
                .verified("/a.jar")
                .report();

        assertEquals(List.of("/a.jar"), Lines.open(report));
    }

    @Test
    void hosts_areWhatLinesSayElseTheFile() throws Exception {
        Report report = new Lines()
                .unsigned("/a.jar")
                .on("db7.example.org", 4)
                .unsigned("/a.jar")
                .report();

        assertEquals(
                Map.of("a.jsonl", 1L, "db7.example.org", 1L),
                report.findings().get(0).hosts());
    }

    @Test
    void mode_ofVerifiedLoads_isThatOfTheirProcessAcrossFiles() throws Exception {
        ReportBuilder builder = new ReportBuilder(null, null, "audit", null);
        builder.read(
                "old",
                new Lines()
                        .on("h", 1)
                        .event("guard.started", "mode", "audit")
                        .on("h", 2)
                        .event("guard.started", "mode", "enforcing")
                        .in());
        builder.read(
                "new",
                new Lines().on("h", 1).verified("/a").on("h", 2).verified("/b").in());

        assertEquals(1, builder.build().loads());
        assertEquals("/a", builder.build().packages().top(5, "").get(0).name());
    }

    @Test
    void sinceAndUntil_leaveOutWhatIsOutside() throws Exception {
        Lines lines = new Lines().unsigned("/0").unsigned("/1").unsigned("/2");

        Report report = lines.report(Lines.NOON.plusSeconds(1), Lines.NOON.plusSeconds(2), null, null);

        assertEquals(List.of("/1"), Lines.open(report));
        assertEquals(1, report.events());
        assertEquals(2, report.eventsOutside());
    }

    @Test
    void malformedLines_areCountedAndTheFirstAreTold() throws Exception {
        Report report = new Lines().raw("x\n".repeat(50)).verified("/a").report();

        assertEquals(50, report.malformed());
        assertEquals(20, report.malformedLines().size());
        assertEquals(
                new Report.MalformedLine("a.jsonl", 20, "not a JSON object with a time"),
                report.malformedLines().get(19));
        assertEquals(1, report.events());
    }

    @Test
    void packages_beyondTheLimit_areCountedAndStillRefused() throws Exception {
        Lines lines = new Lines();
        for (int i = 0; i < 10_050; i++) {
            lines.unsigned("/" + i);
        }
        Report report = lines.report();

        assertEquals(10_000, report.findings().size());
        assertEquals(50, report.findingsLeftOut());
        assertEquals(10_050, report.loads());
        List<Tally.Row> top = report.packages().top(3, "others");
        assertEquals(4, top.size());
        assertEquals(new Tally.Row("others", top.get(3).outcomes()).loads(), 10_047);
    }

    @Test
    void paths_ofManyMegabytes_areCountedNotKept() throws Exception {
        Lines lines = new Lines();
        for (int i = 0; i < 40; i++) {
            lines.unsigned("/" + i + "x".repeat(200_000));
        }
        Report report = lines.report();

        assertEquals(40, report.loads());
        assertTrue(report.findingsLeftOut() > 0);
        assertTrue(report.findings().size() < 20);
        assertTrue(report.hasRefusals());
    }

    @Test
    void timeline_anySpan_hasFewBarsThatAddUp() throws Exception {
        for (long spread : new long[] {0, 1, 59, 3600, 86_400, 40 * 86_400L, 3000 * 86_400L, 2_000_000_000_00L}) {
            Lines lines = new Lines();
            for (int i = 0; i <= 100; i++) {
                lines.at(Instant.ofEpochSecond(1000 + i * spread / 100)).verified("/a");
            }
            Timeline timeline = lines.report().timeline();
            List<Timeline.Bar> bars = timeline.bars();

            assertTrue(bars.size() <= 81, spread + ": " + bars.size());
            assertEquals(101, bars.stream().mapToLong(bar -> bar.outcomes()[0]).sum());
            for (int i = 1; i < bars.size(); i++) {
                assertEquals(
                        timeline.barSeconds(),
                        bars.get(i).start().getEpochSecond()
                                - bars.get(i - 1).start().getEpochSecond());
            }
        }
    }

    @Test
    void timeline_moreTimesThanBuckets_losesNone() throws Exception {
        Lines lines = new Lines();
        for (int i = 0; i < 5000; i++) {
            lines.at(Lines.NOON.plusSeconds(i * 7L)).verified("/a");
        }

        assertEquals(
                5000,
                lines.report().timeline().bars().stream()
                        .mapToLong(bar -> bar.outcomes()[0])
                        .sum());
    }
}
