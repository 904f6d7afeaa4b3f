// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignedStatementTest {

    private static final String HASH = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";
    private static final String KEY = "139e3940e64b5491722088d9a0d741628fc826e09475d341a780acde3c4b8070";
    private static final String SIG = Base64.getEncoder().encodeToString(new byte[64]);
    private static final String TYPE = "application/vnd.in-toto+json";
    private static final String SUBJECT = "{\"name\":\"a.jar\",\"digest\":{\"sha256\":\"" + HASH + "\"}}";
    private static final String PREDICATE =
            "{\"name\":\"org.example:a\",\"version\":\"1.2.3\",\"issued_at\":\"2026-01-28T12:00:00Z\"}";
    private static final String STATEMENT = statement(SUBJECT, PREDICATE);

    private static String statement(String subjects, String predicate) {
        return "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[" + subjects
                + "],\"predicateType\":\"urn:cloacina:package:v1\",\"predicate\":" + predicate + "}";
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String signed(String keyId) {
        return "{\"keyid\":\"" + keyId + "\",\"sig\":\"" + SIG + "\"}";
    }

    private static String envelope(String payload, String signatures) {
        return "{\"payload\":\"" + payload + "\",\"payloadType\":\"" + TYPE + "\",\"signatures\":[" + signatures + "]}";
    }

    private static SignedStatement parse(String text) throws MalformedSignatureException {
        return SignedStatement.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static SignedStatement ofPayload(String statement) throws MalformedSignatureException {
        return parse(envelope(base64(statement), signed(KEY)));
    }

    /** What is wrong, in one line that names {@code where} and says what would be right. */
    private static void assertMalformed(String where, String envelope) {
        String message = assertThrows(MalformedSignatureException.class, () -> parse(envelope))
                .getMessage();
        assertTrue(message.contains(where), message);
        assertFalse(message.contains("\n"), message);
    }

    private static void assertMalformedPayload(String where, String statement) {
        assertMalformed(where, envelope(base64(statement), signed(KEY)));
    }

    private static String keys(int count) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(signed(String.format("%064x", i)));
        }
        return String.join(",", all);
    }

    @Test
    void parse_good_tellsWhatIsSigned() throws Exception {
        SignedStatement signed = ofPayload(statement(
                SUBJECT,
                PREDICATE.replace("}", ",\"expires_at\":\"2027-01-28T13:00:00+01:00\",\"later\":[{\"a\":1}]}")));

        PackageStatement statement = signed.statement();
        assertEquals("org.example:a", statement.name());
        assertEquals("1.2.3", statement.version());
        assertEquals(Instant.parse("2026-01-28T12:00:00Z"), statement.issuedAt());
        assertEquals(Instant.parse("2027-01-28T12:00:00Z"), statement.expiresAt());
        assertTrue(statement.isAbout(new PackageHash(HASH)));
        assertFalse(statement.isAbout(new PackageHash(KEY)));
        assertArrayEquals(
                new byte[64], signed.envelope().by(new Fingerprint(KEY)).signature());
        assertNull(signed.envelope().by(new Fingerprint(HASH)));
    }

    @Test
    void parse_withoutExpiry_neverExpires() throws Exception {
        assertNull(ofPayload(STATEMENT).statement().expiresAt());
    }

    @Test
    void encode_readAgain_isTheSameStatementOverTheSameBytes() throws Exception {
        PackageStatement made = new PackageStatement(
                List.of(
                        new PackageStatement.Subject("ä \" \u0007.jar", new PackageHash(HASH)),
                        new PackageStatement.Subject("b.so", new PackageHash(KEY))),
                "org.example:größe",
                "1.0-SNAPSHOT",
                Instant.parse("2026-01-28T12:00:00.000001Z"),
                Instant.parse("2027-01-28T12:00:00Z"));
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            byte[] payload = made.encode();
            byte[] signature = key.sign(DsseEnvelope.pae(PackageStatement.PAYLOAD_TYPE, payload));
            DsseEnvelope envelope = new DsseEnvelope(
                    PackageStatement.PAYLOAD_TYPE,
                    payload,
                    List.of(new DsseEnvelope.Signed(key.publicKey().fingerprint(), signature)));

            SignedStatement read = SignedStatement.parse(envelope.encode());

            assertEquals(made, read.statement());
            assertArrayEquals(payload, read.envelope().payload());
            assertArrayEquals(envelope.encode(), read.envelope().encode());
            assertTrue(key.publicKey().verifies(read.envelope().pae(), signature));
        }
    }

    /** The example of the DSSE protocol 1.0.0, section "Test Vectors". */
    @Test
    void pae_testVectorOfTheSpecification_isAsPublished() {
        assertEquals(
                "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
                new String(
                        DsseEnvelope.pae(
                                "http://example.com/HelloWorld", "hello world".getBytes(StandardCharsets.US_ASCII)),
                        StandardCharsets.US_ASCII));
    }

    @Test
    void pae_textBeyondAscii_countsBytes() {
        byte[] pae = DsseEnvelope.pae("ü", new byte[] {0, -1});

        assertArrayEquals("DSSEv1 2 ü 2 \0".getBytes(StandardCharsets.UTF_8), java.util.Arrays.copyOf(pae, 15));
        assertEquals(-1, pae[15]);
        assertEquals(16, pae.length);
    }

    @Test
    void parse_payloadThatIsNotCanonical_isFineAsItsBytesAreSigned() throws Exception {
        String spread = STATEMENT.replace(",", " ,\r\n\t").replace("org.example", "\\u006frg.example");

        SignedStatement signed = ofPayload(spread);

        assertEquals("org.example:a", signed.statement().name());
        assertArrayEquals(
                spread.getBytes(StandardCharsets.UTF_8), signed.envelope().payload());
    }

    @Test
    void parse_urlSafeBase64_isAsGoodAsStandard() throws Exception {
        byte[] odd = statement(SUBJECT, PREDICATE.replace("org.example:a", "???>>>~~~"))
                .getBytes(StandardCharsets.UTF_8);
        String urlSafe = Base64.getUrlEncoder().encodeToString(odd);
        assertTrue(urlSafe.contains("_") || urlSafe.contains("-"), urlSafe);

        assertEquals(
                "???>>>~~~", parse(envelope(urlSafe, signed(KEY))).statement().name());
    }

    @Test
    void parse_sixteenSignaturesAndAThousandSubjects_areTheMost() throws Exception {
        String subjects = String.join(",", java.util.Collections.nCopies(1000, SUBJECT));

        SignedStatement signed = parse(envelope(base64(statement(subjects, PREDICATE)), keys(16)));

        assertEquals(16, signed.envelope().signatures().size());
        assertEquals(1000, signed.statement().subjects().size());
    }

    @Test
    void parse_wrongNumbers_saysHowManyAreRight() {
        String payload = base64(STATEMENT);
        assertMalformed("[signatures] has 0 elements; 1 to 16 are right", envelope(payload, ""));
        assertMalformed("[signatures] has 17 elements; 1 to 16 are right", envelope(payload, keys(17)));
        assertMalformedPayload("[subject] has 0 elements; 1 to 1000 are right", statement("", PREDICATE));
        assertMalformedPayload(
                "[subject] has 1001 elements; 1 to 1000 are right",
                statement(String.join(",", java.util.Collections.nCopies(1001, SUBJECT)), PREDICATE));
    }

    @Test
    void parse_keyIdTwice_isNamed() {
        assertMalformed(
                "[signatures[1].keyid] is that of an earlier signature",
                envelope(base64(STATEMENT), signed(KEY) + "," + signed(KEY)));
    }

    @Test
    void parse_wrongTypes_areNamedWithTheRightOne() {
        assertMalformed(
                "[payloadType] is [application/json]; [application/vnd.in-toto+json] is right",
                envelope(base64(STATEMENT), signed(KEY)).replace(TYPE, "application/json"));
        assertMalformedPayload(
                "[_type] is [https://in-toto.io/Statement/v0.1];", STATEMENT.replace("/v1\"", "/v0.1\""));
        assertMalformedPayload(
                "[predicateType] is [https://slsa.dev/provenance/v1]; [urn:cloacina:package:v1] is right",
                STATEMENT.replace("urn:cloacina:package:v1", "https://slsa.dev/provenance/v1"));
        assertMalformedPayload("[predicateType] is another;", STATEMENT.replace("urn:", "urn:".repeat(100)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"payload", "payloadType", "signatures", "keyid", "sig"})
    void parse_envelopeWithoutAField_namesIt(String field) {
        assertMalformed(
                field + "] is missing",
                envelope(base64(STATEMENT), signed(KEY)).replace("\"" + field + "\"", "\"_" + field + "\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "_type",
                "subject",
                "predicateType",
                "predicate",
                "name",
                "digest",
                "sha256",
                "version",
                "issued_at"
            })
    void parse_statementWithoutAField_namesIt(String field) {
        assertMalformedPayload(
                field + "] is missing", STATEMENT.replace("\"" + field + "\":", "\"other_" + field + "\":"));
    }

    @Test
    void parse_fieldTwice_isNotJson() {
        String envelope = envelope(base64(STATEMENT), signed(KEY));
        assertMalformed(
                "it is not JSON: a field that is there twice",
                envelope.replace("{\"payload\"", "{\"payload\":\"\",\"payload\""));
        assertMalformed(
                "it is not JSON: a field that is there twice",
                envelope.replace("{\"keyid\"", "{\"keyid\":\"\",\"keyid\""));
        assertMalformed(
                "it is not JSON: a field that is there twice",
                envelope.replace("{\"payload\"", "{\"x\":{\"y\":1,\"y\":2},\"payload\""));
        assertMalformedPayload(
                "the payload: it is not JSON: a field that is there twice",
                STATEMENT.replace("{\"name\":\"org", "{\"name\":\"b\",\"name\":\"org"));
    }

    @Test
    void parse_hashInCapitals_isNamed() {
        assertMalformedPayload(
                "[subject[0].digest.sha256] is not 64 lower-case", STATEMENT.replace(HASH, HASH.toUpperCase()));
        assertMalformed(
                "[signatures[0].keyid] is not a fingerprint", envelope(base64(STATEMENT), signed(KEY.toUpperCase())));
    }

    @ParameterizedTest
    @CsvSource({
        "payload,AA+-,mixes the two alphabets",
        "payload,AA/_,mixes the two alphabets",
        "payload,AAA,is not canonical base64",
        "payload,AAB=,is not canonical base64",
        "payload,AA A,is not base64",
        "payload,AAAA=,is not base64",
        "sig,AAAA,has 3 bytes; 64 are right",
        "sig,A*AA,is not base64"
    })
    void parse_wrongBase64_saysWhatIsRight(String field, String text, String error) {
        String envelope = field.equals("sig")
                ? envelope(base64(STATEMENT), signed(KEY).replace(SIG, text))
                : envelope(text, signed(KEY));
        assertMalformed(field + "] " + error, envelope);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2026-01-28T12:00:00", "2026-01-28", "yesterday", "2026-02-30T12:00:00Z", "1769601600"})
    void parse_timeThatIsNone_isNamed(String time) {
        assertMalformedPayload(
                "[predicate.issued_at] is not an RFC 3339 time with a zone",
                STATEMENT.replace("2026-01-28T12:00:00Z", time));
        assertMalformedPayload(
                "[predicate.expires_at] is not an RFC 3339 time with a zone",
                statement(SUBJECT, PREDICATE.replace("}", ",\"expires_at\":\"" + time + "\"}")));
    }

    @Test
    void parse_expiryThatIsNull_isNotLeftOut() {
        assertMalformedPayload(
                "[predicate.expires_at] is not a string",
                statement(SUBJECT, PREDICATE.replace("}", ",\"expires_at\":null}")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "latest", "v1.0", "1.0-", "1.0+"})
    void parse_versionThatIsNone_isNamed(String version) {
        assertMalformedPayload("[predicate.version] is no version", STATEMENT.replace("1.2.3", version));
    }

    @Test
    void parse_nameThatIsNone_isNamed() throws Exception {
        String longest = "\uD83D\uDE00".repeat(255);
        assertEquals(
                longest,
                ofPayload(STATEMENT.replace("org.example:a", longest))
                        .statement()
                        .name());
        assertMalformedPayload(
                "[predicate.name] has 256 characters", STATEMENT.replace("org.example:a", longest + "a"));
        assertMalformedPayload("[predicate.name] has 0 characters", STATEMENT.replace("org.example:a", ""));
        assertMalformedPayload(
                "[predicate.name] has control characters", STATEMENT.replace("org.example:a", "a\\u001bb"));
    }

    @Test
    void parse_halfOfASurrogatePair_isNamed() {
        assertMalformedPayload(
                "[predicate.name] has half of a surrogate pair", STATEMENT.replace("org.example:a", "a\\ud800b"));
        assertMalformedPayload(
                "[subject[0].name] has half of a surrogate pair", STATEMENT.replace("a.jar", "a\\udc00.jar"));
    }

    @Test
    void parse_wrongKinds_areNamed() {
        assertMalformedPayload("[predicate.version] is not a string", STATEMENT.replace("\"1.2.3\"", "1.2"));
        assertMalformedPayload("[predicate] is not an object", STATEMENT.replace(PREDICATE, "[]"));
        assertMalformedPayload("[subject[1]] is not an object", statement(SUBJECT + ",7", PREDICATE));
        assertMalformed(
                "[signatures] is not an array", envelope(base64(STATEMENT), "").replace("[]", "{}"));
    }

    @Test
    void parse_anythingBehindIt_isRefused() {
        assertMalformed("something follows", envelope(base64(STATEMENT), signed(KEY)) + " {}");
        assertMalformedPayload("the payload: something follows", STATEMENT + "1");
        assertMalformedPayload("the payload: it is not a JSON object", "[" + STATEMENT + "]");
        assertMalformedPayload("the payload: it begins with a byte-order mark", "\uFEFF" + STATEMENT);
        assertMalformedPayload("the payload: it is not JSON", STATEMENT.replace("\"1.2.3\"", "NaN"));
        assertMalformed("the payload: it is not UTF-8", envelope("/w==", signed(KEY)));
    }

    @Test
    void parse_moreThan256KiB_isRefused() throws Exception {
        String good = envelope(base64(STATEMENT), signed(KEY));
        String largest = good + " ".repeat(DsseEnvelope.MAX_SIZE_BYTES - good.length());

        assertEquals("1.2.3", parse(largest).statement().version());
        assertMalformed("larger than 256 KiB", largest + " ");
    }

    @Test
    void parse_deepNesting_isRefusedAndOverflowsNothing() {
        assertMalformed(
                "it is not JSON",
                envelope(base64(STATEMENT), signed(KEY))
                        .replace(
                                "{\"payload\"",
                                "{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + ",\"payload\""));
    }

    @Test
    void isVersion2_tellsByTheFields() {
        assertTrue(SignatureFile.isVersion2(
                envelope(base64(STATEMENT), signed(KEY)).getBytes(StandardCharsets.UTF_8)));
        assertTrue(SignatureFile.isVersion2("{\"payloadType\": 7".getBytes(StandardCharsets.UTF_8)));
        for (String other : List.of(
                "", "{}", "[]", "{\"version\":1,\"payload\":\"\"}", "{ \"payload\":\"\", \"version\" : 1}", "PGP")) {
            assertFalse(SignatureFile.isVersion2(other.getBytes(StandardCharsets.UTF_8)), other);
        }
    }
}
