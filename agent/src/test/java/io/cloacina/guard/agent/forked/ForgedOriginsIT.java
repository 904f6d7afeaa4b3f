// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ForgingHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Code that says it came from where it did not: the JDK, a package that was verified, the operating system. */
class ForgedOriginsIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("evil-marker");
    private Path evil;
    private Path good;

    @BeforeEach
    void prepare() throws Exception {
        evil = packages.jar("evil.jar", marker, "evil");
        Path classes = fixture.newDirectory("good");
        Packages.compile(classes, "sample.Good", "package sample; public class Good {}");
        good = packages.sign(Packages.zip(classes, fixture.file("good.jar")));
    }

    private Result run(GuardedJvm jvm, String... ways) throws Exception {
        List<Object> arguments = new ArrayList<>(List.of(evil, good));
        arguments.addAll(List.of(ways));
        Result result = jvm.run(ForgingHost.class, arguments.toArray());
        assertEquals(0, result.status(), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        return result;
    }

    private static void assertOutcome(Result result, String line) {
        assertTrue(("\n" + result.out()).contains("\n" + line), () -> line + "\n" + result);
    }

    @EachJdk
    void modulesAndClassPaths_thatGiveClassesTheirPackageDoesNotHold_areRefused(Jdk jdk) throws Exception {
        Result result = run(fixture.enforcing(jdk), "jdk-module", "foreign-module", "forged-entry", "real-jdk-module");

        assertOutcome(result, "jdk-module REFUSED cloacina-guard refused [jrt:/java.base] (tampered_package)");
        assertOutcome(result, "foreign-module REFUSED cloacina-guard refused [" + good + "] (tampered_package)");
        assertOutcome(result, "forged-entry REFUSED cloacina-guard refused [" + good + "] (tampered_package)");
        assertOutcome(result, "real-jdk-module LOADED");
    }

    @EachJdk
    void generatedClasses_thatSayTheyAreTheJdks_areDenied(Jdk jdk) throws Exception {
        Packages.compile(
                fixture.file("evil.jar-classes"),
                "io.cloacina.guard.agent.hosts.Generated",
                "package io.cloacina.guard.agent.hosts; public class Generated {}");

        Result result = run(fixture.enforcing(jdk).set("cloacina.dynamic_code", "deny"), "jdk-domain", "handle-proxy");

        assertOutcome(result, "jdk-domain REFUSED cloacina-guard refused [jrt:/java.base] (dynamic_code)");
        assertOutcome(
                result,
                "handle-proxy REFUSED cloacina-guard refused [io.cloacina.guard.agent.hosts.Generated] (dynamic_code)");
    }

    /** As Groovy does: the URL is made up, and begins where the file system has nothing. A missing file is no script. */
    @EachJdk
    void classesOfAScriptEngine_withAMadeUpOrigin_areGeneratedCode(Jdk jdk) throws Exception {
        Result denied = run(fixture.enforcing(jdk).set("cloacina.dynamic_code", "deny"), "in-memory");
        assertOutcome(
                denied, "in-memory REFUSED cloacina-guard refused [file:/scripts-in-memory/script] (dynamic_code)");

        Result refused = run(fixture.enforcing(jdk), "deleted");
        assertOutcome(refused, "deleted REFUSED cloacina-guard refused [" + "file:" + evil + ".deleted]");

        Result allowed = fixture.enforcing(jdk).run(ForgingHost.class, evil, good, "in-memory");
        assertOutcome(allowed, "in-memory LOADED");
        allowed.events("guard.stopped").get(0).assertHas("dynamic_classes", 1);
    }

    @EachJdk
    void handlersOfTheHost_cannotOpenOneArchiveAndGiveAnother(Jdk jdk) throws Exception {
        Result result = run(
                fixture.enforcing(jdk)
                        .set("cloacina.database_url", fixture.trustStore(good))
                        .set("cloacina.verification_org_id", TestStore.ORG),
                "decoy",
                "early",
                "subclass",
                "honest");

        assertOutcome(result, "decoy REFUSED cloacina-guard refused [own:/some.jar] (signature_not_found)");
        assertOutcome(result, "early REFUSED cloacina-guard refused [own:/some.jar] (unreadable_package)");
        assertOutcome(result, "subclass REFUSED cloacina-guard refused [own:/some.jar] (unreadable_package)");
        // Its archive may be read; it does not hold the class.
        assertOutcome(result, "honest FAILED java.lang.ClassNotFoundException: sample.Plugin");
    }

    @EachJdk
    void foreignLibraries_areNotTheSystemsByTheBeginningOfTheirPath(Jdk jdk) throws Exception {
        assumeTrue(jdk.feature() >= 22, "no libraryLookup before Java 22");
        assumeTrue(Packages.hasCompiler(), "no C compiler");
        Path library = packages.nativeLibrary("libevil.so", marker);
        String home = jdk.home().toRealPath().toString();
        String up = "/..".repeat(home.split("/").length);

        Result result = run(
                fixture.enforcing(jdk), home + up + library, "/usr/lib/../.." + library, "/usr/lib/.." + up + library);

        assertEquals(3, result.events("package.load.failure").size(), result::toString);
        assertFalse(result.out().contains(" LOADED"), result::toString);
    }
}
