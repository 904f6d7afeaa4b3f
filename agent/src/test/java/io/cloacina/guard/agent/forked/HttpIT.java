// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.CachedHost;
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
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plugins that come over the network have no file that a signature could lie beside. */
class HttpIT {

    @TempDir
    Path folder;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void httpJar_unsigned_isRefused_alsoOutOfTheConnectionCache(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        Path marker = folder.resolve("marker");
        Path jar = packages.jar("plugin.jar", marker, "evil");
        GuardedJvm jvm = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
        for (String way : new String[] {"direct", "peek"}) {
            Result result = jvm.run(CachedHost.class, jar, Packages.PLUGIN, way);

            assertEquals("REFUSED 1\nREFUSED 1\n", result.out(), () -> way + " " + result);
            assertFalse(Files.exists(marker), result::toString);
            String event = result.events("package.load.failure").get(0);
            assertTrue(event.contains("\"package_path\":\"http://127.0.0.1:"), event);
            String reason = way.equals("peek") ? "unreadable_package" : "signature_not_found";
            assertTrue(event.contains(reason), () -> way + " " + event);
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void httpJar_signedInTheStore_loadsTwiceAtATime_andLeavesNoFile(Jdks.Jdk jdk) throws Exception {
        UUID org = UUID.fromString("00000000-0000-4000-8000-000000000001");
        Packages packages = new Packages(folder);
        Path jar = packages.jar("plugin.jar", folder.resolve("marker"), "good");
        Path temporary = Files.createDirectories(folder.resolve("temporary"));
        Path file = folder.resolve("trust.db");
        try (JdbiStore store = JdbiStore.create(StoreUrl.ofFile(file), Duration.ofSeconds(10), Clock.systemUTC())) {
            new TrustManager(store, Clock.systemUTC(), new SecureRandom())
                    .trustPublicKey(org, packages.key().publicKey(), "release", false);
            PackageHash hash = PackageSnapshot.hash(jar);
            store.signatures()
                    .add(new PackageSignature(
                            UUID.randomUUID(),
                            hash,
                            packages.key().publicKey().fingerprint(),
                            packages.key().sign(hash.bytes()),
                            Clock.systemUTC().instant(),
                            org));
        }

        Result result = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.database_url", "sqlite://" + file)
                .set("cloacina.verification_org_id", org)
                .option("-Djava.io.tmpdir=" + temporary)
                .run(CachedHost.class, jar, Packages.PLUGIN, "direct");

        assertEquals("LOADED\nLOADED\n", result.out(), result::toString);
        assertEquals(2, result.events("package.load.success").size(), result::toString);
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }

    /** What it is that the test above keeps from running. */
    @ParameterizedTest
    @MethodSource("jdks")
    void httpJar_withoutGuard_loads(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        Path jar = packages.jar("plugin.jar", folder.resolve("marker"), "evil");

        Result result = new GuardedJvm(jdk, folder).withoutAgent().run(CachedHost.class, jar, Packages.PLUGIN, "peek");

        assertEquals("LOADED\nLOADED\n", result.out(), result::toString);
    }
}
