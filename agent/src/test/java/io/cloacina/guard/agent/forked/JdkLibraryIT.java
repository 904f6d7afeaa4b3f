// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.JdkLibraryHost;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sqlite.util.LibraryLoaderUtil;

/** Libraries that native code of the JDK opens by itself, with a path that the application chooses. */
class JdkLibraryIT {

    @TempDir
    Path folder;

    private Packages packages;
    private Path library;

    @BeforeEach
    void extract() throws Exception {
        packages = new Packages(folder);
        // The name that NSS must have.
        library = folder.resolve(System.mapLibraryName("nss3"));
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
        try (InputStream in = LibraryLoaderUtil.class.getResourceAsStream(resource)) {
            assumeTrue(in != null, "sqlite-jdbc has no library for this platform");
            Files.copy(in, library);
        }
    }

    static List<Arguments> waysAndJdks() {
        List<Arguments> all = new ArrayList<>();
        for (Jdks.Jdk jdk : Jdks.all()) {
            for (String hook : new String[] {"pkcs11-library", "nss-library", "gss-library", "smart-card-library"}) {
                all.add(Arguments.of(jdk, hook));
            }
        }
        return all;
    }

    private Result run(Jdks.Jdk jdk, String hook, boolean enforcing) throws Exception {
        Result result = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", enforcing)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .run(JdkLibraryHost.class, hook, library);
        assertEquals(0, result.status(), result::toString);
        return result;
    }

    private void assertOnly(Result result, String type, String hook, String part) {
        assertEquals(
                1,
                result.events("package.load.success").size()
                        + result.events("package.load.failure").size(),
                result::toString);
        String event = result.events(type).get(0);
        assertTrue(event.contains("\"hook\":\"" + hook + "\"") && event.contains("\"kind\":\"native\""), event);
        assertTrue(event.contains("\"package_path\":\"" + library + "\"") && event.contains(part), event);
    }

    @ParameterizedTest
    @MethodSource("waysAndJdks")
    void library_unsigned_isRefused(Jdks.Jdk jdk, String hook) throws Exception {
        assertOnly(run(jdk, hook, true), "package.load.failure", hook, "signature_not_found");
    }

    @ParameterizedTest
    @MethodSource("waysAndJdks")
    void library_signed_isOpened(Jdks.Jdk jdk, String hook) throws Exception {
        packages.sign(library);

        assertOnly(run(jdk, hook, true), "package.load.success", hook, "\"signature_verified\":true");
    }

    @ParameterizedTest
    @MethodSource("waysAndJdks")
    void library_unsignedInAuditMode_isRecorded(Jdks.Jdk jdk, String hook) throws Exception {
        assertOnly(run(jdk, hook, false), "package.load.success", hook, "signature_not_found");
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    /** The JDK tries three names, and not all of them can be there. */
    @ParameterizedTest
    @MethodSource("jdks")
    void gssLibrary_ofADefaultNameThatIsNotThere_isNoRefusal(Jdks.Jdk jdk) throws Exception {
        Result result = run(jdk, "gss-default", true);

        assertEquals(List.of(), result.events("package.load.failure"), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void gssLibrary_ofABareNameThatTheLinkerWouldFind_isRefused(Jdks.Jdk jdk) throws Exception {
        Files.copy(Path.of(library.toString()), folder.resolve("libgssapi.so"));
        Result result = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .environment("LD_LIBRARY_PATH", folder.toString())
                .run(JdkLibraryHost.class, "gss-default", library);

        assertEquals(1, result.events("package.load.failure").size(), result::toString);
        assertTrue(result.events("package.load.failure").get(0).contains("libgssapi.so"), result::toString);
    }
}
