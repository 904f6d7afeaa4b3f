// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.ForgingHost;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.sign.TrustManager;
import io.cloacina.guard.trust.PackageSignature;
import io.cloacina.guard.verify.PackageSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Code that says it came from where it did not: the JDK, a package that was verified, the operating system. */
class ForgedOriginsIT {

    private static final UUID ORG = UUID.fromString("00000000-0000-4000-8000-000000000001");

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
        Path classes = Files.createDirectories(folder.resolve("good"));
        Packages.compile(classes, "sample.Good", "package sample; public class Good {}");
        good = packages.sign(Packages.zip(classes, folder.resolve("good.jar")));
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private GuardedJvm enforcing(Jdks.Jdk jdk) throws Exception {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
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

    @ParameterizedTest
    @MethodSource("jdks")
    void modulesAndClassPaths_thatGiveClassesTheirPackageDoesNotHold_areRefused(Jdks.Jdk jdk) throws Exception {
        Result result = run(enforcing(jdk), "jdk-module", "foreign-module", "forged-entry", "real-jdk-module");

        assertOutcome(result, "jdk-module REFUSED cloacina-guard refused [jrt:/java.base] (tampered_package)");
        assertOutcome(result, "foreign-module REFUSED cloacina-guard refused [" + good + "] (tampered_package)");
        assertOutcome(result, "forged-entry REFUSED cloacina-guard refused [" + good + "] (tampered_package)");
        assertOutcome(result, "real-jdk-module LOADED");
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void generatedClasses_thatSayTheyAreTheJdks_areDenied(Jdks.Jdk jdk) throws Exception {
        Packages.compile(
                folder.resolve("evil.jar-classes"),
                "io.cloacina.guard.agent.hosts.Generated",
                "package io.cloacina.guard.agent.hosts; public class Generated {}");

        Result result = run(enforcing(jdk).set("cloacina.dynamic_code", "deny"), "jdk-domain", "handle-proxy");

        assertOutcome(result, "jdk-domain REFUSED cloacina-guard refused [jrt:/java.base] (dynamic_code)");
        assertOutcome(
                result,
                "handle-proxy REFUSED cloacina-guard refused [io.cloacina.guard.agent.hosts.Generated] (dynamic_code)");
    }

    /** As Groovy does: the URL is made up, and begins where the file system has nothing. A missing file is no script. */
    @ParameterizedTest
    @MethodSource("jdks")
    void classesOfAScriptEngine_withAMadeUpOrigin_areGeneratedCode(Jdks.Jdk jdk) throws Exception {
        Result denied = run(enforcing(jdk).set("cloacina.dynamic_code", "deny"), "in-memory");
        assertOutcome(
                denied, "in-memory REFUSED cloacina-guard refused [file:/scripts-in-memory/script] (dynamic_code)");

        Result refused = run(enforcing(jdk), "deleted");
        assertOutcome(refused, "deleted REFUSED cloacina-guard refused [" + "file:" + evil + ".deleted]");

        Result allowed = enforcing(jdk).run(ForgingHost.class, evil, good, "in-memory");
        assertOutcome(allowed, "in-memory LOADED");
        assertTrue(allowed.events("guard.stopped").get(0).contains("\"dynamic_classes\":1"), allowed::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void handlersOfTheHost_cannotOpenOneArchiveAndGiveAnother(Jdks.Jdk jdk) throws Exception {
        PackageHash hash = PackageSnapshot.hash(good);
        Path db = folder.resolve("trust.db");
        try (JdbiStore store = JdbiStore.create(StoreUrl.ofFile(db), Duration.ofSeconds(10), Clock.systemUTC())) {
            new TrustManager(store, Clock.systemUTC(), new SecureRandom())
                    .trustPublicKey(ORG, packages.key().publicKey(), "release", false);
            store.signatures()
                    .add(new PackageSignature(
                            UUID.randomUUID(),
                            hash,
                            packages.key().publicKey().fingerprint(),
                            packages.key().sign(hash.bytes()),
                            Clock.systemUTC().instant(),
                            ORG));
        }

        Result result = run(
                enforcing(jdk).set("cloacina.database_url", "sqlite://" + db).set("cloacina.verification_org_id", ORG),
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

    @ParameterizedTest
    @MethodSource("jdks")
    void foreignLibraries_areNotTheSystemsByTheBeginningOfTheirPath(Jdks.Jdk jdk) throws Exception {
        assumeTrue(jdk.feature() >= 22, "no libraryLookup before Java 22");
        assumeTrue(Packages.hasCompiler(), "no C compiler");
        Path library = packages.nativeLibrary("libevil.so", marker);
        String home = jdk.home().toRealPath().toString();
        String up = "/..".repeat(home.split("/").length);

        Result result =
                run(enforcing(jdk), home + up + library, "/usr/lib/../.." + library, "/usr/lib/.." + up + library);

        assertEquals(3, result.events("package.load.failure").size(), result::toString);
        assertFalse(result.out().contains(" LOADED"), result::toString);
    }
}
