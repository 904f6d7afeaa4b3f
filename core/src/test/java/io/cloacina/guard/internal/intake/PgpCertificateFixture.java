// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import static io.cloacina.guard.internal.intake.PgpMaker.SHA256;
import static io.cloacina.guard.internal.intake.PgpMaker.certificate;
import static io.cloacina.guard.internal.intake.PgpMaker.certification;
import static io.cloacina.guard.internal.intake.PgpMaker.detached;
import static io.cloacina.guard.internal.intake.PgpMaker.flags;
import static io.cloacina.guard.internal.intake.PgpMaker.join;
import static io.cloacina.guard.internal.intake.PgpMaker.pair;
import static io.cloacina.guard.internal.intake.PgpMaker.subkey;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Consumer;
import org.bouncycastle.openpgp.PGPKeyPair;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.PGPKeyPairGenerator;
import org.junit.jupiter.api.BeforeEach;

/** A key, a subkey, and what they have signed. */
abstract class PgpCertificateFixture {

    static final byte[] CONTENT = "a package".getBytes(StandardCharsets.UTF_8);
    static final long DAY = 86_400;

    PGPKeyPair key;
    PGPKeyPair sub;

    @BeforeEach
    void makeKeys() throws Exception {
        key = pair();
        sub = subkey(PGPKeyPairGenerator::generateLegacyEd25519KeyPair);
    }

    static void assertGood(PGPKeyPair signer, byte[]... certificate) throws Exception {
        PgpCheckTest.check(join(certificate), detached(signer, CONTENT), CONTENT);
    }

    static void assertRefused(Reason reason, String says, PGPKeyPair signer, byte[]... certificate) throws Exception {
        PgpCheckTest.assertRefused(reason, says, join(certificate), detached(signer, CONTENT), CONTENT);
    }

    static Consumer<PGPSignatureSubpacketGenerator> lasting(long seconds, int flags) {
        return area -> {
            area.setKeyExpirationTime(true, seconds);
            area.setKeyFlags(true, flags);
        };
    }

    byte[] certified(Instant at, Consumer<PGPSignatureSubpacketGenerator> more) throws Exception {
        return certification(key, SHA256, at, more);
    }
}
