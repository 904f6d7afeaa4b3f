// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.RestrictedHost;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A {@code SecurityManager} whose policy lets the application make loaders and read its packages, and nothing else. */
class SecurityManagerIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private Path policy(boolean forGuard) throws Exception {
        String guard = "grant codeBase \"file:" + GuardedJvm.agentJar() + "\" {\n"
                + "  permission java.security.AllPermission;\n};\n";
        return Files.writeString(
                fixture.file("host.policy"),
                (forGuard ? guard : "") + """
                grant codeBase "file:%s/" {
                  permission java.lang.RuntimePermission "createClassLoader";
                  permission java.lang.RuntimePermission "getClassLoader";
                  permission java.lang.RuntimePermission "setSecurityManager";
                  permission java.lang.RuntimePermission "loadLibrary.*";
                  permission java.io.FilePermission "%s/-", "read";
                };
                """.formatted(GuardedJvm.testClasses(), fixture.file("plugins")));
    }

    private GuardedJvm restricted(Jdk jdk, String manager, Path policy) {
        return fixture.jvm(jdk)
                .set("cloacina.require_signatures", true)
                .option("-Djava.security.manager" + manager)
                .option("-Djava.security.policy==" + policy);
    }

    /** Signed are those whose name begins with {@code good}. */
    private void plugins(Packages packages) throws Exception {
        Path plugins = fixture.newDirectory("plugins");
        for (String name : new String[] {"good", "evil"}) {
            Path directory = packages.classes("plugins/" + name, fixture.file(name + "-marker"), name);
            Path jar = Packages.zip(directory, plugins.resolve(name + ".jar"));
            Path modular = packages.classes("modular-" + name, fixture.file(name + "-marker"), name);
            Packages.compile(modular, "module-info", "module plugin { exports sample; }");
            Path module = Packages.zip(modular, plugins.resolve(name + "-module.jar"));
            Path library = Packages.hasCompiler()
                    ? packages.nativeLibrary("plugins/lib" + name + ".so", fixture.file(name + "-library"))
                    : null;
            if (name.equals("good")) {
                packages.sign(directory);
                packages.sign(jar);
                packages.sign(module);
                if (library != null) {
                    packages.sign(library);
                }
            }
        }
    }

    private void assertGuarded(Result result) {
        List<String> lines = result.out().lines().toList();
        assertEquals("restricted", lines.get(0), result::toString);
        int ways = Packages.hasCompiler() ? 5 : 4;
        assertEquals(1 + 2 * ways, lines.size(), result::toString);
        for (String line : lines.subList(1, 1 + ways)) {
            assertTrue(line.matches("good .* LOADED"), result::toString);
        }
        for (String line : lines.subList(1 + ways, lines.size())) {
            assertTrue(line.matches("evil .* REFUSED .*signature_not_found.*"), result::toString);
        }
        assertFalse(Files.exists(fixture.file("evil-library")), result::toString);
        assertEquals(ways, result.events("package.load.failure").size(), result::toString);
    }

    @EachJdk(upTo = 23)
    void restrictedApplication_loadsWhatIsSigned_andNothingElse(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        plugins(packages);
        Path key = packages.publicKeyFile();

        assertGuarded(restricted(jdk, "", policy(true))
                .set("cloacina.trusted_keys", key)
                .run(RestrictedHost.class, "given", fixture.file("plugins"), "good", "evil"));

        // Set by the application, whose policy need not know the guard.
        assertGuarded(restricted(jdk, "=allow", policy(false))
                .set("cloacina.trusted_keys", key)
                .run(RestrictedHost.class, "set", fixture.file("plugins"), "good", "evil"));
    }

    @EachJdk(upTo = 23)
    void restrictedApplication_withASqliteStore_loadsWhatIsSigned_andNothingElse(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        plugins(packages);
        String store = fixture.trustStore();
        for (String manager : new String[] {"given", "set"}) {
            assertGuarded(restricted(jdk, manager.equals("set") ? "=allow" : "", policy(true))
                    .set("cloacina.database_url", store)
                    .set("cloacina.verification_org_id", TestStore.ORG)
                    .run(RestrictedHost.class, manager, fixture.file("plugins"), "good", "evil"));
        }
    }

    @EachJdk(upTo = 23)
    void restrictedApplication_withAPostgresStore_loadsWhatIsSigned_andNothingElse(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        plugins(packages);
        try (EmbeddedPostgres server =
                EmbeddedPostgres.builder().setServerConfig("fsync", "off").start()) {
            String store = fixture.trustStore("postgres://postgres:x@localhost:" + server.getPort() + "/postgres");
            for (String manager : new String[] {"given", "set"}) {
                assertGuarded(restricted(jdk, manager.equals("set") ? "=allow" : "", policy(true))
                        .set("cloacina.database_url", store)
                        .set("cloacina.verification_org_id", TestStore.ORG)
                        .run(RestrictedHost.class, manager, fixture.file("plugins"), "good", "evil"));
            }
        }
    }

    @EachJdk(upTo = 23)
    void policyOfTheCommandLine_thatGrantsTheGuardNothing_endsTheJvm_andIsToldWhatToGrant(Jdk jdk) throws Exception {
        Result result = restricted(jdk, "", policy(false)).run(RestrictedHost.class, "given", fixture.directory());

        assertEquals(78, result.status(), result::toString);
        assertTrue(
                result.err().contains("policy has to grant the agent jar java.security.AllPermission"),
                result::toString);
    }
}
