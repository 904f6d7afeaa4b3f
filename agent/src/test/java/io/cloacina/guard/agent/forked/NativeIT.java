// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.NativeHost;
import io.cloacina.guard.agent.hosts.SqliteHost;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.sqlite.util.LibraryLoaderUtil;

/** Native libraries, with the one inside the real sqlite-jdbc JAR. */
class NativeIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private Path library;

    @BeforeEach
    void extract() throws Exception {
        library = fixture.file(LibraryLoaderUtil.getNativeLibName());
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
        try (InputStream in = LibraryLoaderUtil.class.getResourceAsStream(resource)) {
            assumeTrue(in != null, "sqlite-jdbc has no library for this platform");
            Files.copy(in, library);
        }
    }

    private static Path sqliteJar() throws Exception {
        return Path.of(org.sqlite
                .JDBC
                .class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    /** The classes that the library looks up when it is loaded, without the library itself, which would cover it. */
    private Path classesWithoutLibraries() throws Exception {
        Path classes = fixture.file("sqlite-classes");
        try (ZipFile zip = new ZipFile(sqliteJar().toFile())) {
            for (ZipEntry entry : zip.stream()
                    .filter(entry -> entry.getName().matches("org/sqlite/.*\\.class"))
                    .toList()) {
                Path file = classes.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.write(file, zip.getInputStream(entry).readAllBytes());
            }
        }
        return classes;
    }

    @EachJdk
    void library_unsigned_isRefusedWithCause(Jdk jdk) throws Exception {
        Result result = fixture.enforcing(jdk).run(NativeHost.class, library);

        assertTrue(result.out().startsWith("REFUSED PackageRefusedException cloacina-guard refused"), result::toString);
        result.event("package.load.failure").assertHas("kind", "native", "failure_reason", "signature_not_found");
    }

    @EachJdk
    void library_signed_loads_alsoTwice(Jdk jdk) throws Exception {
        packages.sign(library);

        Result result =
                fixture.enforcing(jdk).classPath(classesWithoutLibraries()).run(NativeHost.class, library, library);

        assertEquals("LOADED\nLOADED\n", result.out(), result::toString);
        assertEquals(2, result.events("package.load.success").size(), result::toString);
    }

    @EachJdk
    void library_withOneBitFlipped_isRefused(Jdk jdk) throws Exception {
        packages.sign(library);
        Packages.flipOneBit(library);

        Result result = fixture.enforcing(jdk).run(NativeHost.class, library);

        assertTrue(result.out().startsWith("REFUSED PackageRefusedException"), result::toString);
        result.events("package.load.failure").get(0).assertHas("failure_reason", "tampered_package");
    }

    @EachJdk
    void library_extractedByAJarOfTheClassPath_isCoveredByIt(Jdk jdk) throws Exception {
        Path jar = Path.of(org.sqlite
                .JDBC
                .class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());

        Result result = fixture.enforcing(jdk).classPath(jar).run(SqliteHost.class, fixture.file("some.db"));

        assertEquals("3\n", result.out(), result::toString);
        LoggedEvent event = result.events("package.load.success").get(0);
        event.assertHas("covered_by", jar, "signature_verified", false);
    }
}
