// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.example;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.trust.FixedKeys;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.internal.verify.PackageVerifier;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.SignatureSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.UUID;

/** An application that signs and verifies without a store. */
public final class OfflineHost {

    private OfflineHost() {}

    /** {@code DIRECTORY}, for the package. */
    public static void main(String[] arguments) throws Exception {
        Path plugin = Files.writeString(Path.of(arguments[0], "plugin.jar"), "the plugin");
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            PackageSigner.writingFiles(key, Clock.systemUTC()).sign(plugin);
            PackageVerifier verifier = new PackageVerifier(
                    new FixedKeys(List.of(key.publicKey())), new UUID(0, 0), SignatureSource.DETACHED);
            System.out.println(verifier.verify(PackageSnapshot.hash(plugin), DetachedSignature.pathFor(plugin))
                    .getClass()
                    .getSimpleName());
        }
    }
}
