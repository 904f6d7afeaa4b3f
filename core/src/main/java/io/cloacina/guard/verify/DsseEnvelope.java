// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.internal.text.Fields;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.KeyText;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A DSSE envelope (version 1 of the protocol): bytes of a type, and signatures over both.
 *
 * <pre>
 * { "payload": base64, "payloadType": text,
 *   "signatures": [ { "keyid": fingerprint, "sig": base64 of 64 bytes } ] }
 * </pre>
 *
 * <p>What is signed is the pre-authentication encoding ({@link #pae}), not the JSON: the payload need not be canonical.
 * Unknown fields are ignored, as the specification demands.
 *
 * @param payload never null; its form is the type's
 * @param signatures 1 to 16, by different keys
 */
public record DsseEnvelope(String payloadType, byte[] payload, List<Signed> signatures) {

    /** The largest file that is read. */
    public static final int MAX_SIZE_BYTES = 256 * 1024;

    /** How many signatures there may be, one being the least. */
    public static final int MAX_SIGNATURES = 16;

    /**
     * A signature in an envelope.
     *
     * @param keyId the fingerprint of the key that is said to have made it: not signed itself, it tells only which key
     *     to try
     * @param signature 64 bytes over the pre-authentication encoding
     */
    public record Signed(Fingerprint keyId, byte[] signature) {
        public Signed {
            Objects.requireNonNull(keyId);
            signature = signature.clone();
            if (signature.length != DetachedSignature.SIGNATURE_SIZE_BYTES) {
                throw new IllegalArgumentException("a signature has 64 bytes, not [" + signature.length + "]");
            }
        }

        @Override
        public byte[] signature() {
            return signature.clone();
        }
    }

    public DsseEnvelope {
        Objects.requireNonNull(payloadType);
        payload = payload.clone();
        signatures = List.copyOf(signatures);
        if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
            throw new IllegalArgumentException("an envelope has 1 to 16 signatures, not [" + signatures.size() + "]");
        }
    }

    @Override
    public byte[] payload() {
        return payload.clone();
    }

    /**
     * @param payloadType the only one that is right
     * @throws MalformedSignatureException if {@code content} is not exactly one envelope with a payload of that type
     */
    public static DsseEnvelope parse(byte[] content, String payloadType) throws MalformedSignatureException {
        if (content.length > MAX_SIZE_BYTES) {
            throw new MalformedSignatureException("it is larger than 256 KiB");
        }
        JsonTree json = JsonTree.read(content);
        String type = json.text("payloadType");
        if (!type.equals(payloadType)) {
            throw json.wrong("payloadType", "is " + shown(type) + "; [" + payloadType + "] is right");
        }
        byte[] payload = base64(json, "payload");
        List<Signed> signatures = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (JsonTree one : json.objects("signatures", MAX_SIGNATURES)) {
            String keyId = one.text("keyid");
            if (!Fingerprint.isValid(keyId)) {
                throw one.wrong(
                        "keyid",
                        "is not a fingerprint; the key's SHA-256 in 64 lower-case hexadecimal digits is right");
            }
            if (!keys.add(keyId)) {
                throw one.wrong("keyid", "is that of an earlier signature too; one signature by each key is right");
            }
            byte[] signature = base64(one, "sig");
            if (signature.length != DetachedSignature.SIGNATURE_SIZE_BYTES) {
                throw one.wrong("sig", "has " + signature.length + " bytes; 64 are right");
            }
            signatures.add(new Signed(new Fingerprint(keyId), signature));
        }
        return new DsseEnvelope(type, payload, signatures);
    }

    private static byte[] base64(JsonTree json, String field) throws MalformedSignatureException {
        try {
            return Base64Text.decode(json.text(field));
        } catch (IllegalArgumentException e) {
            throw json.wrong(field, String.valueOf(e.getMessage()));
        }
    }

    /** Text from an envelope, as a message may repeat it. */
    static String shown(String text) {
        return text.length() > 100 ? "another" : "[" + KeyText.shown(text) + "]";
    }

    /**
     * The pre-authentication encoding: what is signed.
     *
     * <pre>
     * DSSEv1 SP LEN(type) SP type SP LEN(payload) SP payload
     * </pre>
     *
     * with lengths as decimal numbers of bytes (DSSE protocol 1.0.0, "Signature Definition").
     */
    public static byte[] pae(String payloadType, byte[] payload) {
        byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(64 + type.length + payload.length);
        out.writeBytes(("DSSEv1 " + type.length + " ").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(type);
        out.writeBytes((" " + payload.length + " ").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** What the signatures of this envelope are over. */
    public byte[] pae() {
        return pae(payloadType, payload);
    }

    /** The signature that names {@code key}, or null. */
    public @Nullable Signed by(Fingerprint key) {
        for (Signed one : signatures) {
            if (one.keyId().equals(key)) {
                return one;
            }
        }
        return null;
    }

    /** The file's content: printable ASCII, in standard base64, with a line feed at the end. */
    public byte[] encode() {
        List<Object> all = new ArrayList<>();
        for (Signed one : signatures) {
            all.add(Fields.none()
                    .plus("keyid", one.keyId().hex())
                    .plus("sig", Base64.getEncoder().encodeToString(one.signature())));
        }
        String text = new JsonLine()
                .with("payload", Base64.getEncoder().encodeToString(payload))
                .with("payloadType", payloadType)
                .with("signatures", all)
                .toString();
        return (text + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
