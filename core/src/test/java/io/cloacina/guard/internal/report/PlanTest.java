// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pasting the commands as they are printed, in their order, must lead to the result that they name. */
class PlanTest {

    private static final String SIGN = "cloacina sign --key release ";

    @TempDir
    Path directory;

    private static Plan plan(Lines lines) throws Exception {
        return Plan.of(lines.report(null, null, null, "release"));
    }

    private static List<String> commands(Lines lines) throws Exception {
        return plan(lines).commands().stream().map(Plan.Command::command).toList();
    }

    private static List<String> options(Lines lines) throws Exception {
        return plan(lines).options().stream().map(Plan.Option::option).toList();
    }

    private static Lines unsigned(Lines lines, String kind, Object path, String hash) {
        return lines.event(
                "package.load.success",
                "package_path",
                path,
                "package_hash",
                hash.repeat(64),
                "signature_verified",
                false,
                "kind",
                kind,
                "failure_reason",
                "signature_not_found");
    }

    private static Lines verified(Lines lines, String kind, Object path, String hash) {
        return lines.event(
                "package.load.success",
                "package_path",
                path,
                "package_hash",
                hash.repeat(64),
                "signer_fingerprint",
                Lines.RELEASE,
                "signature_verified",
                true,
                "kind",
                kind);
    }

    private static Remedy only(Lines lines) throws Exception {
        Report report = lines.report(null, null, null, "release");
        assertEquals(1, report.openFindings().size(), report::toString);
        return Plan.of(report).remedy(report.openFindings().get(0));
    }

    @Test
    void membersOfATree_areSignedBeforeIt_andInnerTreesBeforeOuterOnes() throws Exception {
        Lines lines = new Lines();
        for (String tree : List.of("/srv/app", "/srv/app/inner", "/srv/app/inner/most", "/srv/b")) {
            unsigned(lines, "directory", tree, "1");
        }
        unsigned(lines, "jar", "/srv/app/lib/z.jar", "2");

        assertEquals(
                List.of(
                        SIGN + "/srv/app/lib/z.jar",
                        SIGN + "--tree /srv/app/inner/most --tree /srv/b",
                        SIGN + "--tree /srv/app/inner",
                        SIGN + "--tree /srv/app"),
                commands(lines));
    }

    @Test
    void manyFilesOfADirectory_whenNothingElseIsKnownOfIt_areSignedByItsName() throws Exception {
        Lines lines = new Lines();
        for (String name : List.of("a.jar", "b.jar", "c.jar", "d e.jar")) {
            unsigned(lines, "jar", "/srv/plugins/" + name, "1");
        }
        unsigned(lines, "jar", "/srv/other/x.jar", "2");

        assertEquals(List.of(SIGN + "/srv/other/x.jar /srv/plugins"), commands(lines));
    }

    @Test
    void directoryWithAChangedPackage_isNeverSignedByItsName() throws Exception {
        Lines lines = new Lines();
        for (String name : List.of("a.jar", "b.jar", "c.jar")) {
            unsigned(lines, "jar", "/srv/plugins/" + name, "1");
        }
        lines.wouldBeRefused("/srv/plugins/changed.jar", "tampered_package", Lines.RELEASE, "jar", "");

        assertEquals(List.of(SIGN + "/srv/plugins/a.jar /srv/plugins/b.jar /srv/plugins/c.jar"), commands(lines));
    }

    @Test
    void directoryOnThisMachine_isSignedByItsNameOnlyIfAllInItIsMeant() throws Exception {
        Path plugins = Files.createDirectories(directory.resolve("plugins/deep"));
        Lines lines = new Lines();
        for (String name : List.of("a.jar", "b.jar", "c.so")) {
            unsigned(lines, "jar", Files.writeString(plugins.resolve(name), name), "1");
        }
        assertEquals(List.of(SIGN + plugins), commands(lines));

        unsigned(lines, "jar", Files.writeString(plugins.resolveSibling("d.jar"), "d"), "1");
        assertEquals(List.of(SIGN + plugins.getParent()), commands(lines));

        Files.writeString(plugins.resolve("never-loaded.jar"), "x");
        assertFalse(commands(lines).contains(SIGN + plugins.getParent()), "it would be signed unseen");
        assertTrue(commands(lines).get(0).contains("deep/a.jar"), commands(lines)::toString);
    }

