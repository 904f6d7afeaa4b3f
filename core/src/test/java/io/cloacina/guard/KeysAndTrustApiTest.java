// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The public API of keys and trust, and the events that it writes. */
class KeysAndTrustApiTest extends PackageSecurityFixture {

    @Test
    void keys_eachOperation_isOnRecord() throws Exception {
        assertEquals(List.of("store.initialised"), events());

        security.keys().create("release");
        security.keys().importPem("imported", newKeyFile("made.pem"));
        assertEquals(List.of("key.signing.created", "key.signing.created"), events());

        assertEquals(2, security.keys().list().size());
        assertEquals("release", security.keys().get("release").name());
        assertEquals(List.of(), events());

        String pem = security.keys().export("imported").pem();
        assertEquals(Files.readString(directory.resolve("made.pem.pub")), pem);
        List<String> exported = lines();
        assertEquals(1, exported.size());
        assertTrue(exported.get(0).contains("\"private\":false"), exported.get(0));

        Path secret = directory.resolve("secret.pem");
        security.keys().exportPrivateKey("imported", secret);
        assertEquals(Files.readString(directory.resolve("made.pem")), Files.readString(secret));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
        exported = lines();
        assertEquals(1, exported.size());
        assertTrue(exported.get(0).contains("\"private\":true"), exported.get(0));

        assertTrue(security.keys().revoke("imported").changed());
        assertFalse(security.keys().revoke("imported").changed());
        assertEquals(List.of("key.signing.revoked"), events());

        try (Kek next = Kek.ofText("ff".repeat(32))) {
            assertEquals(2, security.keys().reseal(next));
        }
        assertEquals(List.of("key.resealed"), events());
        refused(Reason.WRONG_KEK, () -> security.keys().create("another"));
        assertEquals(List.of("key.signing.create_failed"), events());
    }

    @Test
    void keys_thatCannotBeMade_areOnRecord() throws Exception {
        makeReleaseKey();

        refused(Reason.NAME_TAKEN, () -> security.keys().create("release"));
        refused(Reason.BAD_NAME, () -> security.keys().create(""));
        refused(Reason.UNUSABLE_FILE, () -> security.keys().importPem("x", directory.resolve("absent.pem")));
        refused(Reason.MALFORMED_KEY, () -> security.keys().importPem("x", plugin));
        assertEquals(
                List.of("key.signing.create_failed"),
                events().stream().distinct().toList());

        Files.writeString(kekFile, "no key");
        refused(Reason.MALFORMED_KEK, () -> security.keys().create("x"));
        Files.delete(kekFile);
        KeyException e = refused(Reason.UNUSABLE_FILE, () -> security.keys().create("x"));
        assertEquals(
                "the key encryption key in [" + kekFile + "] cannot be read: there is no such file", e.getMessage());
        assertEquals(2, events().size());
    }

    @Test
    void privateKey_isNeitherWrittenOverAFile_norWithoutItsEvent() throws Exception {
        makeReleaseKey();
        refused(Reason.UNUSABLE_FILE, () -> security.keys().exportPrivateKey("release", plugin));
        assertEquals("the plugin", Files.readString(plugin));
        assertEquals(List.of(), events());

        memory.failing = true;
        Path secret = directory.resolve("secret.pem");
        assertThrows(AuditFailedException.class, () -> security.keys().exportPrivateKey("release", secret));
        assertFalse(Files.exists(secret));
    }

    @Test
    void keyEncryptionKey_notConfigured_isNamed() throws Exception {
        try (PackageSecurity without = SecurityConfig.builder()
                .store(directory.resolve("trust.db"))
                .organisation(ORG)
                .open()) {
            assertTrue(assertThrows(
                            IllegalStateException.class, () -> without.keys().create("x"))
                    .getMessage()
                    .contains("keyEncryptionKeyFile"));
            assertEquals(List.of(), without.keys().list());
        }
        try (Kek kek = Kek.ofText(KEK);
                PackageSecurity given = config().keyEncryptionKey(kek).open()) {
            given.keys().create("by the caller's key");
            given.keys().create("and once more");
        }
        refused(Reason.UNKNOWN_KEY, () -> security.keys().get("neither"));
        assertEquals(2, security.keys().list().size());
    }

    @Test
    void trust_eachOperation_isOnRecord() throws Exception {
        lines();
        Path pem = directory.resolve("vendor.pub");
        newKeyFile("vendor");
        assertTrue(security.trust().addPem(pem, "vendor").changed());
        assertFalse(security.trust().addPem(Files.readString(pem), "vendor").changed());
        assertEquals(List.of("key.trusted.added"), events());

        assertTrue(security.trust().revoke("vendor").changed());
        assertEquals(List.of("key.trusted.revoked"), events());
        byte[] raw = Pem.readPublicKey(Files.readAllBytes(pem)).raw();
        refused(Reason.TRUST_REVOKED, () -> security.trust().add(raw, null));
        assertEquals(List.of(), events());
        assertTrue(security.trust().reinstating().add(raw, null).changed());
        assertEquals(1, security.trust().list().size());

        security.trust().grant(CHILD);
        assertEquals(List.of("key.trusted.added", "key.trust_acl.granted"), events());
        assertEquals(CHILD, security.trust().grants().get(0).childOrgId());
        security.trust().ungrant(CHILD);
        assertEquals(List.of("key.trust_acl.revoked"), events());
        refused(Reason.NOT_GRANTED, () -> security.trust().ungrant(CHILD));
        refused(Reason.GRANT_REVOKED, () -> security.trust().grant(CHILD));
        assertTrue(security.trust().reinstating().grant(CHILD).changed());

        assertEquals(1, security.trust().revokeEverywhere("vendor").size());
        assertEquals(List.of(), security.trust().list());
        assertEquals(1, security.trust().listAll().size());
        refused(Reason.WEAK_KEY, () -> security.trust().add(new byte[32], null));
        refused(Reason.MALFORMED_KEY, () -> security.trust().addPem("no key", null));
        refused(Reason.UNUSABLE_FILE, () -> security.trust().addPem(directory, null));
    }
}
