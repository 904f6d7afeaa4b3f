// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.JdkLibraryHost;
import java.io.InputStream;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.sqlite.util.LibraryLoaderUtil;

/** Libraries that native code of the JDK opens by itself, with a path that the application chooses. */
class JdkLibraryIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private Path library;

    @BeforeEach
    void extract() throws Exception {
        // The name that NSS must have.
        library = fixture.file(System.mapLibraryName("nss3"));
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
        try (InputStream in = LibraryLoaderUtil.class.getResourceAsStream(resource)) {
            assumeTrue(in != null, "sqlite-jdbc has no library for this platform");
            Files.copy(in, library);
        }
    }

    @EachJdk(with = {"pkcs11-library", "nss-library", "gss-library", "smart-card-library"})
    @Retention(RetentionPolicy.RUNTIME)
    private @interface EachHook {}

    private Result run(Jdk jdk, String hook, boolean enforcing) throws Exception {
        Result result = fixture.trusting(jdk, enforcing).run(JdkLibraryHost.class, hook, library);
        assertEquals(0, result.status(), result::toString);
        return result;
    }

    private void assertOnly(Result result, String type, String hook, String field, Object value) {
        assertEquals(
                1,
                result.events("package.load.success").size()
                        + result.events("package.load.failure").size(),
                result::toString);
        result.event(type)
                .assertHas("hook", hook, "kind", "native", "package_path", library)
                .assertHas(field, value);
    }

    @EachHook
    void library_unsigned_isRefused(Jdk jdk, String hook) throws Exception {
        assertOnly(run(jdk, hook, true), "package.load.failure", hook, "failure_reason", "signature_not_found");
    }

    @EachHook
    void library_signed_isOpened(Jdk jdk, String hook) throws Exception {
        packages.sign(library);

        assertOnly(run(jdk, hook, true), "package.load.success", hook, "signature_verified", true);
    }

    @EachHook
    void library_unsignedInAuditMode_isRecorded(Jdk jdk, String hook) throws Exception {
        assertOnly(run(jdk, hook, false), "package.load.success", hook, "failure_reason", "signature_not_found");
    }

    /** The JDK tries three names, and not all of them can be there. */
    @EachJdk
    void gssLibrary_ofADefaultNameThatIsNotThere_isNoRefusal(Jdk jdk) throws Exception {
        Result result = run(jdk, "gss-default", true);

        assertEquals(List.of(), result.events("package.load.failure"), result::toString);
    }

    @EachJdk
    void gssLibrary_ofABareNameThatTheLinkerWouldFind_isRefused(Jdk jdk) throws Exception {
        Files.copy(Path.of(library.toString()), fixture.file("libgssapi.so"));
        Result result = fixture.enforcing(jdk)
                .environment("LD_LIBRARY_PATH", fixture.directory().toString())
                .run(JdkLibraryHost.class, "gss-default", library);

        assertEquals(1, result.events("package.load.failure").size(), result::toString);
        result.events("package.load.failure").get(0).assertMentions("package_path", "libgssapi.so");
    }
}
