// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What the report says of signers: whose trust is gone, limited or never was. */
class ReportOfTrustTest {

    @Test
    void signers_revokedAndUntrusted_areApart() throws Exception {
        Report report = new Lines()
                .wouldBeRefused(
                        "/a",
                        "untrusted_signer",
                        Lines.STRANGER,
                        "jar",
                        "a stored signature is by key " + Lines.STRANGER + " (old), revoked 2026-01-12T08:00:00Z by"
                                + " organisation " + Lines.ORG)
                .wouldBeRefused("/b", "untrusted_signer", Lines.STRANGER, "jar", "by a key which is not trusted")
                .report();

        assertTrue(report.findings().get(0).isSignerRevoked());
        assertFalse(report.findings().get(1).isSignerRevoked());
    }

    @Test
    void signingKey_thatWasRevoked_isNotRecommended() throws Exception {
        Lines lines = new Lines().verified("/a").verified("/b");
        assertEquals(Lines.RELEASE.substring(0, 16), lines.report().signingKey());

        lines.wouldBeRefused(
                "/c", "untrusted_signer", Lines.RELEASE, "jar", "by key x, revoked 2026 by organisation y");
        assertNull(lines.report().signingKey());
        assertEquals("mine", lines.report(null, null, null, "mine").signingKey());
    }

    @Test
    void packageThatRunsWhenTrustGoes_isOpenUntilItLoadsWellAgain() throws Exception {
        Lines lines = new Lines()
                .verified("/a")
                .event(
                        "package.revoked.loaded",
                        "package_path",
                        "/a",
                        "signer_fingerprint",
                        Lines.RELEASE,
                        "kind",
                        "jar",
                        "reason",
                        "key_revoked");
        Report report = lines.report();

        assertEquals(List.of("/a"), Lines.open(report));
        Finding finding = report.findings().get(0);
        assertTrue(finding.isStillLoaded());
        assertTrue(finding.isSignerRevoked());
        assertEquals(0, finding.loads());
        assertEquals("resign", Remedy.of(finding, report, false).word());
        assertNull(report.signingKey(), "not the key that was revoked");
        assertTrue(report.notices().get(0).text().contains("/a"));
        assertFalse(lines.verified("/a").report().hasRefusals());
    }

    @Test
    void packageThatRunsWhenItIsWithdrawn_isOpenAsWithdrawn() throws Exception {
        Lines lines = new Lines()
                .verified("/a")
                .event(
                        "package.revoked.loaded",
                        "package_path",
                        "/a",
                        "signer_fingerprint",
                        Lines.RELEASE,
                        "kind",
                        "jar",
                        "reason",
                        "package_withdrawn");

        Finding finding = lines.report().findings().get(0);

        assertEquals("withdrawn_package", finding.reason());
        assertTrue(finding.isStillLoaded());
        assertFalse(finding.isSignerRevoked());
        assertFalse(lines.verified("/a").report().hasRefusals());
    }

    @Test
    void packageThatRunsWhenItsKeyIsLimited_isOneOfALimitedKeyAndNotOfARevokedOne() throws Exception {
        Report report = new Lines()
                .verified("/a")
                .event(
                        "package.revoked.loaded",
                        "package_path",
                        "/a",
                        "signer_fingerprint",
                        Lines.RELEASE,
                        "kind",
                        "jar",
                        "reason",
                        "key_limited",
                        "error",
                        "its signer's key is " + Lines.RELEASE + ", which is trusted until 2026-01-01T00:00:00Z only")
                .report();

        Finding finding = report.findings().get(0);
        assertEquals("untrusted_signer", finding.reason());
        assertFalse(finding.isSignerRevoked());
        assertEquals("trust", Remedy.of(finding, report, false).word());
        assertNull(report.signingKey());
    }

    @Test
    void signingKey_thatMetItsLimit_isNotRecommended() throws Exception {
        Lines lines = new Lines().verified("/a");
        assertNotNull(lines.report().signingKey());

        lines.wouldBeRefused(
                "/b",
                "untrusted_signer",
                Lines.RELEASE,
                "jar",
                "UntrustedSigner: the detached signature is by key " + Lines.RELEASE
                        + ", which is trusted until 2026-01-01T00:00:00Z only");

        assertNull(lines.report().signingKey());
    }

    @Test
    void changesOfWhatLimitsTrust_areNoticesAndNoAlarms() throws Exception {
        Report report = new Lines()
                .event("package.withdrawn", "package_path", "/p/a.jar", "package_hash", "ab", "reason", "opens a port")
                .event("package.reinstated", "org_id", new UUID(0, 0).toString(), "package_hash", "ab")
                .event("package.floor.set", "package_name", "org.example:shop", "minimum_version", "2.4")
                .event("package.floor.removed", "package_name", "org.example:shop", "minimum_version", "2.4")
                .event("key.trusted.limited", "key_fingerprint", "cd", "package_names", "a:*\nb", "not_after", "2027")
                .event("key.trusted.limited", "key_fingerprint", "cd", "package_names", null, "not_after", null)
                .event("package.revoked.loaded", "package_path", "/p/a.jar", "reason", "package_withdrawn")
                .report();

        assertEquals(
                List.of(
                        "/p/a.jar, SHA-256 ab: opens a port",
                        "SHA-256 ab, for every organisation",
                        "org.example:shop 2.4",
                        "org.example:shop 2.4",
                        "key cd, for packages called [a:*, b] only, until 2027",
                        "key cd, not limited any more"),
                report.notices().subList(0, 6).stream().map(Report.Notice::text).toList());
        assertEquals(
                List.of(false, false, false, false, false, false, true),
                report.notices().stream().map(Report.Notice::isAlarm).toList());
    }

    @Test
    void namesOfSigners_areLearnedFromTheCommandLinesEvents() throws Exception {
        Report report = new Lines()
                .event("key.trusted.added", "key_fingerprint", Lines.RELEASE, "key_name", "release")
                .verified("/a")
                .report();

        assertEquals("release", report.signerName(Lines.RELEASE));
        assertNull(report.signerName(Lines.STRANGER));
        assertNull(report.signerName(null));
    }
}
