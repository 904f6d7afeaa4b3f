// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.internal.text.JsonReader;
import io.cloacina.guard.internal.text.JsonReader.JsonNumber;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Reads a detached signature in whatever way its JSON is written; {@link DetachedSignature} says what it must mean. */
final class SignatureJson {

    private static final String VERSION = "version";
    private static final Set<String> ENVELOPE = Set.of("payload", "payloadType", "signatures");

    private SignatureJson() {}

    /**
     * The values of {@link DetachedSignature#TEXT_FIELDS}, those that are there.
     *
     * @throws MalformedSignatureException if it is not one JSON object in UTF-8, of version 1, with texts in these fields
     */
    static Map<String, String> read(byte[] content) throws MalformedSignatureException {
        Map<String, Object> fields = fields(content);
        if (!fields.containsKey(VERSION)) {
            throw new MalformedSignatureException("[version] is missing");
        }
        if (!(fields.get(VERSION) instanceof JsonNumber version)
                || !version.text().equals("1")) {
            throw new MalformedSignatureException("[version] is not 1");
        }
        Map<String, String> texts = new HashMap<>();
        for (String field : DetachedSignature.TEXT_FIELDS) {
            if (fields.get(field) instanceof String text) {
                texts.put(field, text);
            } else if (fields.containsKey(field)) {
                throw new MalformedSignatureException("[" + field + "] is not a string");
            }
        }
        return texts;
    }

    /** As far as it can be read: has it a field of an envelope, and no version? */
    static boolean isEnvelope(byte[] content) {
        Map<String, Object> fields = new LinkedHashMap<>();
        try {
            JsonReader.readObject(decode(content), fields);
        } catch (IllegalArgumentException | MalformedSignatureException e) {
            // What stands before it tells, and reading it again says what is wrong.
            return isEnvelope(fields);
        }
        return isEnvelope(fields);
    }

    private static boolean isEnvelope(Map<String, Object> fields) {
        if (fields.containsKey(VERSION)) {
            return false;
        }
        for (String name : ENVELOPE) {
            if (fields.containsKey(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The fields of the one object.
     *
     * @throws MalformedSignatureException if it is not one JSON object in UTF-8
     */
    static Map<String, Object> fields(byte[] content) throws MalformedSignatureException {
        Map<String, Object> fields = new LinkedHashMap<>();
        try {
            JsonReader.readObject(decode(content), fields);
        } catch (IllegalArgumentException e) {
            throw new MalformedSignatureException(String.valueOf(e.getMessage()), e);
        }
        return fields;
    }

    private static String decode(byte[] content) throws MalformedSignatureException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(content))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedSignatureException("it is not UTF-8", e);
        }
        if (text.startsWith("\uFEFF")) {
            throw new MalformedSignatureException("it begins with a byte-order mark");
        }
        return text;
    }
}
