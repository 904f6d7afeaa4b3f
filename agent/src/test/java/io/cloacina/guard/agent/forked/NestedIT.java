// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.DirectoryHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.sign.NestedPackage;
import io.cloacina.guard.sign.PackageSigner;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.TrustManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A web application that was unpacked before the JVM started, which never opens its archive. */
class NestedIT {

    private static final UUID ORG = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private Packages packages;
    private Path marker;
    private Path war;
    private Path webapp;

    @BeforeEach
    void prepare() throws Exception {
        packages = new Packages(folder);
        marker = folder.resolve("marker");
        Path contents =
                Files.createDirectories(folder.resolve("contents/WEB-INF/lib")).getParent();
        packages.classes("contents/WEB-INF/classes", marker, "good");
        Files.move(
                packages.jar("library.jar", folder.resolve("library-marker"), "good"),
                contents.resolve("lib/library.jar"));
        war = Packages.zip(contents.getParent(), folder.resolve("shop.war"));
        webapp = Files.createDirectories(folder.resolve("webapps/shop"));
        try (ZipFile zip = new ZipFile(war.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path file = webapp.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(zip.getInputStream(entry), file, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private GuardedJvm jvm(Jdks.Jdk jdk, Path store) {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.database_url", "sqlite://" + store)
                .set("cloacina.verification_org_id", ORG);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void unpackedByAnotherProcess_loadsByWhatNestedStored(Jdks.Jdk jdk) throws Exception {
        Path file = folder.resolve("trust.db");
        Path classes = webapp.resolve("WEB-INF/classes");
        Path library = webapp.resolve("WEB-INF/lib/library.jar");
        try (JdbiStore store = JdbiStore.create(StoreUrl.ofFile(file), TIMEOUT, Clock.systemUTC())) {
            new TrustManager(store, Clock.systemUTC(), new SecureRandom())
                    .trustPublicKey(ORG, packages.key().publicKey(), "release", false);
            Result before = jvm(jdk, file).run(DirectoryHost.class, folder.resolve("events.jsonl"), "own=" + classes);
            assertTrue(before.out().contains("own class REFUSED"), before::toString);

            PackageSigner signer = PackageSigner.storing(packages.key(), store, ORG, Clock.systemUTC());
            List<SignedPackage> inside = new ArrayList<>();
            for (NestedPackage nested : PackageSigner.nestedIn(war)) {
                inside.add(signer.prepare(nested).commit());
            }
            assertEquals(2, signer.store(inside).size());
        }
        Files.delete(war);

        Result own = jvm(jdk, file).run(DirectoryHost.class, folder.resolve("events.jsonl"), "own=" + classes);
        assertEquals("own made Own 0\nown class LOADED 1\nown again LOADED 1\n", own.out(), own::toString);
        assertEquals("good", Files.readString(marker));
        Result jar = jvm(jdk, file).run(UrlHost.class, Packages.PLUGIN, library);
        assertTrue(jar.out().startsWith("LOADED 1\n"), jar::toString);

        // It is what was signed, and nothing else.
        Files.delete(marker);
        packages.classes("webapps/shop/WEB-INF/classes", marker, "evil");
        Result evil = jvm(jdk, file).run(DirectoryHost.class, folder.resolve("events.jsonl"), "own=" + classes);
        assertTrue(evil.out().contains("own class REFUSED"), evil::toString);
        assertFalse(Files.exists(marker), evil::toString);
    }
}
