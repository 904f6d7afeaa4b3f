// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** Reads a detached signature in whatever way its JSON is written; {@link DetachedSignature} says what it must mean. */
final class SignatureJson {

    private static final String VERSION = "version";
    private static final Set<String> ENVELOPE = Set.of("payload", "payloadType", "signatures");

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private SignatureJson() {}

    /**
     * The values of {@link DetachedSignature#TEXT_FIELDS}, those that are there.
     *
     * @throws MalformedSignatureException if it is not one JSON object in UTF-8, of version 1, with texts in these fields
     */
    static Map<String, String> read(byte[] content) throws MalformedSignatureException {
        try (JsonParser json = parser(content)) {
            return read(json);
        } catch (JacksonException e) {
            throw notJson(e);
        }
    }

    /** As far as it can be read: has it a field of an envelope, and no version? */
    static boolean isEnvelope(byte[] content) {
        boolean envelope = false;
        try (JsonParser json = parser(content)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                if (field.equals(VERSION)) {
                    return false;
                }
                envelope |= ENVELOPE.contains(field);
                json.nextToken();
                json.skipChildren();
            }
            return envelope;
        } catch (JacksonException | MalformedSignatureException e) {
            return envelope;
        }
    }

    /** @throws MalformedSignatureException if it is not UTF-8 */
    static JsonParser parser(byte[] content) throws MalformedSignatureException {
        return JSON.createParser(ObjectReadContext.empty(), decode(content));
    }

    static MalformedSignatureException notJson(JacksonException e) {
        return new MalformedSignatureException("it is not JSON: " + e.getOriginalMessage(), e);
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

    private static Map<String, String> read(JsonParser json) throws MalformedSignatureException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new MalformedSignatureException("it is not a JSON object");
        }
        Set<String> seen = new HashSet<>();
        Map<String, String> texts = new HashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            seen.add(field);
            if (field.equals(VERSION)) {
                if (value != JsonToken.VALUE_NUMBER_INT || !json.getString().equals("1")) {
                    throw new MalformedSignatureException("[version] is not 1");
                }
            } else if (DetachedSignature.TEXT_FIELDS.contains(field)) {
                if (value != JsonToken.VALUE_STRING) {
                    throw new MalformedSignatureException("[" + field + "] is not a string");
                }
                texts.put(field, json.getString());
            } else {
                json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw new MalformedSignatureException("something follows the JSON object");
        }
        if (!seen.contains(VERSION)) {
            throw new MalformedSignatureException("[version] is missing");
        }
        return texts;
    }
}
