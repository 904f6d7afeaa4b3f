// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.AuditSink;
import io.cloacina.guard.audit.EncodedEvent;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.trust.FixedKeys;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.verify.DetachedSignature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * The decisions of the start-up self-test. They verify that signatures are checked in this JVM, and initialise the
 * classes that a decision needs.
 */
public final class WarmUp {

    /** Of RFC 8032, section 7.1, test 2. */
    private static final String KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

    private static final byte[] MESSAGE = {0x72};
    private static final String SIGNATURE = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    /** 32 bytes of zero are the package, and also the seed of the key that signed it once for all. */
    private static final byte[] PACKAGE = new byte[32];

    private static final String SIGNER = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";

    /** As the guard writes one. Its date is after a February: what tells leap years is initialised on the way. */
    static final String SIGNATURE_FILE = "{\"version\":1,\"algorithm\":\"ed25519\",\"package_hash\":"
            + "\"66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925\",\"key_fingerprint\":"
            + "\"139e3940e64b5491722088d9a0d741628fc826e09475d341a780acde3c4b8070\",\"signature\":"
            + "\"jDbHehzJ+62mqBooxVaECV+xGVF0EqqFHkGb2JETcdF5OAXAUAyJb1nxKjETI6qVaPrTUWlNjZHCGylsui8mBQ==\","
            + "\"signed_at\":\"1970-12-31T00:00:00.000000Z\"}\n";

    private WarmUp() {}

    /**
     * Has the signature of the RFC refused after it was bent, and a package accepted that is signed and refused once it
     * is not, by a guard that is made for it and records nowhere.
     *
     * @param directory where the package is put for as long as it takes
     * @throws IllegalStateException if any of these decisions is the wrong one
     * @throws IOException if nothing can be written to the directory
     */
    public static void run(Path directory) throws IOException {
        try {
            byte[] bent = HexFormat.of().parseHex(SIGNATURE);
            bent[0] ^= 1;
            if (key(KEY).verifies(MESSAGE, bent)) {
                throw new IllegalStateException("Ed25519 accepts a bent signature of RFC 8032 in this JVM");
            }
            PackageSnapshot.prepare();
            GuardConfig config = GuardConfig.read(
                    Map.of("cloacina.require_signatures", "true", "cloacina.trusted_keys", "none"), Map.of());
            Clock clock = Clock.systemUTC();
            try (AuditLog nowhere = new AuditLog(clock, List.of(new NoSink()))) {
                decide(new Guard(config, new FixedKeys(List.of(key(SIGNER))), null, nowhere, null, clock), directory);
            }
        } catch (ConfigException | RejectedKeyException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Ed25519PublicKey key(String hex) throws RejectedKeyException {
        return Ed25519PublicKey.of(HexFormat.of().parseHex(hex));
    }

    private static void decide(Guard guard, Path directory) throws IOException {
        Path file = Files.write(directory.resolve("warm-up"), PACKAGE);
        Path signature = DetachedSignature.pathFor(file);
        Path copy = directory.resolve("warm-up.copy");
        try {
            Files.write(signature, SIGNATURE_FILE.getBytes(StandardCharsets.US_ASCII));
            Load load = Load.ofFile(Load.Kind.JAR, file, "warm-up", null);
            boolean accepted = guard.admit(load, copy) instanceof Admission.Allowed;
            Files.deleteIfExists(copy);
            Files.delete(signature);
            boolean refusedUnsigned = guard.admit(load, copy) instanceof Admission.Denied;
            if (!accepted || !refusedUnsigned) {
                throw new IllegalStateException("a signed package was not accepted, or an unsigned one was");
            }
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(signature);
            Files.deleteIfExists(copy);
        }
    }

    /** Takes events and drops them. */
    private static final class NoSink implements AuditSink {
        @Override
        public void write(EncodedEvent event) {}

        @Override
        public String name() {
            return "none";
        }

        @Override
        public void close() {}
    }
}
