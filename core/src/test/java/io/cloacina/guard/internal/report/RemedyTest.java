// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.text.ShellWord;
import io.cloacina.guard.verify.Refusal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemedyTest {

    private static Remedy of(Lines lines) throws Exception {
        Report report = lines.report(null, null, null, "release");
        return Remedy.of(report.findings().get(0), report, false);
    }

    private static Remedy of(String path, String reason, String kind, String error) throws Exception {
        return of(new Lines().wouldBeRefused(path, reason, Lines.STRANGER, kind, error));
    }

    private static List<String> commands(Remedy remedy) {
        return remedy.steps().stream().map(Remedy.Step::command).toList();
    }

    @Test
    void withdrawn_isReplacedAndReinstatedOnlyByMistake() throws Exception {
        Remedy remedy = of("/p/a.jar", "withdrawn_package", "jar", "");

        assertEquals("replace", remedy.word());
        assertEquals(1, remedy.steps().size());
        assertTrue(remedy.steps().get(0).needsDecision());
        assertTrue(commands(remedy).get(0).startsWith("cloacina package reinstate "), remedy::toString);
        assertNull(remedy.exemptOption());
    }

    @Test
    void unsigned_fileDirectoryAndNative_isToBeSigned() throws Exception {
        assertEquals(
                List.of("cloacina sign --key release /p/a.jar"),
                commands(of("/p/a.jar", "signature_not_found", "jar", "")));
        assertEquals(
                List.of("cloacina sign --key release --tree '/p/a b'"),
                commands(of("/p/a b", "signature_not_found", "directory", "")));
        assertEquals(
                "-Dcloacina.exempt=/p/a.so",
                of("/p/a.so", "signature_not_found", "native", "").exemptOption());
    }

    @Test
    void expired_isToBeSignedAnewForLonger() throws Exception {
        Remedy remedy = of("/p/a.jar", "expired_signature", "jar", "ExpiredSignature: x");

        assertEquals("resign", remedy.word());
        assertEquals(List.of("cloacina sign --key release --format 2 --expires TIME /p/a.jar"), commands(remedy));
        assertTrue(remedy.steps().get(0).needsDecision());
    }

    @Test
    void outdated_isToBeReplacedByANewerOne() throws Exception {
        Remedy remedy = of("/p/a.jar", "outdated_package", "jar", "OutdatedPackage: x");

        assertEquals("restore", remedy.word());
        assertEquals(List.of("cloacina package floor --list", "cloacina package floor NAME VERSION"), commands(remedy));
        assertNull(remedy.exemptOption());
    }

    @Test
    void tooFewSigners_isToBeSignedByAnother() throws Exception {
        assertEquals(
                List.of("cloacina sign --key OTHER_KEY --no-detached --tree '/p/a b'"),
                commands(of("/p/a b", "too_few_signers", "directory", "TooFewSigners: x")));
    }

    @Test
    void limitedKey_isNotToBeTrustedAnewButForMore() throws Exception {
        String error = "UntrustedSigner: the detached signature is by key " + Lines.STRANGER
                + " (vendor), which is trusted for packages called [org.example:*] only; this one is called [x]";

        assertEquals(
                List.of(
                        "cloacina trust list",
                        "cloacina trust limit " + Lines.STRANGER + " --for NAME",
                        "cloacina sign --key release --format 2 /p/a.jar"),
                commands(of("/p/a.jar", "untrusted_signer", "jar", error)));
    }

    /** What a host would be refused again is no remedy. */
    @Test
    void unsigned_whereVersion1DoesNotCount_isSignedInFormat2() throws Exception {
        for (String error : List.of(
                "SignatureNotFound: there is a signature of version 1, which does not count (cloacina.signature_format is 2)",
                "SignatureNotFound: no signature of version 2: no file [/p/a.jar.sig]")) {
            Lines lines = new Lines()
                    .wouldBeRefused("/p/a.jar", "signature_not_found", null, "jar", error)
                    .unsigned("/p/b.jar");
            assertEquals(
                    List.of("cloacina sign --key release --format 2 /p/a.jar"),
                    commands(of("/p/a.jar", "signature_not_found", "jar", error)));
            assertEquals(
                    List.of("cloacina sign --key release /p/b.jar", "cloacina sign --key release --format 2 /p/a.jar"),
                    Plan.of(lines.report(null, null, null, "release")).commands().stream()
                            .map(Plan.Command::command)
                            .toList());
        }
    }

    private static Remedy named(String reason, String error, String name, String version) throws Exception {
        return of(new Lines()
                .event(
                        "package.load.failure",
                        "package_path",
                        "/p/a.jar",
                        "failure_reason",
                        reason,
                        "error",
                        error,
                        "signer_fingerprint",
                        Lines.STRANGER,
                        "kind",
                        "jar",
                        "package_name",
                        name,
                        "package_version",
                        version));
    }

    @Test
    void limits_ofAPackageWhoseNameIsOnRecord_areLiftedByThatName() throws Exception {
        String limited = "UntrustedSigner: the detached signature is by key " + Lines.STRANGER
                + ", which is trusted for packages called [b] only; this one is called [a b]";

        assertTrue(commands(named("outdated_package", "x", "a b", "1.0'"))
                .contains("cloacina package floor 'a b' " + ShellWord.of("1.0'")));
        assertTrue(commands(named("untrusted_signer", limited, "a b", "1"))
                .contains("cloacina trust limit " + Lines.STRANGER + " --for 'a b'"));
        assertTrue(commands(named("untrusted_signer", limited, "--none", "1"))
                .contains("cloacina trust limit " + Lines.STRANGER + " --for NAME"));
        assertEquals(
                List.of("cloacina sign --key OTHER_KEY --no-detached --format 2 /p/a.jar"),
                commands(named("too_few_signers", "x", "a", "1")));
    }

    @Test
    void limitedKey_whoseTimeIsOver_isTrustedForLonger() throws Exception {
        String error = "UntrustedSigner: a stored signature is by key " + Lines.STRANGER
                + ", which is trusted until 2026-01-01T00:00:00Z only";

        assertTrue(commands(of("/p/a.jar", "untrusted_signer", "jar", error))
                .contains("cloacina trust limit " + Lines.STRANGER + " --until TIME"));
    }

    @Test
    void unsigned_withoutAKnownKey_leavesItToTheReader() throws Exception {
        Report report = new Lines().unsigned("/a.jar").report();

        assertEquals(
                List.of("cloacina sign --org " + Lines.ORG + " --key KEY /a.jar"),
                commands(Remedy.of(report.findings().get(0), report, true)));
    }

    @Test
    void unsigned_withoutAFile_isSignedByItsContent() throws Exception {
        Remedy url = of("https://example.org/a.jar", "signature_not_found", "jar", "");
        assertEquals(List.of("cloacina sign --key release --no-detached FILE"), commands(url));
        assertNull(url.exemptOption());
    }

    @Test
    void unsigned_whoseNameIsNotWholeOrNotText_isNotNamed() throws Exception {
        assertEquals(
                List.of("cloacina sign --key release --no-detached FILE"),
                commands(of("/p/\ufffd.jar", "signature_not_found", "jar", "")));
        Lines cut = new Lines()
                .event(
                        "package.load.failure",
                        "package_path",
                        "/p/" + "x".repeat(4000),
                        "failure_reason",
                        "signature_not_found",
                        "kind",
                        "jar",
                        "truncated",
                        Map.of("package_path", 5000));
        assertFalse(commands(of(cut)).get(0).contains("xxx"));
        assertNull(of(cut).exemptOption());
    }

    @Test
    void tampered_isLookedAtFirstAndNeverExempted() throws Exception {
        Remedy remedy = of("/a.jar", "tampered_package", "jar", "");

        assertEquals("restore", remedy.word());
        assertEquals(List.of("cloacina verify /a.jar", "cloacina sign --key release /a.jar"), commands(remedy));
        assertEquals("only if the change is yours", remedy.steps().get(1).when());
        assertNull(remedy.exemptOption());
        assertEquals(
                List.of("cloacina verify --tree /a", "cloacina sign --key release --tree /a"),
                commands(of("/a", "tampered_package", "directory", "")));
    }

    @Test
    void tampered_class_isAboutWeaving() throws Exception {
        Remedy remedy = of("/a.jar", "tampered_package", "class", "the bytes of class A are not those");

        assertTrue(remedy.advice().contains("-Dcloacina.woven_classes=allow"));
        assertEquals(List.of(), remedy.steps());
    }

    @Test
    void untrusted_isComparedBeforeItIsTrusted() throws Exception {
        Remedy remedy = of("/a.jar", "untrusted_signer", "jar", "which is not trusted");

        assertEquals("trust", remedy.word());
        assertEquals("must print " + Lines.STRANGER, remedy.steps().get(0).when());
        assertEquals("cloacina trust add SIGNER.pem", remedy.steps().get(1).command());
    }

    @Test
    void revoked_isNeverTrustedAgain() throws Exception {
        Remedy remedy =
                of("/a.jar", "untrusted_signer", "jar", "by key x, revoked 2026-01-01T00:00:00Z by organisation y");

        assertEquals(List.of("cloacina sign --key release /a.jar"), commands(remedy));
        assertFalse(remedy.toString().contains("trust add"));
        assertNull(remedy.exemptOption());
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void everyReason_hasAMeaningAndAdvice(Refusal refusal) throws Exception {
        Remedy remedy = of("/a.jar", refusal.code(), "jar", "");

        assertFalse(remedy.advice().isEmpty());
        assertFalse(Remedy.meaning(refusal.code()).contains("does not know"), refusal.code());
    }

    @Test
    void unknownReason_ofALaterVersion_sendsToDoctor() throws Exception {
        assertEquals(List.of("cloacina doctor"), commands(of("/a.jar", "brand_new", "jar", "")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/p/it's.jar",
                "/p/$(touch pwned).jar",
                "/p/`id`;rm -rf ~ #.jar",
                "/p/new\nline\r.jar",
                "/p/\u001b[31mred\u001b]0;title\u0007.jar",
                "/p/\u202egnp.jar",
                "/p/\u05d0\u05d1.jar",
                "/p/back\\slash\\n\u0001.jar",
                "/p/'\u0001'.jar",
                "/p/\u00017.jar",
                "/p/größe-\u65e5\u672c.jar",
                "/p/\ud83d\ude00.jar",
                "/p/*?[a]{b,c}.jar",
                "/p/!history.jar",
                "/p/ ",
                "-rf",
                "",
            })
    void shellWord_anything_isOneWordThatTheShellGivesBack(String text) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "bash is not installed");
        String word = ShellWord.of(text);
        Process shell = new ProcessBuilder("/bin/bash", "-c", "printf '%s|' " + word)
                .redirectErrorStream(true)
                .start();
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(text + "|", said, word);
        assertTrue(word.codePoints().noneMatch(c -> c < ' ' || c == 0x7f || c == 0x202e || c == 0x5d0), word);
    }

    @Test
    void shellWord_whatNeedsNoQuotes_hasNone() {
        assertEquals("/srv/a-1.2_3+b@c:d%e=f.jar", ShellWord.of("/srv/a-1.2_3+b@c:d%e=f.jar"));
        assertEquals("'/srv/größe'", ShellWord.of("/srv/größe"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/p/a.jar",
                "/p/a,b.jar",
                "/p/*.jar",
                "/p/[x]{y}?.jar",
                "/p/back\\slash.jar",
                "/p/ends in space ",
                "/p/new\nline.jar"
            })
    void exemption_ofAPath_letsThatPathLoadAndNotItsNeighbours(String path) throws Exception {
        String option = of(path, "signature_not_found", "jar", "").exemptOption();
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "bash is not installed");
        Process shell = new ProcessBuilder("/bin/bash", "-c", "printf %s " + option).start();
        String given = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String prefix = "-Dcloacina.exempt=";
        assertTrue(given.startsWith(prefix), given);

        GuardConfig config = GuardConfig.read(Map.of("cloacina.exempt", given.substring(prefix.length())), Map.of());
        assertTrue(config.isExempt(Path.of(path)), given);
        assertFalse(config.isExempt(Path.of(path + "x")), given);
        assertFalse(config.isExempt(Path.of("/p/other.jar")), given);
        assertFalse(config.isExempt(Path.of("/p/sub/a.jar")), given);
    }
}
