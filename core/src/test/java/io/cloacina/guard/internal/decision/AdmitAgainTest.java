// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.verify.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads that were decided on and recorded before, and are decided on again. */
class AdmitAgainTest {

    @TempDir
    Path directory;

    private EnforcingSetup setup;
    private Path file;
    private PackageHash hash;
    private Load load;

    @BeforeEach
    void signOne() throws Exception {
        setup = new EnforcingSetup(directory);
        file = setup.sign(Files.writeString(directory.resolve("a.jar"), "a"));
        hash = PackageSnapshot.hash(file);
        load = Load.ofFile(Load.Kind.JAR, file, "a hook", "a loader");
    }

    @Test
    void admitAgain_stillTrusted_isAllowedWithoutAnEvent() throws Exception {
        try (Guard guard = setup.open()) {
            guard.admit(load, hash);
            Admission.Allowed again =
                    assertInstanceOf(Admission.Allowed.class, guard.admitAgain(load, null, hash, Covers.NONE));

            assertEquals(setup.key.publicKey().fingerprint(), again.signer());
            assertEquals(hash, again.packageHash());
            assertTrue(!again.copied());
        }
        assertEquals(1, setup.events("package.load.success").size());
        assertFields(setup.events("guard.stopped").get(0), "verified", 1);
    }

    @Test
    void admitAgain_whatOneOfItsCoversStillCovers_isAllowedWithoutAnEvent() throws Exception {
        Path inner = Files.writeString(directory.resolve("inner.jar"), "inner");
        Cover unsigned = new Cover(inner.toString(), PackageSnapshot.hash(inner), directory.resolve("inner.jar.sig"));
        Cover signed = new Cover(file.toString(), hash, directory.resolve("a.jar.sig"));
        Load covered = Load.ofFile(Load.Kind.JAR, inner, "a hook", "a loader");
        try (Guard guard = setup.open()) {
            Admission.Allowed again = assertInstanceOf(
                    Admission.Allowed.class,
                    guard.admitAgain(
                            covered, inner, PackageSnapshot.hash(inner), (l, f, h) -> List.of(unsigned, signed)));
            assertEquals(signed, again.cover());
            assertInstanceOf(
                    Admission.Denied.class,
                    guard.admitAgain(covered, inner, PackageSnapshot.hash(inner), Covers.just(unsigned)));
        }
        assertEquals(0, setup.events("package.load.success").size());
        assertEquals(1, setup.events("package.load.failure").size());
    }

    @Test
    void admitAgain_signatureThatIsGone_isDeniedWithAnEvent() throws Exception {
        try (Guard guard = setup.open()) {
            guard.admit(load, hash);
            Files.delete(directory.resolve("a.jar.sig"));

            Admission.Denied denied =
                    assertInstanceOf(Admission.Denied.class, guard.admitAgain(load, null, hash, Covers.NONE));

            assertEquals(Refusal.SIGNATURE_NOT_FOUND, denied.reason());
        }
        assertEquals(1, setup.events("package.load.success").size());
        assertEquals(1, setup.events("package.load.failure").size());
    }

    @Test
    void admitAgain_signatureThatIsGoneInAuditMode_isAllowedAsUnsigned() throws Exception {
        setup.settings.put("cloacina.require_signatures", "false");
        try (Guard guard = setup.open()) {
            guard.admit(load, hash);
            Files.delete(directory.resolve("a.jar.sig"));

            Admission.Allowed again =
                    assertInstanceOf(Admission.Allowed.class, guard.admitAgain(load, null, hash, Covers.NONE));

            assertEquals(null, again.signer());
        }
        assertEquals(1, setup.events("package.load.success").size());
        assertEquals(0, setup.events("package.load.failure").size());
    }
}
