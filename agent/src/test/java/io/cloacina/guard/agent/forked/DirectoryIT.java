// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.DirectoryHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** When directories are decided on, and those that serve resources only. Numbers are those of load events so far. */
class DirectoryIT {

    @TempDir
    Path folder;

    private Packages packages;
    private Path marker;
    private Path directory;

    @BeforeEach
    void prepare() throws Exception {
        packages = new Packages(folder);
        marker = folder.resolve("marker");
        directory = packages.classes("classes", marker, "good");
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private GuardedJvm jvm(Jdks.Jdk jdk, boolean enforcing) throws Exception {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", enforcing)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    private Result run(GuardedJvm jvm, String way) throws Exception {
        Result result = jvm.run(DirectoryHost.class, folder.resolve("events.jsonl"), way + "=" + directory);
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

    @ParameterizedTest
    @MethodSource("jdks")
    void signed_isDecidedOnceByTheFirstRead(Jdks.Jdk jdk) throws Exception {
        packages.sign(directory);
        packages.sign(directory.resolve("text.txt"));

        Result result = run(jvm(jdk, true), "urls");

        // A signature is no part of the tree, and is not read from it.
        assertOut(result, after("signature null 1", "resource true 1", "class LOADED 1", "again LOADED 1"));
        assertTrue(
                result.events("package.load.success").get(0).contains("\"signature_verified\":true"), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void unsigned_isRefusedOnceByTheFirstRead(Jdks.Jdk jdk) throws Exception {
        Result result = run(jvm(jdk, true), "urls");

        assertOut(
                result,
                after(
                        "signature null 0",
                        "resource false 1",
                        "class REFUSED cloacina-guard refused [" + directory + "] (signature_not_found) 1",
                        "again REFUSED cloacina-guard refused [" + directory + "] (signature_not_found) 1"));
        assertFalse(Files.exists(marker), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void unsigned_inAuditMode_isRecordedOnceByTheFirstRead(Jdks.Jdk jdk) throws Exception {
        Files.writeString(directory.resolve("text.txt.sig"), "somebody else's");

        Result result = run(jvm(jdk, false), "urls");

        assertTrue(result.out().startsWith(String.join("\n", BEFORE) + "\nsignature file:"), result::toString);
        assertTrue(result.out().endsWith("resource true 1\nclass LOADED 1\nagain LOADED 1\n"), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void exempt_isRecordedByTheFirstRead(Jdks.Jdk jdk) throws Exception {
        Result result = run(jvm(jdk, true).set("cloacina.exempt", directory), "urls");

        assertOut(result, after("signature null 0", "resource true 1", "class LOADED 1", "again LOADED 1"));
        assertTrue(result.events().get(1).contains("\"failure_reason\":\"exempt\""), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void replacedBeforeTheFirstRead_isJudgedAsItIsThen(Jdks.Jdk jdk) throws Exception {
        packages.sign(directory);
        packages.classes("classes.evil", folder.resolve("evil-marker"), "evil");

        Result result = run(jvm(jdk, true), "replaced");

        assertOut(
                result,
                "first read REFUSED cloacina-guard refused [" + directory + "] (tampered_package) 1",
                "later read LOADED 2");
        assertFalse(Files.exists(folder.resolve("evil-marker")), result::toString);
        assertEquals("good", Files.readString(marker));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void appearingAfterItWasOpened_isDecidedByTheFirstRead(Jdks.Jdk jdk) throws Exception {
        Files.move(directory, folder.resolve("classes.new"));
        assertOut(
                run(jvm(jdk, true), "appearing"),
                "nothing null 0",
                "appeared REFUSED cloacina-guard refused [" + directory + "] (signature_not_found) 1");
        assertFalse(Files.exists(marker));

        packages.sign(directory);
        Files.move(directory, folder.resolve("classes.new"));
        assertOut(run(jvm(jdk, true), "appearing"), "nothing null 0", "appeared LOADED 1");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void ofOwnLoader_isDecidedByTheFirstClass(Jdks.Jdk jdk) throws Exception {
        packages.sign(directory);

        assertOut(run(jvm(jdk, true), "own"), "own made Own 0", "own class LOADED 1", "own again LOADED 1");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void ofModule_isDecidedByTheFirstRead(Jdks.Jdk jdk) throws Exception {
        Packages.compile(directory, "module-info", "module plugin { exports sample; }");
        String refused = "REFUSED cloacina-guard refused [" + directory + "] (signature_not_found)";
        assertOut(
                run(jvm(jdk, true), "module"),
                "absent false 0",
                "resource " + refused + " 1",
                "module class " + refused + " 1",
                "list " + refused + " 2",
                "layer " + refused + " 3");
        assertFalse(Files.exists(marker));

        packages.sign(directory);
        assertOut(
                run(jvm(jdk, true), "module"),
                "absent false 0",
                "resource LOADED 1",
                "module class LOADED 1",
                "list LOADED 2",
                "layer LOADED 3");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void ofTheApplication_withoutClasses_isDecidedByTheFirstRead(Jdks.Jdk jdk) throws Exception {
        Path configuration = Files.createDirectories(folder.resolve("configuration"));
        Files.writeString(configuration.resolve("text.txt"), "good");
        Path host = packages.sign(Packages.zip(GuardedJvm.testClasses(), folder.resolve("host.jar")));
        GuardedJvm jvm = jvm(jdk, true).set("cloacina.scope", "application").onlyClassPath(host, configuration);

        assertOut(run(jvm, "application"), "started  1", "asked [null] 1", "read none 2", "read again none 2");

        packages.sign(configuration);
        assertOut(run(jvm, "application"), "started  1", "asked [null] 1", "read good 2", "read again good 2");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void resourceDirectory_servesResources_andNoClass(Jdks.Jdk jdk) throws Exception {
        String refused = "REFUSED cloacina-guard refused [" + directory + "] (signature_not_found)";
        GuardedJvm jvm = jvm(jdk, true).set("cloacina.resource_directories", folder + "/cl*");

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
        String used = result.events("package.load.success").get(0);
        assertTrue(used.contains("\"signature_verified\":false"), used);
        assertTrue(used.contains("\"covered_by\":\"cloacina.resource_directories\""), used);
        String failure = result.events("package.load.failure").get(0);
        assertTrue(failure.contains("\"failure_reason\":\"signature_not_found\""), failure);
        assertTrue(
                failure.contains("class sample.Plugin comes from a directory that cloacina.resource_directories"),
                failure);
        assertTrue(result.err().contains("take the directory out of cloacina.resource_directories"), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void resourceDirectory_thatIsSigned_servesNoClassEither(Jdks.Jdk jdk) throws Exception {
        packages.sign(directory);
        GuardedJvm jvm = jvm(jdk, true).set("cloacina.resource_directories", directory);

        Result result = run(jvm, "own");

        assertTrue(
                result.out().contains("own class REFUSED cloacina-guard refused [" + directory + "]"),
                result::toString);
        assertFalse(Files.exists(marker), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void resourceDirectory_ofAModule_servesNoClass(Jdks.Jdk jdk) throws Exception {
        Packages.compile(directory, "module-info", "module plugin { exports sample; }");
        String refused = "REFUSED cloacina-guard refused [" + directory + "] (signature_not_found)";

        assertOut(
                run(jvm(jdk, true).set("cloacina.resource_directories", directory), "module"),
                "absent false 0",
                "resource LOADED 1",
                "module class " + refused + " 2",
                "list LOADED 2",
                "layer " + refused + " 3");
        assertFalse(Files.exists(marker));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void resourceDirectory_inAuditMode_isRecorded_andItsClassesLoad(Jdks.Jdk jdk) throws Exception {
        Result result = run(jvm(jdk, false).set("cloacina.resource_directories", directory), "resources");

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
        assertTrue(
                result.events("package.load.success").get(1).contains("\"outcome\":\"would_refuse\"")
                        || result.events("package.load.success").get(1).contains("signature_not_found"),
                result::toString);
        assertEquals(
                0,
                run(jvm(jdk, false).set("cloacina.resource_directories", directory), "own")
                        .status());
    }

    /** A link out of a resource directory, or to one, does not make a package of what it leads to or from. */
    @ParameterizedTest
    @MethodSource("jdks")
    void resourceDirectory_byLink_isDecidedByItsRealPath(Jdks.Jdk jdk) throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), directory);
        directory = link;

        Result result = run(jvm(jdk, true).set("cloacina.resource_directories", link), "own");

        assertTrue(result.events("package.load.failure").get(0).contains("no signature"), result::toString);
        assertFalse(Files.exists(marker), result::toString);
    }
}
