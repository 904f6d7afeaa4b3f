// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ThreadsHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An invalid configuration stops the JVM before {@code main}, with one line. */
class StartIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private void assertStopped(GuardedJvm jvm, String... words) throws Exception {
        Result result = jvm.run(UrlHost.class, Packages.PLUGIN);

        assertEquals(78, result.status(), result::toString);
        assertEquals("", result.out(), "main does not run");
        assertEquals(1, result.err().lines().count(), result::toString);
        for (String word : words) {
            assertTrue(result.err().contains(word), result::toString);
        }
    }

    @EachJdk
    void start_withImpossibleConfiguration_stopsWithStatus78(Jdk jdk) throws Exception {
        Path key = fixture.packages().publicKeyFile();
        Path broken = Files.writeString(fixture.file("broken.pem"), "no key");

        assertStopped(jvm(jdk).set("cloacina.require_signature", true), "[cloacina.require_signatures]");
        assertStopped(jvm(jdk).set("cloacina.require_signatures", "yes"), "neither true nor false");
        assertStopped(jvm(jdk).set("cloacina.require_signatures", true), "database_url", "trusted_keys");
        assertStopped(jvm(jdk).set("cloacina.verification_org_id", "1-2-3"), "not a UUID");
        assertStopped(
                jvm(jdk).set("cloacina.require_signatures", true).set("cloacina.database_url", "sqlite:///none.db"),
                "verification_org_id");
        assertStopped(jvm(jdk).set("cloacina.database_url", "mysql://somewhere/db"), "cloacina.database_url");
        assertStopped(jvm(jdk).set("cloacina.trusted_keys", fixture.file("none.pem")), "is not there");
        assertStopped(jvm(jdk).set("cloacina.trusted_keys", broken), "broken.pem");
        assertStopped(jvm(jdk).set("cloacina.signature_source", "database"), "database_url");
        assertStopped(jvm(jdk).set("cloacina.audit", "file:" + fixture.file("none/events")), "cloacina.audit");
        assertStopped(jvm(jdk).set("cloacina.audit", "kafka"), "not stderr, stdout, file:PATH");
        assertStopped(jvm(jdk).set("cloacina.pin_directory", key), "cloacina.pin_directory");
        assertStopped(jvm(jdk).set("cloacina.store_timeout", "5"), "5s");
        assertStopped(jvm(jdk).environment("CLOACINA_SCOPE", "all"), "CLOACINA_SCOPE", "plugins");
        assertStopped(jvm(jdk).agentArguments("require_signatures=true"), "takes no arguments");
    }

    @EachJdk
    void start_withASettingThatWouldBeLeftOut_stopsWithStatus78(Jdk jdk) throws Exception {
        assertStopped(
                jvm(jdk).environment("CLOACINA_REQUIRE_SIGNATURE", "true"),
                "[CLOACINA_REQUIRE_SIGNATURE]",
                "[CLOACINA_REQUIRE_SIGNATURES]");
        assertStopped(jvm(jdk).set("CLOACINA_REQUIRE_SIGNATURES", true), "[cloacina.require_signatures]");
        assertStopped(
                jvm(jdk).set("cloacina.database_url", "postgres://u:hunter2@127.0.0.1:1/db?sslmod=verify-full"),
                "[sslmod]",
                "[sslmode]");
        assertStopped(
                jvm(jdk).set("cloacina.database_url", "postgres://u:hunter2@127.0.0.1:1/db?sslmode=verify-ful"),
                "[verify-ful]");
        assertStopped(jvm(jdk).set("cloacina.database_url", "sqlite:///x.db?mod=ro"), "[mod]");
        assertStopped(jvm(jdk).set("cloacina.store_connections", 0), "not a number from 1 to 8");
    }

    @EachJdk
    void start_withAKeyWhereAFileIsWanted_doesNotRepeatIt(Jdk jdk) throws Exception {
        String body = "MC4CAQAwBQYDK2VwBCIEIA5bO2rS1vDk0cYyv8fJxH7Qn3mWtZ6uPqLrE9aKsTgB";
        for (String key : new String[] {
            body,
            "-----BEGIN PRIVATE KEY----- " + body + " -----END PRIVATE KEY-----",
            "5f2c9a4be07d13886ac1f09b2d7e4455e1a0c3b92f68d7140b9cfe3a7d528116"
        }) {
            for (String setting : new String[] {"trusted_keys", "pin_directory", "scope", "database_url"}) {
                Result result = jvm(jdk).set("cloacina." + setting, key).run(UrlHost.class, Packages.PLUGIN);

                assertEquals(78, result.status(), result::toString);
                assertFalse(result.toString().contains("O2rS1vDk0c"), result::toString);
                assertFalse(result.toString().contains("9a4be07d13"), result::toString);
            }
        }
        assertStopped(jvm(jdk).set("cloacina.trusted_keys", body), "it must be considered exposed");
    }

    private GuardedJvm jvm(Jdk jdk) {
        return fixture.jvm(jdk);
    }

    @EachJdk
    void start_withGoodConfiguration_provesEveryHookAndSaysNothing(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Result result = jvm(jdk).environment("CLOACINA_REQUIRE_SIGNATURES", "true")
                .environment("CLOACINA_TRUSTED_KEYS", packages.publicKeyFile().toString())
                .run(UrlHost.class, Packages.PLUGIN, packages.jar("unsigned.jar", fixture.file("marker"), ""));

        assertEquals(0, result.status(), result::toString);
        LoggedEvent event = result.event("guard.started");
        event.assertHas("mode", "enforcing")
                .assertMatches("guard_version", "\\d+\\.\\d+\\.\\d+.*")
                .assertMatches("guard_commit", "[0-9a-f]{12}|unknown");
        for (String hook : new String[] {
            "class-path-root",
            "class-path-jar",
            "class-path-folder",
            "zip-open",
            "find-class",
            "define-class",
            "define-class-buffer",
            "native-library",
            "module-jar",
            "module-folder"
        }) {
            event.object("hooks").assertHas(hook, "verified");
        }
    }

    /** Nothing was decided in it, so nothing had to be verified for it. */
    @EachJdk
    void jvmThatLoadsNothing_recordsItsStartAndItsEnd_inThisOrder(Jdk jdk) throws Exception {
        Result result = jvm(jdk).run(UrlHost.class, Packages.PLUGIN);

        assertEquals(0, result.status(), result::toString);
        assertEquals(1, result.events("guard.started").size(), result::toString);
        assertEquals(1, result.events("guard.stopped").size(), result::toString);
        assertEquals(2, result.events().size(), result::toString);
        result.events().get(0).assertHas("event_type", "guard.started");
        LoggedEvent event = result.events("guard.started").get(0);
        event.object("hooks").assertMatches("define-class", "instrumented|verified");
    }

    /** As jcmd and keytool are, where JAVA_TOOL_OPTIONS puts the guard in front of them. */
    @EachJdk
    void jvmWithoutJavaSql_starts_andSaysWhatIsMissingWhenAPackageIsLoaded(Jdk jdk) throws Exception {
        for (String modules : new String[] {"java.base,java.instrument,java.logging", "java.base,java.instrument"}) {
            LoggedEvent event = eventOfLoadWith(jdk, modules);
            event.assertHas("failure_reason", "store_unavailable").assertMentions("error", "--add-modules=java.sql");
        }
    }

    private LoggedEvent eventOfLoadWith(Jdk jdk, String modules) throws Exception {
        Result result = jvm(jdk).option("--limit-modules=" + modules)
                .set("cloacina.require_signatures", true)
                .set("cloacina.verification_org_id", "123e4567-e89b-12d3-a456-426614174000")
                .set("cloacina.database_url", "sqlite://" + fixture.file("store.db"))
                .run(UrlHost.class, Packages.PLUGIN, fixture.packages().jar("any.jar", fixture.file("marker"), "ran"));

        assertEquals(0, result.status(), result::toString);
        assertFalse(Files.exists(fixture.file("marker")), result::toString);
        return result.events("package.load.failure").get(0);
    }

    @EachJdk
    void verify_hasEveryHookVerifiedBeforeMain(Jdk jdk) throws Exception {
        Result result = jvm(jdk).agentArguments("verify").run(UrlHost.class, Packages.PLUGIN);

        assertEquals(0, result.status(), result::toString);
        LoggedEvent event = result.events("guard.started").get(0);
        assertFalse(event.object("hooks").fields().containsValue("instrumented"), event::line);
        event.object("hooks").assertHas("define-class", "verified");
    }

    @EachJdk
    void bytecodeVerification_ofBootClasses_acceptsWhatWasWoven(Jdk jdk) throws Exception {
        Result result = jvm(jdk).option("-XX:+UnlockDiagnosticVMOptions")
                .option("-XX:+BytecodeVerificationLocal")
                .option("-XX:-BytecodeVerificationRemote")
                .run(UrlHost.class, Packages.PLUGIN);

        assertEquals(0, result.status(), result::toString);
        assertEquals("NOT FOUND 1\nNOT FOUND 2\nRESOURCE none\n", result.out(), result::toString);
    }

    /** From a class of the guard's, reflection would go on to what it holds. */
    @EachJdk
    void threadsOfTheGuard_leadNobodyToItsClasses(Jdk jdk) throws Exception {
        Result result = jvm(jdk).set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", fixture.packages().publicKeyFile())
                .run(ThreadsHost.class);

        assertEquals("DONE\n", result.out(), result::toString);
    }

    @EachJdk
    void start_withSmallStacks_succeeds(Jdk jdk) throws Exception {
        Result result = jvm(jdk).set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", fixture.packages().publicKeyFile())
                .option("-Xss384k")
                .run(ThreadsHost.class);

        assertEquals(0, result.status(), result::toString);
        assertEquals("DONE\n", result.out(), result::toString);
    }
}
