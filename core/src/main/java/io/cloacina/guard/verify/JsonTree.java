// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object and of what is in it, with errors that name the field as {@code predicate.name} and
 * {@code subject[3].name}. A field that is given twice, at any depth, and whatever follows the object is an error.
 */
final class JsonTree {

    private final String path;
    private final Map<String, Object> fields;

    private JsonTree(String path, Map<String, Object> fields) {
        this.path = path;
        this.fields = fields;
    }

    /** @throws MalformedSignatureException if it is not one JSON object in UTF-8 */
    static JsonTree read(byte[] content) throws MalformedSignatureException {
        return new JsonTree("", SignatureJson.fields(content));
    }

    boolean has(String field) {
        return fields.containsKey(field);
    }

    /** How a message names a field of this object. */
    String named(String field) {
        return "[" + path + field + "]";
    }

    MalformedSignatureException wrong(String field, String what) {
        return new MalformedSignatureException(named(field) + " " + what);
    }

    private @Nullable Object require(String field) throws MalformedSignatureException {
        if (!has(field)) {
            throw wrong(field, "is missing");
        }
        return fields.get(field);
    }

    String text(String field) throws MalformedSignatureException {
        if (!(require(field) instanceof String text)) {
            throw wrong(field, "is not a string");
        }
        return text;
    }

    @SuppressWarnings("unchecked") // JsonReader makes no other maps
    JsonTree object(String field) throws MalformedSignatureException {
        if (require(field) instanceof Map<?, ?> map) {
            return new JsonTree(path + field + ".", (Map<String, Object>) map);
        }
        throw wrong(field, "is not an object");
    }

    /** @param most how many there may be, one being the least */
    @SuppressWarnings("unchecked") // JsonReader makes no other maps
    List<JsonTree> objects(String field, int most) throws MalformedSignatureException {
        if (!(require(field) instanceof List<?> list)) {
            throw wrong(field, "is not an array");
        }
        if (list.isEmpty() || list.size() > most) {
            throw wrong(field, "has " + list.size() + " elements; 1 to " + most + " are right");
        }
        List<JsonTree> objects = new ArrayList<>();
        for (Object element : list) {
            String name = field + "[" + objects.size() + "]";
            if (!(element instanceof Map<?, ?> map)) {
                throw wrong(name, "is not an object");
            }
            objects.add(new JsonTree(path + name + ".", (Map<String, Object>) map));
        }
        return objects;
    }
}
