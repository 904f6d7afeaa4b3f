// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.NamingHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A name does not show where code comes from: what is loaded under one is bound, or compared. */
class NamesIT {

    @TempDir
    Path folder;

    private Packages packages;
    private Path marker;
    private Path evil;
    private Path good;

    @BeforeEach
    void prepare() throws Exception {
        packages = new Packages(folder);
        marker = folder.resolve("evil-marker");
        evil = packages.jar("evil.jar", marker, "evil");
        good = folder.resolve("good.jar");
        Path classes = packages.classes("good.jar-classes", folder.resolve("good-marker"), "good");
        Packages.compile(classes, "module-info", "module plugin { opens sample; }");
        packages.sign(Packages.zip(classes, good));
        Packages.compile(
                Files.createDirectories(folder.resolve("good.jar-generated")),
                "sample.Generated",
                "package sample; public class Generated {}");
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private Result run(Jdks.Jdk jdk, String dynamicCode, String exempt, String way) throws Exception {
        GuardedJvm jvm = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .set("cloacina.dynamic_code", dynamicCode);
        if (exempt != null) {
            jvm.set("cloacina.exempt", exempt);
        }
        Result result = jvm.run(NamingHost.class, evil, good, way);
        assertFalse(Files.exists(marker), result::toString);
        return result;
    }

    private static void assertOutcome(Result result, String line) {
        assertTrue(("\n" + result.out()).contains("\n" + line), () -> line + "\n" + result);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void archive_openedEarlierUnderTheSameName_isRefused(Jdks.Jdk jdk) throws Exception {
        Result result = run(jdk, "allow", null, "same-name");

        assertFalse(result.out().contains("LOADED"), result::toString);
        assertFalse(result.events("package.load.failure").isEmpty(), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void classThatNamesAnExemptPackage_isComparedWithIt(Jdks.Jdk jdk) throws Exception {
        assertOutcome(run(jdk, "deny", good.toString(), "own-class"), "own-class LOADED");

        Result result = run(jdk, "deny", good.toString(), "other-class");
        assertOutcome(result, "other-class REFUSED cloacina-guard refused [" + good + "] (tampered_package)");
        assertFalse(result.events("package.load.failure").isEmpty(), result::toString);
    }

    /** It loaded without an event of its own, also after a revocation. */
    @ParameterizedTest
    @MethodSource("jdks")
    void layerWithAReaderOfItsOwn_isDecidedOnAnew(Jdks.Jdk jdk) throws Exception {
        Result result = run(jdk, "deny", null, "own-reader");

        assertOutcome(result, "own-reader LOADED");
        assertEquals(2, result.events("package.load.success").size(), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void moduleInAZipFileSystem_isComparedWithItsArchive(Jdks.Jdk jdk) throws Exception {
        Result loaded = run(jdk, "deny", null, "zip-module");
        assertOutcome(loaded, "zip-module LOADED");
        assertFalse(loaded.events("package.load.success").isEmpty(), loaded::toString);

        Files.delete(Path.of(good + ".sig"));
        Result refused = run(jdk, "deny", null, "zip-module");
        assertOutcome(refused, "zip-module REFUSED cloacina-guard refused [" + good + "] (signature_not_found)");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void classThatAModuleGenerates_isDynamicCode(Jdks.Jdk jdk) throws Exception {
        assertOutcome(run(jdk, "allow", null, "module-lookup"), "module-lookup LOADED");

        Result result = run(jdk, "deny", null, "module-lookup");
        assertOutcome(result, "module-lookup REFUSED cloacina-guard refused [sample.Generated] (dynamic_code)");
    }
}
