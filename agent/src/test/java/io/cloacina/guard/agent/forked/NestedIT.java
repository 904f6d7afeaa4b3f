// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.DirectoryHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import io.cloacina.guard.internal.sign.NestedPackage;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.sign.SignedPackage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A web application that was unpacked before the JVM started, which never opens its archive. */
class NestedIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");
    private Path war;
    private Path webapp;

    @BeforeEach
    void prepare() throws Exception {
        Path contents = fixture.newDirectory("contents/WEB-INF/lib").getParent();
        packages.classes("contents/WEB-INF/classes", marker, "good");
        Files.move(
                packages.jar("library.jar", fixture.file("library-marker"), "good"),
                contents.resolve("lib/library.jar"));
        war = Packages.zip(contents.getParent(), fixture.file("shop.war"));
        webapp = fixture.newDirectory("webapps/shop");
        try (ZipFile zip = new ZipFile(war.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path file = webapp.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(zip.getInputStream(entry), file, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    @EachJdk
    void unpackedByAnotherProcess_loadsByWhatNestedStored(Jdk jdk) throws Exception {
        String url = "sqlite://" + fixture.file("trust.db");
        Path classes = webapp.resolve("WEB-INF/classes");
        Path library = webapp.resolve("WEB-INF/lib/library.jar");
        try (TestStore store = TestStore.create(url, packages).trust()) {
            Result before = fixture.enforcing(jdk, url)
                    .run(DirectoryHost.class, fixture.file("events.jsonl"), "own=" + classes);
            assertTrue(before.out().contains("own class REFUSED"), before::toString);

            PackageSigner signer =
                    PackageSigner.storing(packages.key(), store.store(), TestStore.ORG, Clock.systemUTC());
            List<SignedPackage> inside = new ArrayList<>();
            for (NestedPackage nested : PackageSigner.nestedIn(war)) {
                inside.add(signer.prepare(nested).commit());
            }
            assertEquals(2, signer.store(inside).size());
        }
        Files.delete(war);

        Result own =
                fixture.enforcing(jdk, url).run(DirectoryHost.class, fixture.file("events.jsonl"), "own=" + classes);
        assertEquals("own made Own 0\nown class LOADED 1\nown again LOADED 1\n", own.out(), own::toString);
        assertEquals("good", Files.readString(marker));
        Result jar = fixture.enforcing(jdk, url).run(UrlHost.class, Packages.PLUGIN, library);
        assertTrue(jar.out().startsWith("LOADED 1\n"), jar::toString);

        // It is what was signed, and nothing else.
        Files.delete(marker);
        packages.classes("webapps/shop/WEB-INF/classes", marker, "evil");
        Result evil =
                fixture.enforcing(jdk, url).run(DirectoryHost.class, fixture.file("events.jsonl"), "own=" + classes);
        assertTrue(evil.out().contains("own class REFUSED"), evil::toString);
        assertFalse(Files.exists(marker), evil::toString);
    }
}
