// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Says what a {@code .sig} file seems to be that is none of this program's. */
public final class ForeignSignature {

    private static final int MOST_BYTES = 64 << 10;
    private static final int RAW_BYTES = 64;
    private static final int DER_SEQUENCE = 0x30;
    private static final int PGP_SIGNATURE_TAG = 2;

    private static final String[][] BEGINNINGS = {
        {"-----BEGIN PGP ", "an armoured OpenPGP signature"},
        {"-----BEGIN SSH SIGNATURE", "an SSH signature"},
        {"-----BEGIN ", "a PEM file"},
        {"untrusted comment:", "a minisign or signify signature"}
    };

    private ForeignSignature() {}

    /** What is wrong with the file, as a sentence without its end. */
    public static String problem(Path file) {
        return "[" + file + "] is no signature that this program can read; it seems to be " + describe(file);
    }

    /** A noun phrase. */
    static String describe(Path file) {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(MOST_BYTES + 1);
        } catch (IOException e) {
            return "a file that cannot be read";
        }
        return describe(content);
    }

    static String describe(byte[] content) {
        if (content.length == 0) {
            return "an empty file";
        }
        if (content.length == RAW_BYTES) {
            return "a raw signature of 64 bytes";
        }
        String text = new String(content, StandardCharsets.ISO_8859_1).stripLeading();
        for (String[] beginning : BEGINNINGS) {
            if (text.startsWith(beginning[0])) {
                return beginning[1];
            }
        }
        if (text.startsWith("{")) {
            return describeJson(text);
        }
        int first = content[0] & 0xff;
        if (isPgpSignature(first)) {
            return "a binary OpenPGP signature";
        }
        if (first == DER_SEQUENCE) {
            return "a DER file, such as a PKCS#7 signature";
        }
        return text.strip().matches("[A-Za-z0-9+/=_\\s-]+")
                ? "base64 text, such as cosign writes"
                : "a file of an unknown form";
    }

    private static String describeJson(String text) {
        if (text.contains("\"payloadType\"")) {
            return text.contains("\"verificationMaterial\"") ? "a Sigstore bundle" : "a DSSE envelope";
        }
        boolean ours = text.contains("\"package_hash\"") && text.contains("\"key_fingerprint\"");
        return ours
                ? "a signature of this program that is damaged, or of a newer version"
                : "JSON that is damaged, or of another program";
    }

    // RFC 9580, section 4.2: the tag of a packet, in either format.
    private static boolean isPgpSignature(int first) {
        boolean newFormat = (first & 0xc0) == 0xc0;
        boolean oldFormat = (first & 0xc0) == 0x80;
        return newFormat && (first & 0x3f) == PGP_SIGNATURE_TAG || oldFormat && (first >> 2 & 0xf) == PGP_SIGNATURE_TAG;
    }
}
