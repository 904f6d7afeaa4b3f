// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cloacina.guard.internal.text.Rfc3339;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;

/** A {@code .sig} file of version 1: refused, or read the same by both ways of reading, and written so that it reads the same. */
public final class SignatureFuzz {

    private SignatureFuzz() {}

    public static void fuzzerTestOneInput(byte[] content) throws MalformedSignatureException {
        SignatureFile.isVersion2(content);
        DetachedSignature signature;
        try {
            signature = DetachedSignature.parse(content);
        } catch (MalformedSignatureException e) {
            return;
        }
        // What is written as this program writes it is read without a JSON parser.
        Map<String, String> texts = SignatureJson.read(content);
        assertEquals(texts.get("package_hash"), signature.packageHash().hex());
        assertEquals(texts.get("key_fingerprint"), signature.keyFingerprint().hex());
        assertEquals(time(texts.get("signed_at")), signature.signedAt());

        byte[] written = signature.encode();
        DetachedSignature again = DetachedSignature.parse(written);
        assertArrayEquals(written, again.encode());
        assertArrayEquals(signature.signature(), again.signature());
        assertEquals(signature.packageHash(), again.packageHash());
        assertEquals(signature.keyFingerprint(), again.keyFingerprint());
        assertEquals(signature.signedAt().truncatedTo(ChronoUnit.MICROS), again.signedAt());
    }

    /** As the JDK reads it. */
    private static Instant time(String text) {
        Instant time = OffsetDateTime.parse(text.toUpperCase(Locale.ROOT).replace(' ', 'T'))
                .toInstant();
        assertEquals(time, Rfc3339.parse(text));
        return time;
    }
}
