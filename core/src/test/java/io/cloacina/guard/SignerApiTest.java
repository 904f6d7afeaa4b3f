// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.sign.Signer;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.SigningException.Reason;
import io.cloacina.guard.sign.StatementRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing with a key that only a {@link Signer} has, as one that asks a key management service. */
class SignerApiTest {

    private final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());

    @TempDir
    private Path directory;

    private Path plugin;

    @BeforeEach
    void makePlugin() throws Exception {
        plugin = Files.writeString(directory.resolve("plugin.jar"), "plugin");
    }

    private PackageSecurity store() throws Exception {
        return SecurityConfig.builder()
                .store(directory.resolve("trust.db"))
                .organisation(UUID.randomUUID())
                .create();
    }

    @Test
    void offline_writesASignatureThatVerifies() throws Exception {
        Signing.offline(key.publicKey(), key::sign).sign(plugin);

        Verification.offline(key.publicKey().raw()).verify(plugin).orThrow();
    }

    @Test
    void withStore_storesWhatTheSignerHasMade_inBothVersions() throws Exception {
        try (PackageSecurity store = store()) {
            store.trust().add(key.publicKey().raw(), "kms");
            Signing signing = store.signing(key.publicKey(), key::sign).withoutFile();

            assertTrue(signing.sign(plugin).stored());
            store.verify(plugin).orThrow();
            assertTrue(signing.statement(StatementRequest.of("plugin", "1.0", null))
                    .sign(plugin)
                    .stored());
        }
    }

    @Test
    void signature_thatIsNotTheKeys_isNeitherWrittenNorStored() throws Exception {
        Ed25519PrivateKey other = Ed25519PrivateKey.generate(new SecureRandom());
        try (PackageSecurity store = store()) {
            assertRefused(store.signing(key.publicKey(), other::sign), Reason.WRONG_SIGNATURE);
            assertRefused(store.signing(key.publicKey(), message -> null), Reason.WRONG_SIGNATURE);
            assertRefused(store.signing(key.publicKey(), message -> new byte[64]), Reason.WRONG_SIGNATURE);
            assertRefused(
                    store.signing(key.publicKey(), message -> {
                        message[0] ^= 1;
                        return key.sign(message);
                    }),
                    Reason.WRONG_SIGNATURE);
        }
    }

    @Test
    void signer_thatThrows_isAReason() throws Exception {
        try (PackageSecurity store = store()) {
            SigningException failure = assertRefused(
                    store.signing(key.publicKey(), message -> {
                        throw new IllegalStateException("no connection");
                    }),
                    Reason.SIGNER_FAILED);
            assertEquals("the signer failed: no connection", failure.getMessage());
        }
    }

    private SigningException assertRefused(Signing signing, Reason reason) {
        SigningException refusal = assertThrows(SigningException.class, () -> signing.sign(plugin));
        assertEquals(reason, refusal.reason());
        assertThrows(
                SigningException.class,
                () -> signing.statement(StatementRequest.of("plugin", "1.0", null))
                        .sign(plugin));
        assertThrows(SigningException.class, () -> signing.sign(new byte[] {1}));
        assertFalse(Files.exists(directory.resolve("plugin.jar.sig")));
        return refusal;
    }
}
