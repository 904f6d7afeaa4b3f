// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.sign.KeyManager;
import io.cloacina.guard.sign.PackageSigner;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.TrustManager;
import io.cloacina.guard.trust.FixedKeys;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.PackageSnapshot;
import io.cloacina.guard.verify.PackageVerifier;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host writes that signs and verifies by itself, without the agent: nothing but the public API. */
class SignAndVerifyExampleTest {

    @TempDir
    Path folder;

    @Test
    void host_withAStore_signsAndVerifies() throws Exception {
        Path plugin = Files.writeString(folder.resolve("plugin.jar"), "the plugin");
        UUID org = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
        StoreUrl url = StoreUrl.parse("sqlite://" + folder.resolve("trust.db"));
        try (Kek kek = Kek.ofText("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
                JdbiStore store = JdbiStore.create(url, Duration.ofSeconds(5), Clock.systemUTC())) {

            // Once: a key, and trust in it.
            KeyManager keys = new KeyManager(store, Clock.systemUTC(), new SecureRandom());
            SigningKey release = keys.createSigningKey(org, "release", kek, KeySealer.Form.BOUND);
            new TrustManager(store, Clock.systemUTC(), new SecureRandom()).trustSigningKey(org, "release", null, false);

            // Who releases: signs.
            try (Ed25519PrivateKey key = keys.openSigningKey(org, "release", kek)) {
                SignedPackage signed = PackageSigner.writingFiles(key, Clock.systemUTC())
                        .alsoStoring(store, org)
                        .sign(plugin);
                assertTrue(Files.exists(signed.signatureFile()));
            }

            // Who loads: verifies.
            PackageVerifier verifier = new PackageVerifier(store, org, SignatureSource.AUTO);
            Verdict verdict = verifier.verify(PackageSnapshot.hash(plugin), DetachedSignature.pathFor(plugin));

            if (verdict instanceof Verdict.Verified good) {
                assertEquals(release.fingerprint(), good.signer());
            } else if (verdict instanceof Verdict.Refused bad) {
                throw new AssertionError(bad.reason() + ": " + bad.error());
            }
        }
    }

    @Test
    void host_withAPublicKeyOnly_verifiesOffline() throws Exception {
        Path plugin = Files.writeString(folder.resolve("plugin.jar"), "the plugin");
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            PackageSigner.writingFiles(key, Clock.systemUTC()).sign(plugin);
            Ed25519PublicKey trusted = key.publicKey();

            PackageHash hash = PackageSnapshot.hash(plugin);
            Verdict verdict = new PackageVerifier(
                            new FixedKeys(List.of(trusted)), new UUID(0, 0), SignatureSource.DETACHED)
                    .verify(hash, DetachedSignature.pathFor(plugin));

            assertTrue(verdict instanceof Verdict.Verified);
        }
    }
}
