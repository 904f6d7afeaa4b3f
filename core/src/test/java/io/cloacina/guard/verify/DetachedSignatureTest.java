// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachedSignatureTest {

    private static final String HASH = "ab".repeat(32);
    private static final String KEY = "cd".repeat(32);
    private static final String BASE64 = Base64.getEncoder().encodeToString(new byte[64]);
    private static final String GOOD = "{\"version\":1,\"algorithm\":\"ed25519\",\"package_hash\":\"" + HASH
            + "\",\"key_fingerprint\":\"" + KEY + "\",\"signature\":\"" + BASE64
            + "\",\"signed_at\":\"2026-01-28T12:00:00Z\"}";

    @TempDir
    Path folder;

    private static DetachedSignature parse(String text) throws MalformedSignatureException {
        return DetachedSignature.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void parse_version1_isRead() throws Exception {
        DetachedSignature signature = parse(GOOD);

        assertEquals(new PackageHash(HASH), signature.packageHash());
        assertEquals(new Fingerprint(KEY), signature.keyFingerprint());
        assertArrayEquals(new byte[64], signature.signature());
        assertEquals(Instant.parse("2026-01-28T12:00:00Z"), signature.signedAt());
    }

    @Test
    void parse_whatEncodeWrote_isTheSame() throws Exception {
        DetachedSignature signature = parse(GOOD);
        byte[] encoded = signature.encode();

        assertArrayEquals(encoded, DetachedSignature.parse(encoded).encode());
        assertTrue(new String(encoded, StandardCharsets.UTF_8).endsWith("\"2026-01-28T12:00:00.000000Z\"}\n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-01-28T12:00:00.123456789Z",
                "2026-01-28T12:00:00.1+00:00",
                "2026-01-28T17:30:00+05:30",
                "2026-01-28t12:00:00z",
                "9999-12-31T23:59:59Z"
            })
    void parse_timesOfRfc3339_areAccepted(String time) throws Exception {
        parse(GOOD.replace("2026-01-28T12:00:00Z", time));
    }

    @Test
    void parse_unknownFields_areIgnored() throws Exception {
        parse(GOOD.replace("{\"version\"", "{\"more\":{\"a\":[1,{\"b\":null}]},\"x\":1.5,\"version\""));
    }

    @Test
    void parse_whiteSpaceAround_isAccepted() throws Exception {
        parse("\n  " + GOOD.replace(":", " :\t").replace(" :\t00 :\t00Z", ":00:00Z") + "\r\n");
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("nothing", ""),
                Arguments.of("not JSON", "hello"),
                Arguments.of("cut off", GOOD.substring(0, GOOD.length() - 1)),
                Arguments.of("an array", "[" + GOOD + "]"),
                Arguments.of("a string", "\"x\""),
                Arguments.of("null", "null"),
                Arguments.of("trailing data", GOOD + "{}"),
                Arguments.of("trailing word", GOOD + " x"),
                Arguments.of("a comment", "/* */" + GOOD),
                Arguments.of("a byte-order mark", "\uFEFF" + GOOD),
                Arguments.of("duplicate field", GOOD.replace("{", "{\"version\":1,")),
                Arguments.of("duplicate unknown field", GOOD.replace("{", "{\"a\":1,\"a\":1,")),
                Arguments.of("duplicate field inside", GOOD.replace("{", "{\"a\":{\"b\":1,\"b\":1},")),
                Arguments.of("no version", GOOD.replace("\"version\":1,", "")),
                Arguments.of("version 2", GOOD.replace("\"version\":1", "\"version\":2")),
                Arguments.of("version 1.0", GOOD.replace("\"version\":1", "\"version\":1.0")),
                Arguments.of("version 1e0", GOOD.replace("\"version\":1", "\"version\":1e0")),
                Arguments.of("version as text", GOOD.replace("\"version\":1", "\"version\":\"1\"")),
                Arguments.of("version true", GOOD.replace("\"version\":1", "\"version\":true")),
                Arguments.of("version null", GOOD.replace("\"version\":1", "\"version\":null")),
                Arguments.of("a huge version", GOOD.replace("\"version\":1", "\"version\":1" + "0".repeat(900))),
                Arguments.of("other algorithm", GOOD.replace("ed25519", "ed448")),
                Arguments.of("algorithm in capitals", GOOD.replace("ed25519", "Ed25519")),
                Arguments.of("no algorithm", GOOD.replace("\"algorithm\":\"ed25519\",", "")),
                Arguments.of("hash in capitals", GOOD.replace(HASH, "AB".repeat(32))),
                Arguments.of("short hash", GOOD.replace(HASH, "ab".repeat(31))),
                Arguments.of("long hash", GOOD.replace(HASH, "ab".repeat(33))),
                Arguments.of("hash of no hex", GOOD.replace(HASH, "gg".repeat(32))),
                Arguments.of("hash as number", GOOD.replace("\"" + HASH + "\"", "12")),
                Arguments.of("no hash", GOOD.replace("package_hash", "package_hush")),
                Arguments.of("key in capitals", GOOD.replace(KEY, "CD".repeat(32))),
                Arguments.of("no key", GOOD.replace("key_fingerprint", "key")),
                Arguments.of("key null", GOOD.replace("\"" + KEY + "\"", "null")),
                Arguments.of(
                        "63 bytes", GOOD.replace(BASE64, Base64.getEncoder().encodeToString(new byte[63]))),
                Arguments.of(
                        "65 bytes", GOOD.replace(BASE64, Base64.getEncoder().encodeToString(new byte[65]))),
                Arguments.of("no padding", GOOD.replace("==", "")),
                Arguments.of("one pad too few", GOOD.replace("==", "=")),
                Arguments.of("stray low bits", GOOD.replace("A==", "B==")),
                Arguments.of("line break in base64", GOOD.replace("AAAA==", "AAA\\nA==")),
                Arguments.of("URL alphabet", GOOD.replace("AAAA==", "A-_A==")),
                Arguments.of("not base64", GOOD.replace("AAAA==", "A!!A==")),
                Arguments.of("no signature", GOOD.replace("\"signature\"", "\"sig\"")),
                Arguments.of("signature as array", GOOD.replace("\"" + BASE64 + "\"", "[0]")),
                Arguments.of("no time", GOOD.replace("signed_at", "at")),
                Arguments.of("time as number", GOOD.replace("\"2026-01-28T12:00:00Z\"", "1769601600")),
                Arguments.of("time without zone", GOOD.replace("00Z", "00")),
                Arguments.of("a date", GOOD.replace("T12:00:00Z", "")),
                Arguments.of("31 February", GOOD.replace("2026-01-28", "2026-02-31")),
                Arguments.of("hour 25", GOOD.replace("T12", "T25")),
                Arguments.of("NaN", GOOD.replace("{", "{\"a\":NaN,")),
                Arguments.of("Infinity", GOOD.replace("{", "{\"a\":[-Infinity],")),
                Arguments.of("leading zeros", GOOD.replace("\"version\":1", "\"version\":01")),
                Arguments.of("trailing comma", GOOD.replace("}", ",}")),
                Arguments.of("single quotes", GOOD.replace('"', '\'')),
                Arguments.of("control character in a string", GOOD.replace("{", "{\"a\":\"\u0001\",")),
                Arguments.of("deep nesting", GOOD.replace("{", "{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + ",")),
                Arguments.of("too large", GOOD + " ".repeat(64 * 1024)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void parse_malformed_isRefused(String what, String text) {
        MalformedSignatureException e = assertThrows(MalformedSignatureException.class, () -> parse(text), what);

        assertTrue(e.getMessage().length() < 500, e.getMessage());
    }

    /** A file as {@code encode} writes it is read without a JSON parser; a blank behind it has it read by one. */
    @Test
    void parse_everyChangeOfAByte_isJudgedAsJson() throws Exception {
        byte[] written = parse(GOOD).encode();
        int accepted = 0;
        for (int i = 0; i < written.length; i++) {
            for (char other : "\"\\/19aZ+=, :}\n\u0001\u007f\u00e9".toCharArray()) {
                byte[] changed = written.clone();
                changed[i] = (byte) other;
                byte[] behind = Arrays.copyOf(changed, changed.length + 1);
                behind[changed.length] = ' ';
                String verdict = verdict(changed);
                assertEquals(verdict(behind), verdict, new String(changed, StandardCharsets.ISO_8859_1));
                accepted += verdict.startsWith("{") ? 1 : 0;
            }
        }
        assertTrue(accepted > 100, "some changes make another good file: " + accepted);
    }

    private static String verdict(byte[] content) {
        try {
            return new String(DetachedSignature.parse(content).encode(), StandardCharsets.US_ASCII);
        } catch (MalformedSignatureException e) {
            // Where in the text a parser gave up differs with what it takes for the end.
            return e.getMessage().replaceAll("(?s)it is not JSON.*", "it is not JSON");
        }
    }

    @Test
    void parse_escapes_areRead() throws Exception {
        String written = new String(parse(GOOD).encode(), StandardCharsets.US_ASCII);
        String escaped = written.replace("2026-", "\\u0032026-");

        assertEquals(Instant.parse("2026-01-28T12:00:00Z"), parse(escaped).signedAt());
    }

    @Test
    void parse_exactly64KiB_isRead() throws Exception {
        int room = DetachedSignature.MAX_SIZE_BYTES - GOOD.length();

        parse(GOOD + " ".repeat(room));
        assertThrows(MalformedSignatureException.class, () -> parse(GOOD + " ".repeat(room + 1)));
    }

    @Test
    void parse_invalidUtf8_isRefused() {
        byte[] bytes = GOOD.replace("{", "{\"a\":\"?\",").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '?') {
                bytes[i] = (byte) 0xff;
            }
        }

        assertThrows(MalformedSignatureException.class, () -> DetachedSignature.parse(bytes));
    }

    @Test
    void parse_utf16_isRefused() {
        assertThrows(
                MalformedSignatureException.class,
                () -> DetachedSignature.parse(GOOD.getBytes(StandardCharsets.UTF_16LE)));
        assertThrows(
                MalformedSignatureException.class,
                () -> DetachedSignature.parse(GOOD.getBytes(StandardCharsets.UTF_16)));
    }

    @Test
    void read_missingFile_isEmpty() throws Exception {
        assertEquals(Optional.empty(), DetachedSignature.read(folder.resolve("nope.sig")));
    }

    @Test
    void read_folderDanglingLinkOrMalformed_isRefusedWithTheFilesName() throws Exception {
        Path dangling = Files.createSymbolicLink(folder.resolve("d.sig"), folder.resolve("nope"));
        Path malformed = Files.writeString(folder.resolve("m.sig"), "{");

        for (Path file : new Path[] {folder, dangling, malformed}) {
            MalformedSignatureException e =
                    assertThrows(MalformedSignatureException.class, () -> DetachedSignature.read(file));
            assertTrue(e.getMessage().contains("[" + file + "]"), e.getMessage());
        }
    }

    @Test
    void read_goodFile_isParsed() throws Exception {
        Path file = Files.writeString(folder.resolve("a.sig"), GOOD);

        assertEquals(
                new Fingerprint(KEY), DetachedSignature.read(file).orElseThrow().keyFingerprint());
    }

    @Test
    void pathFor_anyExtension_addsSig() {
        assertEquals(Path.of("x/a.jar.sig"), DetachedSignature.pathFor(Path.of("x/a.jar")));
        assertEquals(Path.of("a.sig.sig"), DetachedSignature.pathFor(Path.of("a.sig")));
    }

    @Test
    void signature_ofOtherLength_isNone() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new DetachedSignature(new PackageHash(HASH), new Fingerprint(KEY), new byte[63], Instant.EPOCH));
    }

    @Test
    void signature_bytes_cannotBeChangedFromOutside() {
        byte[] bytes = new byte[64];
        DetachedSignature signature =
                new DetachedSignature(new PackageHash(HASH), new Fingerprint(KEY), bytes, Instant.EPOCH);
        Arrays.fill(bytes, (byte) 1);
        signature.signature()[0] = 1;

        assertArrayEquals(new byte[64], signature.signature());
    }
}
