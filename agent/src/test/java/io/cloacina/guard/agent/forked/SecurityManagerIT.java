// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.RestrictedHost;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.sign.TrustManager;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A {@code SecurityManager} whose policy lets the application make loaders and read its packages, and nothing else. */
class SecurityManagerIT {

    private static final UUID ORG = UUID.fromString("00000000-0000-4000-8000-000000000001");

    @TempDir
    Path folder;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all().stream().filter(jdk -> jdk.feature() < 24).toList();
    }

    private Path policy(boolean forGuard) throws Exception {
        String guard = "grant codeBase \"file:" + GuardedJvm.agentJar() + "\" {\n"
                + "  permission java.security.AllPermission;\n};\n";
        return Files.writeString(
                folder.resolve("host.policy"),
                (forGuard ? guard : "") + """
                grant codeBase "file:%s/" {
                  permission java.lang.RuntimePermission "createClassLoader";
                  permission java.lang.RuntimePermission "getClassLoader";
                  permission java.lang.RuntimePermission "setSecurityManager";
                  permission java.lang.RuntimePermission "loadLibrary.*";
                  permission java.io.FilePermission "%s/-", "read";
                };
                """.formatted(GuardedJvm.testClasses(), folder.resolve("plugins")));
    }

    private GuardedJvm restricted(Jdks.Jdk jdk, String manager, Path policy) {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .option("-Djava.security.manager" + manager)
                .option("-Djava.security.policy==" + policy);
    }

    /** Signed are those whose name begins with {@code good}. */
    private void plugins(Packages packages) throws Exception {
        Path plugins = Files.createDirectories(folder.resolve("plugins"));
        for (String name : new String[] {"good", "evil"}) {
            Path directory = packages.classes("plugins/" + name, folder.resolve(name + "-marker"), name);
            Path jar = Packages.zip(directory, plugins.resolve(name + ".jar"));
            Path modular = packages.classes("modular-" + name, folder.resolve(name + "-marker"), name);
            Packages.compile(modular, "module-info", "module plugin { exports sample; }");
            Path module = Packages.zip(modular, plugins.resolve(name + "-module.jar"));
            Path library = Packages.hasCompiler()
                    ? packages.nativeLibrary("plugins/lib" + name + ".so", folder.resolve(name + "-library"))
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
        assertFalse(Files.exists(folder.resolve("evil-library")), result::toString);
        assertEquals(ways, result.events("package.load.failure").size(), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void restrictedApplication_loadsWhatIsSigned_andNothingElse(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        plugins(packages);
        Path key = packages.publicKeyFile();

        assertGuarded(restricted(jdk, "", policy(true))
                .set("cloacina.trusted_keys", key)
                .run(RestrictedHost.class, "given", folder.resolve("plugins"), "good", "evil"));

        // Set by the application, whose policy need not know the guard.
        assertGuarded(restricted(jdk, "=allow", policy(false))
                .set("cloacina.trusted_keys", key)
                .run(RestrictedHost.class, "set", folder.resolve("plugins"), "good", "evil"));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void restrictedApplication_withASqliteStore_loadsWhatIsSigned_andNothingElse(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        plugins(packages);
        Path store = folder.resolve("trust.db");
        try (JdbiStore open = JdbiStore.create(StoreUrl.ofFile(store), Duration.ofSeconds(10), Clock.systemUTC())) {
            new TrustManager(open, Clock.systemUTC(), new SecureRandom())
                    .trustPublicKey(ORG, packages.key().publicKey(), "release", false);
        }
        for (String manager : new String[] {"given", "set"}) {
            assertGuarded(restricted(jdk, manager.equals("set") ? "=allow" : "", policy(true))
                    .set("cloacina.database_url", "sqlite://" + store)
                    .set("cloacina.verification_org_id", ORG)
                    .run(RestrictedHost.class, manager, folder.resolve("plugins"), "good", "evil"));
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void restrictedApplication_withAPostgresStore_loadsWhatIsSigned_andNothingElse(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        plugins(packages);
        try (EmbeddedPostgres server =
                EmbeddedPostgres.builder().setServerConfig("fsync", "off").start()) {
            String store = "postgres://postgres:x@localhost:" + server.getPort() + "/postgres";
            try (JdbiStore open = JdbiStore.create(StoreUrl.parse(store), Duration.ofSeconds(10), Clock.systemUTC())) {
                new TrustManager(open, Clock.systemUTC(), new SecureRandom())
                        .trustPublicKey(ORG, packages.key().publicKey(), "release", false);
            }
            for (String manager : new String[] {"given", "set"}) {
                assertGuarded(restricted(jdk, manager.equals("set") ? "=allow" : "", policy(true))
                        .set("cloacina.database_url", store)
                        .set("cloacina.verification_org_id", ORG)
                        .run(RestrictedHost.class, manager, folder.resolve("plugins"), "good", "evil"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void policyOfTheCommandLine_thatGrantsTheGuardNothing_endsTheJvm_andIsToldWhatToGrant(Jdks.Jdk jdk)
            throws Exception {
        Result result = restricted(jdk, "", policy(false)).run(RestrictedHost.class, "given", folder);

        assertEquals(78, result.status(), result::toString);
        assertTrue(
                result.err().contains("policy has to grant the agent jar java.security.AllPermission"),
                result::toString);
    }
}
