// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.DirectoryHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When directories are decided on, and those that serve resources only. Numbers are those of load events so far. */
class DirectoryIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");
    private Path directory;

    @BeforeEach
    void prepare() throws Exception {
        directory = packages.classes("classes", marker, "good");
    }

    private Result run(GuardedJvm jvm, String way) throws Exception {
        Result result = jvm.run(DirectoryHost.class, fixture.file("events.jsonl"), way + "=" + directory);
        assertEquals(0, result.status(), result::toString);
        return result;
    }

    private static void assertOut(Result result, String... lines) {
        assertEquals(String.join("\n", lines) + "\n", result.out(), result::toString);
    }

    private static final String[] BEFORE = {
        "absent class true 0", "absent resource null 0", "outside null 0", "itself true 0", "inner true 0", "within 1 0"
    };

    private static String[] after(String... lines) {
        String[] all = java.util.Arrays.copyOf(BEFORE, BEFORE.length + lines.length);
        System.arraycopy(lines, 0, all, BEFORE.length, lines.length);
        return all;
    }

    @EachJdk
    void signed_isDecidedOnceByTheFirstRead(Jdk jdk) throws Exception {
        packages.sign(directory);
        packages.sign(directory.resolve("text.txt"));

        Result result = run(fixture.trusting(jdk, true), "urls");

        // A signature is no part of the tree, and is not read from it.
        assertOut(result, after("signature null 1", "resource true 1", "class LOADED 1", "again LOADED 1"));
        result.events("package.load.success").get(0).assertHas("signature_verified", true);
    }

    @EachJdk
    void unsigned_isRefusedOnceByTheFirstRead(Jdk jdk) throws Exception {
        Result result = run(fixture.trusting(jdk, true), "urls");

        assertOut(
                result,
                after(
                        "signature null 0",
                        "resource false 1",
                        "class REFUSED cloacina-guard refused [" + directory + "] (signature_not_found) 1",
                        "again REFUSED cloacina-guard refused [" + directory + "] (signature_not_found) 1"));
        assertFalse(Files.exists(marker), result::toString);
    }

    @EachJdk
    void unsigned_inAuditMode_isRecordedOnceByTheFirstRead(Jdk jdk) throws Exception {
        Files.writeString(directory.resolve("text.txt.sig"), "somebody else's");

        Result result = run(fixture.trusting(jdk, false), "urls");

        assertTrue(result.out().startsWith(String.join("\n", BEFORE) + "\nsignature file:"), result::toString);
        assertTrue(result.out().endsWith("resource true 1\nclass LOADED 1\nagain LOADED 1\n"), result::toString);
    }

    @EachJdk
    void exempt_isRecordedByTheFirstRead(Jdk jdk) throws Exception {
        Result result = run(fixture.trusting(jdk, true).set("cloacina.exempt", directory), "urls");

        assertOut(result, after("signature null 0", "resource true 1", "class LOADED 1", "again LOADED 1"));
        result.events().get(1).assertHas("failure_reason", "exempt");
    }

    @EachJdk
    void replacedBeforeTheFirstRead_isJudgedAsItIsThen(Jdk jdk) throws Exception {
        packages.sign(directory);
        packages.classes("classes.evil", fixture.file("evil-marker"), "evil");

        Result result = run(fixture.trusting(jdk, true), "replaced");

        assertOut(
                result,
                "first read REFUSED cloacina-guard refused [" + directory + "] (tampered_package) 1",
                "later read LOADED 2");
        assertFalse(Files.exists(fixture.file("evil-marker")), result::toString);
        assertEquals("good", Files.readString(marker));
    }

    @EachJdk
    void appearingAfterItWasOpened_isDecidedByTheFirstRead(Jdk jdk) throws Exception {
        Files.move(directory, fixture.file("classes.new"));
        assertOut(
                run(fixture.trusting(jdk, true), "appearing"),
                "nothing null 0",
                "appeared REFUSED cloacina-guard refused [" + directory + "] (signature_not_found) 1");
        assertFalse(Files.exists(marker));

        packages.sign(directory);
        Files.move(directory, fixture.file("classes.new"));
        assertOut(run(fixture.trusting(jdk, true), "appearing"), "nothing null 0", "appeared LOADED 1");
    }

    @EachJdk
    void ofOwnLoader_isDecidedByTheFirstClass(Jdk jdk) throws Exception {
        packages.sign(directory);

        assertOut(
                run(fixture.trusting(jdk, true), "own"), "own made Own 0", "own class LOADED 1", "own again LOADED 1");
    }

    @EachJdk
    void ofModule_isDecidedByTheFirstRead(Jdk jdk) throws Exception {
        Packages.compile(directory, "module-info", "module plugin { exports sample; }");
        String refused = "REFUSED cloacina-guard refused [" + directory + "] (signature_not_found)";
        assertOut(
                run(fixture.trusting(jdk, true), "module"),
                "absent false 0",
                "resource " + refused + " 1",
                "module class " + refused + " 1",
                "list " + refused + " 2",
                "layer " + refused + " 3");
        assertFalse(Files.exists(marker));

        packages.sign(directory);
        assertOut(
                run(fixture.trusting(jdk, true), "module"),
                "absent false 0",
                "resource LOADED 1",
                "module class LOADED 1",
                "list LOADED 2",
                "layer LOADED 3");
    }

    @EachJdk
    void ofTheApplication_withoutClasses_isDecidedByTheFirstRead(Jdk jdk) throws Exception {
        Path configuration = fixture.newDirectory("configuration");
        Files.writeString(configuration.resolve("text.txt"), "good");
        Path host = packages.sign(Packages.zip(GuardedJvm.testClasses(), fixture.file("host.jar")));
        GuardedJvm jvm =
                fixture.trusting(jdk, true).set("cloacina.scope", "application").onlyClassPath(host, configuration);

        assertOut(run(jvm, "application"), "started  1", "asked [null] 1", "read none 2", "read again none 2");

        packages.sign(configuration);
        assertOut(run(jvm, "application"), "started  1", "asked [null] 1", "read good 2", "read again good 2");
    }

    @EachJdk
    void resourceDirectory_servesResources_andNoClass(Jdk jdk) throws Exception {
        String refused = "REFUSED cloacina-guard refused [" + directory + "] (signature_not_found)";
        GuardedJvm jvm = fixture.trusting(jdk, true).set("cloacina.resource_directories", fixture.file("cl*"));

        Result result = run(jvm, "resources");

        assertOut(
                result,
                "resource good 1",
                "edited edited 1",
                "class " + refused + " 2",
                "again " + refused + " 2",
                "other " + refused + " 2",
                "as resource false 2",
                "class first " + refused + " 3",
                "then resource edited 4");
        assertFalse(Files.exists(marker), result::toString);
        LoggedEvent used = result.events("package.load.success").get(0);
        used.assertHas("signature_verified", false, "covered_by", "cloacina.resource_directories");
        LoggedEvent failure = result.events("package.load.failure").get(0);
        failure.assertHas("failure_reason", "signature_not_found");
        failure.assertMentions(
                "error", "class sample.Plugin comes from a directory that cloacina.resource_directories");
        assertTrue(result.err().contains("take the directory out of cloacina.resource_directories"), result::toString);
    }

    @EachJdk
    void resourceDirectory_thatIsSigned_servesNoClassEither(Jdk jdk) throws Exception {
        packages.sign(directory);
        GuardedJvm jvm = fixture.trusting(jdk, true).set("cloacina.resource_directories", directory);

        Result result = run(jvm, "own");

        assertTrue(
                result.out().contains("own class REFUSED cloacina-guard refused [" + directory + "]"),
                result::toString);
        assertFalse(Files.exists(marker), result::toString);
    }

    @EachJdk
    void resourceDirectory_ofAModule_servesNoClass(Jdk jdk) throws Exception {
        Packages.compile(directory, "module-info", "module plugin { exports sample; }");
        String refused = "REFUSED cloacina-guard refused [" + directory + "] (signature_not_found)";

        assertOut(
                run(fixture.trusting(jdk, true).set("cloacina.resource_directories", directory), "module"),
                "absent false 0",
                "resource LOADED 1",
                "module class " + refused + " 2",
                "list LOADED 2",
                "layer " + refused + " 3");
        assertFalse(Files.exists(marker));
    }

    @EachJdk
    void resourceDirectory_inAuditMode_isRecorded_andItsClassesLoad(Jdk jdk) throws Exception {
        Result result = run(fixture.trusting(jdk, false).set("cloacina.resource_directories", directory), "resources");

        assertOut(
                result,
                "resource good 1",
                "edited edited 1",
                "class LOADED 2",
                "again LOADED 2",
                "other LOADED 2",
                "as resource true 2",
                "class first LOADED 3",
                "then resource edited 4");
        result.events("package.load.success").get(1).assertHas("outcome", "would_refuse");
        assertEquals(
                0,
                run(fixture.trusting(jdk, false).set("cloacina.resource_directories", directory), "own")
                        .status());
    }

    /** A link out of a resource directory, or to one, does not make a package of what it leads to or from. */
    @EachJdk
    void resourceDirectory_byLink_isDecidedByItsRealPath(Jdk jdk) throws Exception {
        Path link = Files.createSymbolicLink(fixture.file("link"), directory);
        directory = link;

        Result result = run(fixture.trusting(jdk, true).set("cloacina.resource_directories", link), "own");

        result.events("package.load.failure").get(0).assertMentions("error", "no signature");
        assertFalse(Files.exists(marker), result::toString);
    }
}
