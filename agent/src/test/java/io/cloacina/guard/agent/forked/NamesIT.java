// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.NamingHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A name does not show where code comes from: what is loaded under one is bound, or compared. */
class NamesIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("evil-marker");
    private Path evil;
    private final Path good = fixture.file("good.jar");

    @BeforeEach
    void prepare() throws Exception {
        evil = packages.jar("evil.jar", marker, "evil");
        Path classes = packages.classes("good.jar-classes", fixture.file("good-marker"), "good");
        Packages.compile(classes, "module-info", "module plugin { opens sample; }");
        packages.sign(Packages.zip(classes, good));
        Packages.compile(
                fixture.newDirectory("good.jar-generated"),
                "sample.Generated",
                "package sample; public class Generated {}");
    }

    private Result run(Jdk jdk, String dynamicCode, String exempt, String way) throws Exception {
        GuardedJvm jvm = fixture.enforcing(jdk).set("cloacina.dynamic_code", dynamicCode);
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

    @EachJdk
    void archive_openedEarlierUnderTheSameName_isRefused(Jdk jdk) throws Exception {
        Result result = run(jdk, "allow", null, "same-name");

        assertFalse(result.out().contains("LOADED"), result::toString);
        assertFalse(result.events("package.load.failure").isEmpty(), result::toString);
    }

    @EachJdk
    void classThatNamesAnExemptPackage_isComparedWithIt(Jdk jdk) throws Exception {
        assertOutcome(run(jdk, "deny", good.toString(), "own-class"), "own-class LOADED");

        Result result = run(jdk, "deny", good.toString(), "other-class");
        assertOutcome(result, "other-class REFUSED cloacina-guard refused [" + good + "] (tampered_package)");
        assertFalse(result.events("package.load.failure").isEmpty(), result::toString);
    }

    /** It loaded without an event of its own, also after a revocation. */
    @EachJdk
    void layerWithAReaderOfItsOwn_isDecidedOnAnew(Jdk jdk) throws Exception {
        Result result = run(jdk, "deny", null, "own-reader");

        assertOutcome(result, "own-reader LOADED");
        assertEquals(2, result.events("package.load.success").size(), result::toString);
    }

    @EachJdk
    void moduleInAZipFileSystem_isComparedWithItsArchive(Jdk jdk) throws Exception {
        Result loaded = run(jdk, "deny", null, "zip-module");
        assertOutcome(loaded, "zip-module LOADED");
        assertFalse(loaded.events("package.load.success").isEmpty(), loaded::toString);

        Files.delete(Path.of(good + ".sig"));
        Result refused = run(jdk, "deny", null, "zip-module");
        assertOutcome(refused, "zip-module REFUSED cloacina-guard refused [" + good + "] (signature_not_found)");
    }

    @EachJdk
    void classThatAModuleGenerates_isDynamicCode(Jdk jdk) throws Exception {
        assertOutcome(run(jdk, "allow", null, "module-lookup"), "module-lookup LOADED");

        Result result = run(jdk, "deny", null, "module-lookup");
        assertOutcome(result, "module-lookup REFUSED cloacina-guard refused [sample.Generated] (dynamic_code)");
    }
}