    @Test
    void whatNeedsADecision_isNoCommandToPaste() throws Exception {
        Lines lines = new Lines()
                .wouldBeRefused("/srv/a.jar", "tampered_package", Lines.RELEASE, "jar", "")
                .wouldBeRefused("/srv/b.jar", "untrusted_signer", Lines.STRANGER, "jar", "which is not trusted")
                .wouldBeRefused("/srv/c.jar", "malformed_signature", null, "jar", "")
                .wouldBeRefused("/srv/d.jar", "unreadable_package", null, "jar", "")
                .wouldBeRefused("https://example.org/e.jar", "signature_not_found", null, "jar", "");

        assertEquals(List.of(), commands(lines));
    }

    @Test
    void severalOrganisations_eachSignsItsOwn() throws Exception {
        String other = "e0b9a4f2-7c11-4f6d-8a55-3d2c1b0a9f8e";
        Lines lines = new Lines().unsigned("/srv/a.jar");
        lines.raw(new Lines().unsigned("/srv/b.jar").toString().replace(Lines.ORG, other));

        assertEquals(
                List.of(
                        "cloacina sign --org " + Lines.ORG + " --key release /srv/a.jar",
                        "cloacina sign --org " + other + " --key release /srv/b.jar"),
                commands(lines));
    }

    @Test
    void unknownKey_isAPlaceholderSaidOnce() throws Exception {
        Plan plan = Plan.of(new Lines().unsigned("/srv/a.jar").report());
        assertEquals(
                "cloacina sign --key KEY /srv/a.jar", plan.commands().get(0).command());
        assertTrue(plan.placeholder().startsWith("KEY is"), plan.placeholder());
        assertNull(plan(new Lines().unsigned("/srv/a.jar")).placeholder());

        Lines keyFiles =
                new Lines().raw(new Lines().unsigned("/srv/a.jar").toString().replace("\"" + Lines.ORG + "\"", "null"));
        assertEquals(
                "cloacina sign --private-key KEY.pem /srv/a.jar",
                Plan.of(keyFiles.report()).commands().get(0).command());
    }

    @Test
    void pathsThatDifferInSpellingOnly_areOne() throws Exception {
        Lines lines = new Lines()
                .unsigned("/srv//lib/../lib/./a.jar")
                .unsigned("/srv/lib/a.jar")
                .wouldBeRefused("/srv/classes/", "signature_not_found", null, "directory", "")
                .wouldBeRefused("/srv/classes", "signature_not_found", null, "directory", "");

        assertEquals(List.of(SIGN + "/srv/lib/a.jar", SIGN + "--tree /srv/classes"), commands(lines));
    }

    @Test
    void temporaryFileThatIsGone_isNotSigned() throws Exception {
        Remedy remedy = only(unsigned(new Lines(), "native", "/tmp/n1234567890123.so", "1"));

        assertNull(remedy.target());
        assertTrue(remedy.steps().get(0).needsDecision());
        assertTrue(remedy.steps().get(0).command().contains("--nested"), remedy::toString);
        assertEquals("'-Dcloacina.exempt=/tmp/n*.so'", remedy.exemptOption());
    }

    @Test
    void temporaryCopy_ofWhatLastsElsewhere_isSignedThere() throws Exception {
        Lines lines = new Lines();
        unsigned(lines, "jar", "/opt/host/system/a.jar", "1");
        unsigned(lines, "jar", "/tmp/copies-123456789/a.jar", "1");

        assertEquals(List.of(SIGN + "/opt/host/system/a.jar"), commands(lines));
    }

