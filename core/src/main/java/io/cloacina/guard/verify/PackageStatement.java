// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.text.Fields;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.trust.KeyName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a signature of version 2 says: which packages these are. An in-toto Statement v1 with a predicate of our own.
 *
 * <pre>
 * { "_type": "https://in-toto.io/Statement/v1",
 *   "subject": [ { "name": text, "digest": { "sha256": hex } } ],
 *   "predicateType": "urn:cloacina:package:v1",
 *   "predicate": { "name": text, "version": text, "issued_at": RFC 3339, "expires_at": RFC 3339, or left out } }
 * </pre>
 *
 * @param subjects 1 to 1,000
 * @param name of the package, such as {@code org.example:shop}: 1 to 255 code points without control characters
 * @param version as {@link java.lang.module.ModuleDescriptor.Version} reads it
 * @param expiresAt after which the signature does not count; null for never
 */
public record PackageStatement(
        List<Subject> subjects,
        String name,
        String version,
        Instant issuedAt,
        @Nullable Instant expiresAt) {

    /** The {@code payloadType} of the envelope. */
    public static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

    /** How many subjects there may be, one being the least. */
    public static final int MAX_SUBJECTS = 1000;

    /** Longest name, in code points. */
    public static final int MAX_NAME = 255;

    private static final String TYPE = "https://in-toto.io/Statement/v1";
    private static final String PREDICATE_TYPE = "urn:cloacina:package:v1";

    /**
     * One package.
     *
     * @param name of its file; only the hash decides
     */
    public record Subject(String name, PackageHash hash) {
        public Subject {
            Objects.requireNonNull(name);
            Objects.requireNonNull(hash);
        }
    }

    /** @throws IllegalArgumentException if it breaks one of the rules above; the message says what would be right */
    public PackageStatement {
        subjects = List.copyOf(subjects);
        if (subjects.isEmpty() || subjects.size() > MAX_SUBJECTS) {
            throw new IllegalArgumentException("a statement has 1 to 1000 subjects, not [" + subjects.size() + "]");
        }
        requireName(name);
        PackageVersion.require(version);
        Objects.requireNonNull(issuedAt);
    }

    /**
     * @return {@code name}
     * @throws IllegalArgumentException if no package may be called so; the message says why, as the end of a sentence
     */
    public static String requireName(String name) {
        int length = name.codePointCount(0, name.length());
        if (length == 0 || length > MAX_NAME) {
            throw new IllegalArgumentException("has " + length + " characters; 1 to 255 are right");
        }
        if (!KeyName.isPlain(name)) {
            throw new IllegalArgumentException("has control characters; a name without them is right");
        }
        return name;
    }

    /** @throws MalformedSignatureException if {@code payload} is not exactly one statement of this kind */
    public static PackageStatement parse(byte[] payload) throws MalformedSignatureException {
        JsonTree json = JsonTree.read(payload);
        requireWord(json, "_type", TYPE);
        requireWord(json, "predicateType", PREDICATE_TYPE);
        List<Subject> subjects = new ArrayList<>();
        for (JsonTree one : json.objects("subject", MAX_SUBJECTS)) {
            JsonTree digest = one.object("digest");
            String hash = digest.text("sha256");
            if (!PackageHash.isValid(hash)) {
                throw digest.wrong("sha256", "is not 64 lower-case hexadecimal digits");
            }
            subjects.add(new Subject(one.text("name"), new PackageHash(hash)));
        }
        JsonTree predicate = json.object("predicate");
        return new PackageStatement(
                subjects,
                checked(predicate, "name"),
                checked(predicate, "version"),
                time(predicate, "issued_at"),
                predicate.has("expires_at") ? time(predicate, "expires_at") : null);
    }

    private static void requireWord(JsonTree json, String field, String right) throws MalformedSignatureException {
        String word = json.text(field);
        if (!word.equals(right)) {
            throw json.wrong(field, "is " + DsseEnvelope.shown(word) + "; [" + right + "] is right");
        }
    }

    private static String checked(JsonTree predicate, String field) throws MalformedSignatureException {
        String text = predicate.text(field);
        try {
            return field.equals("name") ? requireName(text) : PackageVersion.require(text);
        } catch (IllegalArgumentException e) {
            throw predicate.wrong(field, String.valueOf(e.getMessage()));
        }
    }

    private static Instant time(JsonTree predicate, String field) throws MalformedSignatureException {
        try {
            return Rfc3339.parse(predicate.text(field));
        } catch (IllegalArgumentException e) {
            throw predicate.wrong(field, "is not an RFC 3339 time with a zone; such as 2026-01-28T12:00:00Z is right");
        }
    }

    /** Whether it is about {@code package}. */
    public boolean isAbout(PackageHash hash) {
        for (Subject subject : subjects) {
            if (subject.hash().equals(hash)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it says the same, whenever it was made. */
    public boolean saysSame(PackageStatement other) {
        return subjects.equals(other.subjects)
                && name.equals(other.name)
                && version.equals(other.version)
                && Objects.equals(expiresAt, other.expiresAt);
    }

    /** The payload of an envelope: printable ASCII. */
    public byte[] encode() {
        List<Object> all = new ArrayList<>();
        for (Subject subject : subjects) {
            all.add(Fields.none()
                    .plus("name", subject.name())
                    .plus("digest", Fields.none().plus("sha256", subject.hash().hex())));
        }
        Fields<Object> predicate =
                Fields.none().plus("name", name).plus("version", version).plus("issued_at", issuedAt);
        return new JsonLine()
                .with("_type", TYPE)
                .with("subject", all)
                .with("predicateType", PREDICATE_TYPE)
                .with("predicate", expiresAt == null ? predicate : predicate.plus("expires_at", expiresAt))
                .toString()
                .getBytes(StandardCharsets.US_ASCII);
    }
}
