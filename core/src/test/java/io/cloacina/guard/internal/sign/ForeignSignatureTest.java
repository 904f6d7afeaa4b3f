// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignSignatureTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "``|an empty file",
                "-----BEGIN PGP SIGNATURE-----|an armoured OpenPGP signature",
                "-----BEGIN SSH SIGNATURE-----|an SSH signature",
                "-----BEGIN PKCS7-----|a PEM file",
                "untrusted comment: signature from minisign secret key|a minisign or signify signature",
                "MEUCIQDx2l0/+a==|base64 text, such as cosign writes",
                "{\"payloadType\":\"application/vnd.in-toto+json\"}|a DSSE envelope",
                "{\"verificationMaterial\":{},\"payloadType\":\"x\"}|a Sigstore bundle",
                "{\"package_hash\":\"00\",\"key_fingerprint\":|a signature of this program that is damaged, or of a newer"
                        + " version",
                "{\"a\":1}|JSON that is damaged, or of another program",
                "hello, world!|a file of an unknown form"
            })
    void describe_text(String content, String expected) {
        assertEquals(expected, ForeignSignature.describe(content.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void describe_bytes() {
        byte[] raw = new byte[64];
        raw[0] = (byte) 0x88;
        assertEquals("a raw signature of 64 bytes", ForeignSignature.describe(raw));
        assertEquals("a binary OpenPGP signature", ForeignSignature.describe(Arrays.copyOf(raw, 119)));
        raw[0] = (byte) 0xc2;
        assertEquals("a binary OpenPGP signature", ForeignSignature.describe(Arrays.copyOf(raw, 119)));
        raw[0] = 0x30;
        assertEquals("a DER file, such as a PKCS#7 signature", ForeignSignature.describe(Arrays.copyOf(raw, 900)));
    }
}
