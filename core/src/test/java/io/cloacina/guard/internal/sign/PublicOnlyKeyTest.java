// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.PostgresServer;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.KeyException.Reason;
import io.cloacina.guard.trust.SigningKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys whose private half is elsewhere, on both databases. */
class PublicOnlyKeyTest {

    private final SecureRandom random = new SecureRandom();
    private final UUID org = UUID.randomUUID();
    private final Kek kek = Kek.of(random.generateSeed(32));
    private final Ed25519PrivateKey key = Ed25519PrivateKey.generate(random);

    @TempDir
    private Path directory;

    private JdbiStore store(String database) throws Exception {
        String address = database.equals("sqlite")
                ? "sqlite://" + directory.resolve("trust.db")
                : PostgresServer.address(PostgresServer.newDatabase(), "postgres");
        return JdbiStore.create(StoreUrl.parse(address), Duration.ofSeconds(30), Clock.systemUTC());
    }

    private static void assertReason(Reason reason, Executable attempt) {
        assertEquals(reason, assertThrows(KeyException.class, attempt).reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql"})
    void key_withoutPrivateHalf_isListedAndRevokedAndNeverOpened(String database) throws Exception {
        try (JdbiStore store = store(database)) {
            KeyManager manager = new KeyManager(store, Clock.systemUTC(), random);

            SigningKey made = manager.importPublicKey(org, "hsm", key.publicKey());

            assertTrue(made.publicOnly());
            SigningKey listed = manager.signingKeys(org).get(0);
            assertTrue(listed.publicOnly());
            assertEquals(made.fingerprint(), listed.fingerprint());
            assertEquals(key.publicKey(), manager.keyOfSigner(org, "hsm"));
            assertEquals(key.publicKey(), manager.exportPublicKey(org, "hsm").publicKey());
            assertReason(Reason.NO_PRIVATE_KEY, () -> manager.openSigningKey(org, "hsm", kek));
            assertReason(Reason.NO_PRIVATE_KEY, () -> manager.exportPrivateKey(org, "hsm", kek));
            assertReason(Reason.NAME_TAKEN, () -> manager.importPublicKey(org, "hsm", key.publicKey()));
            assertReason(Reason.NAME_TAKEN, () -> manager.createSigningKey(org, "hsm", kek, KeySealer.Form.BOUND));
            assertReason(Reason.BAD_NAME, () -> manager.importPublicKey(org, "", key.publicKey()));
            manager.revokeSigningKey(org, "hsm");
            assertReason(Reason.SIGNING_KEY_REVOKED, () -> manager.keyOfSigner(org, "hsm"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql"})
    void keyEncryptionKey_isNeitherCheckedAgainstNorResealedForThem(String database) throws Exception {
        try (JdbiStore store = store(database)) {
            KeyManager manager = new KeyManager(store, Clock.systemUTC(), random);
            manager.importPublicKey(org, "hsm", key.publicKey());
            assertEquals(0, manager.reseal(kek, kek, KeySealer.Form.BOUND));

            manager.createSigningKey(org, "release", kek, KeySealer.Form.BOUND);

            Kek next = Kek.of(random.generateSeed(32));
            assertEquals(1, manager.reseal(kek, next, KeySealer.Form.REFERENCE));
            assertFalse(manager.signingKey(org, "release").publicOnly());
            assertReason(Reason.HAS_PRIVATE_KEY, () -> manager.keyOfSigner(org, "release"));
            manager.openSigningKey(org, "release", next).close();
            assertReason(Reason.WRONG_KEK, () -> manager.createSigningKey(org, "other", kek, KeySealer.Form.BOUND));
            manager.importPublicKey(org, "hsm-2", key.publicKey());
            assertEquals(3, manager.signingKeys(org).size());
        }
    }
}