    @Test
    void commands_copyInAHostsCache_ofAFileThatIsOnRecord_signThatFile() throws Exception {
        Lines lines = new Lines();
        for (String copy : List.of(
                "/opt/karaf/data/cache/bundle12/version0.0/bundle.jar",
                "/opt/karaf/data/cache/org.eclipse.osgi/12/0/bundleFile",
                "/opt/wildfly/standalone/data/content/0a/" + "0123456789".repeat(3) + "01234567/content")) {
            unsigned(lines, "jar", copy, "1");
        }
        unsigned(lines, "jar", "/opt/deploy/a.jar", "1");

        assertEquals(List.of(SIGN + "/opt/deploy/a.jar"), commands(lines));
    }

    @Test
    void coveredByAnArchive_isSignedWithIt() throws Exception {
        Lines lines = new Lines()
                .event(
                        "package.load.success",
                        "package_path",
                        "/tmp/jetty-123456/webapp/WEB-INF/lib/a.jar",
                        "signature_verified",
                        false,
                        "kind",
                        "jar",
                        "covered_by",
                        "/srv/webapps/app.war",
                        "failure_reason",
                        "signature_not_found");

        assertEquals(List.of(SIGN + "/srv/webapps/app.war"), commands(lines));
    }

    @Test
    void coveredByAnArchiveThatWasChanged_isLookedAtThere() throws Exception {
        Remedy remedy = only(new Lines()
                .event(
                        "package.load.failure",
                        "package_path",
                        "/tmp/jetty-123456/webapp/WEB-INF/lib/a.jar",
                        "kind",
                        "jar",
                        "covered_by",
                        "/srv/webapps/app.war",
                        "failure_reason",
                        "tampered_package"));

        assertNull(remedy.target());
        assertEquals(
                "cloacina verify /srv/webapps/app.war", remedy.steps().get(0).command());
        assertEquals(SIGN + "/srv/webapps/app.war", remedy.steps().get(1).command());
    }

    @Test
    void directoryThatChangesOnRecord_isNotSigned() throws Exception {
        Lines lines = new Lines();
        unsigned(lines, "directory", "/srv/tomcat/jsp", "1");
        unsigned(lines, "directory", "/srv/tomcat/jsp", "2");

        assertEquals(List.of(), commands(lines));
        Remedy remedy = only(lines);
        assertTrue(remedy.advice().contains("JspC"), remedy.advice());
        assertTrue(remedy.advice().contains("the price"), remedy.advice());
        assertEquals(List.of("-Dcloacina.exempt=/srv/tomcat/jsp"), options(lines));
    }

    @Test
    void exemptions_areOneOption() throws Exception {
        Lines lines = new Lines();
        unsigned(lines, "directory", "/srv/tomcat/work/Catalina/localhost/a", "1");
        unsigned(lines, "directory", "/srv/tomcat/work/Catalina/localhost/b", "2");

        assertEquals(
                List.of("-Dcloacina.exempt=/srv/tomcat/work/Catalina/localhost/a,"
                        + "/srv/tomcat/work/Catalina/localhost/b"),
                options(lines));
        assertTrue(plan(lines).options().get(0).isNeeded());
    }

    @Test
    void fileMadeAnewAtEachStart_isNotSigned() throws Exception {
        Lines lines = new Lines();
        unsigned(lines, "jar", "/tmp/generated-1111111.jar", "1");
        unsigned(lines, "jar", "/tmp/generated-2222222.jar", "2");

        assertEquals(List.of(), commands(lines));
        assertEquals(List.of("'-Dcloacina.exempt=/tmp/generated-*.jar'"), options(lines));
    }

    @Test
    void directoryWithoutClasses_isOfferedAsOneOfResources() throws Exception {
        Path conf = Files.createDirectory(directory.resolve("conf"));
        Files.writeString(conf.resolve("log.xml"), "<x/>");
        Lines lines = unsigned(new Lines(), "directory", conf, "1");

        assertEquals(List.of(SIGN + "--tree " + conf), commands(lines));
        assertEquals(List.of("-Dcloacina.resource_directories=" + conf), options(lines));
        assertFalse(plan(lines).options().get(0).isNeeded());

        Files.writeString(conf.resolve("A.class"), "");
        assertEquals(List.of(), options(lines));
    }

