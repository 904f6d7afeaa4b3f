// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.sign.StoredSignature;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The public API of what is said about packages, and the events that it writes. */
class PackagesTest extends PackageSecurityFixture {

    @Test
    void packages_withdrawnOrLimited_areRefusedAndOnRecord() throws Exception {
        makeReleaseKey();
        PackageHash hash = security.signing("release").sign(plugin).packageHash();
        lines();

        assertTrue(security.packages().withdraw(hash, "it leaks").changed());
        assertEquals("WithdrawnPackage", refusalOf(security.verify(plugin)).errorName());
        assertEquals(hash, security.packages().withdrawn().get(0).packageHash());
        assertTrue(security.packages().reinstate(hash).changed());
        security.verify(plugin).orThrow();
        assertEquals(
                List.of("package.withdrawn", "verification.failure", "package.reinstated", "verification.success"),
                events());

        assertTrue(security.trust().limit("release", new KeyLimit(List.of("org.example:*"), null)));
        assertEquals(Refusal.UNTRUSTED_SIGNER, refusalOf(security.verify(plugin)));
        assertTrue(security.trust().limit("release", KeyLimit.NONE));
        security.verify(plugin).orThrow();

        assertTrue(security.packages().setFloor("org.example:a", "2.0").changed());
        assertEquals("2.0", security.packages().floors().get(0).minimumVersion());
        assertTrue(security.packages().removeFloor("org.example:a"));
        assertEquals(List.of(), security.packages().floors());
    }

    @Test
    void withdrawn_everywhere_bindsEveryOrganisation() throws Exception {
        makeReleaseKey();
        PackageHash hash = security.signing("release").sign(plugin).packageHash();
        lines();

        assertTrue(security.packages().withdrawEverywhere(hash, "it leaks").changed());
        assertFalse(security.packages().withdrawEverywhere(hash, "again").changed());
        assertTrue(lines().get(0).contains("\"org_id\":\"" + new UUID(0, 0) + "\""));
        try (PackageSecurity other = config().organisation(CHILD).open()) {
            assertEquals("WithdrawnPackage", refusalOf(other.verify(plugin)).errorName());
        }
        assertEquals("WithdrawnPackage", refusalOf(security.verify(plugin)).errorName());
        assertEquals(
                Reason.NOT_WITHDRAWN,
                assertThrows(KeyException.class, () -> security.packages().reinstate(hash))
                        .reason());
        assertTrue(security.packages().reinstateEverywhere(hash).changed());
        security.verify(plugin).orThrow();
    }

    @Test
    void withdrawn_byPath_isTheFileOrTheTreeThatVerifyTakesItFor() throws Exception {
        makeReleaseKey();
        Path tree = Files.createDirectory(directory.resolve("classes"));
        Files.writeString(tree.resolve("A.class"), "a");
        for (Path each : List.of(plugin, tree)) {
            security.signing("release").sign(each);
            lines();

            PackageHash hash = security.packages().withdraw(each, null).row().packageHash();
            assertTrue(lines().get(0).contains("\"package_path\":\"" + each + "\""));
            assertEquals(hash, security.verify(each).packageHash());
            assertEquals(Refusal.WITHDRAWN_PACKAGE, refusalOf(security.verify(each)));
            assertTrue(security.packages().reinstate(each).changed());
            security.verify(each).orThrow();
        }
        assertThrows(
                UnreadablePackageException.class,
                () -> security.packages().withdraw(directory.resolve("absent.jar"), null));
    }

    @Test
    void signed_isWhatAKeyHasSignedAndWhetherThatIsWithdrawn() throws Exception {
        makeReleaseKey();
        security.keys().create("other");
        PackageHash hash = security.signing("release").sign(plugin).packageHash();
        Path second = Files.writeString(directory.resolve("second.jar"), "2");
        security.signing("other").sign(second);
        security.packages().withdraw(hash, null);

        assertEquals(2, security.packages().signed().size());
        List<StoredSignature> byRelease = security.packages().signedBy("release");
        assertEquals(1, byRelease.size());
        assertEquals(hash, byRelease.get(0).packageHash());
        assertEquals("release", byRelease.get(0).signerName());
        assertEquals(
                security.packages().withdrawn().get(0).withdrawnAt(),
                byRelease.get(0).withdrawnAt());
        assertNull(security.packages().signedBy("other").get(0).withdrawnAt());
        assertEquals(
                Reason.UNKNOWN_KEY,
                assertThrows(KeyException.class, () -> security.packages().signedBy("nobody"))
                        .reason());
    }
}
