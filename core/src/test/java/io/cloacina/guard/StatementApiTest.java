// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.StatementRequest;
import io.cloacina.guard.verify.Refusal;
import io.cloacina.guard.verify.SignatureFormat;
import io.cloacina.guard.verify.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures of version 2 by the public API. */
class StatementApiTest {

    @TempDir
    Path folder;

    private final Ed25519PrivateKey first = Ed25519PrivateKey.generate(new SecureRandom());
    private final Ed25519PrivateKey second = Ed25519PrivateKey.generate(new SecureRandom());

    private static Refusal refusal(Verdict verdict) {
        return assertInstanceOf(Verdict.Refused.class, verdict).reason();
    }

    @Test
    void statement_byTwoKeys_isVerifiedWithNameAndVersion() throws Exception {
        Path jar = Files.writeString(folder.resolve("shop.jar"), "shop");
        Verification both = Verification.offline(first.publicKey(), second.publicKey())
                .accepting(SignatureFormat.VERSION_2)
                .requiringSigners(2);
        Signing.offline(first).sign(jar);
        assertEquals(Refusal.SIGNATURE_NOT_FOUND, refusal(both.verify(jar)));

        SignedPackage signed = Signing.offline(first)
                .statement(StatementRequest.of("org.example:shop", "1.2", null))
                .sign(jar);
        assertNull(signed.signature());
        assertEquals(first.publicKey().fingerprint(), signed.statement().keyFingerprint());
        assertEquals(Refusal.TOO_FEW_SIGNERS, refusal(both.verify(jar)));

        Signing.offline(second).statement(StatementRequest.ADD).sign(jar);
        Verdict.Verified good = assertInstanceOf(Verdict.Verified.class, both.verify(jar));
        assertEquals("org.example:shop", good.packageName());
        assertEquals("1.2", good.packageVersion());
        assertEquals(2, good.signers().size());
    }

    @Test
    void statement_expired_isRefused() throws Exception {
        Path jar = Files.writeString(folder.resolve("shop.jar"), "shop");
        Signing.offline(first)
                .clock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                .statement(StatementRequest.of("shop", "1", Instant.EPOCH.plusSeconds(1)))
                .sign(jar);

        assertEquals(
                Refusal.EXPIRED_SIGNATURE,
                refusal(Verification.offline(first.publicKey()).verify(jar)));
    }

    @Test
    void badArguments_areSaid() {
        assertThrows(IllegalArgumentException.class, () -> StatementRequest.of("", "1", null));
        assertThrows(IllegalArgumentException.class, () -> StatementRequest.of("a", "latest", null));
        assertThrows(
                IllegalArgumentException.class,
                () -> Verification.offline(first.publicKey()).requiringSigners(10));
    }
}