    @Test
    void classFromADirectoryOfResources_isToBeTakenOutOfTheSetting() throws Exception {
        Remedy remedy = only(new Lines()
                .wouldBeRefused(
                        "/no/such/conf",
                        "signature_not_found",
                        null,
                        "directory",
                        "class A comes from a directory that cloacina.resource_directories names"));

        assertTrue(remedy.advice().contains("take the directory out of that setting"), remedy.advice());
        assertNull(remedy.setting());
    }

    @Test
    void fileThatIsNotThereAnyMore_isNotSigned() throws Exception {
        Path lib = Files.createDirectories(directory.resolve("lib"));

        Lines lines = unsigned(new Lines(), "jar", lib.resolve("removed.jar"), "1");
        verified(lines, "jar", Files.writeString(lib.resolve("there.jar"), ""), "2");

        assertEquals(List.of(), commands(lines));
    }

    @Test
    void unsignedPackage_ofANameThatWasVerifiedWithOtherBytes_hasChanged() throws Exception {
        Lines lines = verified(new Lines(), "jar", "/srv/release-1/plugin.jar", "1");
        unsigned(lines, "jar", "/srv/release-2/plugin.jar", "2");

        assertEquals(List.of(), commands(lines));
        Report report = lines.report();
        Finding finding = report.openFindings().get(0);
        assertEquals("/srv/release-1/plugin.jar", finding.changedFrom());
        assertEquals("tampered_package", finding.shownReason());
        assertEquals("signature_not_found", finding.reason());
        assertEquals("restore", only(lines).word());
        assertEquals("tampered_package", Plan.of(report).groups().get(0).reason());
    }

    @Test
    void unsignedPackage_ofTheSameBytesOrALaterName_hasNotChanged() throws Exception {
        Lines same = verified(new Lines(), "jar", "/srv/release-1/plugin.jar", "1");
        unsigned(same, "jar", "/srv/release-2/plugin.jar", "1");
        assertEquals(List.of(SIGN + "/srv/release-2/plugin.jar"), commands(same));

        Lines later = unsigned(new Lines(), "jar", "/srv/release-1/plugin.jar", "2");
        verified(later, "jar", "/srv/release-2/plugin.jar", "1");
        assertEquals(List.of(SIGN + "/srv/release-1/plugin.jar"), commands(later));

        Lines directories = verified(new Lines(), "directory", "/srv/a/classes", "1");
        unsigned(directories, "directory", "/srv/b/classes", "2");
        assertEquals(List.of(SIGN + "--tree /srv/b/classes"), commands(directories));
    }

    @Test
    void temporaryFile_isSettledByItsContentAtAnotherPath() throws Exception {
        Lines lines = unsigned(new Lines(), "native", "/tmp/n1111111.so", "1");
        verified(lines, "native", "/tmp/n2222222.so", "1");
        assertFalse(lines.report().hasRefusals());

        unsigned(lines, "native", "/tmp/n3333333.so", "1");
        assertTrue(lines.report().hasRefusals(), "it was refused again");
    }

    @Test
    void temporaryFile_isNotSettledByOtherContent() throws Exception {
        Lines lines = unsigned(new Lines(), "native", "/tmp/n1111111.so", "1");
        verified(lines, "native", "/tmp/n2222222.so", "2");

        assertTrue(lines.report().hasRefusals());
    }

    @Test
    void temporaryFile_isSettledByAnExemptLoadUnderTheSamePattern() throws Exception {
        Lines lines = unsigned(new Lines(), "jar", "/tmp/generated-1111111.jar", "1")
                .event(
                        "package.load.success",
                        "package_path",
                        "/tmp/generated-2222222.jar",
                        "signature_verified",
                        false,
                        "kind",
                        "jar",
                        "failure_reason",
                        "exempt");

        assertFalse(lines.report().hasRefusals());
        assertTrue(
                unsigned(lines, "jar", "/tmp/other-1111111.jar", "1").report().hasRefusals());
    }

    @Test
    void lastingFile_isSettledByItsPathOnly() throws Exception {
        Lines lines = unsigned(new Lines(), "jar", "/srv/a/x.jar", "1");
        verified(lines, "jar", "/srv/b/x.jar", "1");

        assertTrue(lines.report().hasRefusals());
    }
}
