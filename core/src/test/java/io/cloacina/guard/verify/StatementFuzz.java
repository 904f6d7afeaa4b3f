// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/**
 * A {@code .sig} file of version 2, and a statement by itself, which a file of that version holds in base64: refused, or
 * written so that it reads the same.
 */
public final class StatementFuzz {

    private static final String HEX = "0".repeat(64);

    private StatementFuzz() {}

    public static void fuzzerTestOneInput(byte[] content) throws MalformedSignatureException {
        boolean meant = SignatureFile.isVersion2(content);
        try {
            SignedStatement signed = SignedStatement.parse(content);
            assertTrue(meant, "is one, but not taken for one");
            check(signed);
        } catch (MalformedSignatureException e) {
            // As it should.
        }
        SignedStatement enveloped;
        try {
            enveloped = SignedStatement.parse(envelope(content));
        } catch (MalformedSignatureException e) {
            return;
        }
        check(enveloped);
    }

    private static void check(SignedStatement signed) throws MalformedSignatureException {
        byte[] written = signed.envelope().encode();
        assertTrue(SignatureFile.isVersion2(written));
        SignedStatement again = SignedStatement.parse(written);
        assertEquals(signed.statement(), again.statement());
        assertArrayEquals(signed.envelope().pae(), again.envelope().pae());
        assertArrayEquals(written, again.envelope().encode());

        PackageStatement said = signed.statement();
        PackageStatement repeated = PackageStatement.parse(said.encode());
        assertEquals(said.subjects(), repeated.subjects());
        assertEquals(said.name(), repeated.name());
        assertEquals(said.issuedAt().truncatedTo(ChronoUnit.MICROS), repeated.issuedAt());
        assertArrayEquals(said.encode(), repeated.encode());
        assertEquals(0, PackageVersion.compare(said.version(), repeated.version()));
        // Of two versions, one is lower, or neither.
        assertEquals(
                Integer.signum(PackageVersion.compare(said.version(), "1.10.0")),
                -Integer.signum(PackageVersion.compare("1.10.0", said.version())));
    }

    private static byte[] envelope(byte[] payload) {
        Base64.Encoder base64 = Base64.getEncoder();
        String text = "{\"payload\":\"" + base64.encodeToString(payload) + "\",\"payloadType\":\""
                + PackageStatement.PAYLOAD_TYPE + "\",\"signatures\":[{\"keyid\":\"" + HEX + "\",\"sig\":\""
                + base64.encodeToString(new byte[DetachedSignature.SIGNATURE_SIZE_BYTES]) + "\"}]}";
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
