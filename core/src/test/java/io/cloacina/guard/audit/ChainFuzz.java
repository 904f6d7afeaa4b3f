// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of an audit log, in one of two ways. As it is: its lines are read without a byte lost, and it is complete only if
 * a second, simple check says so. Or, after a byte 1: the lines are chained, which is complete; then the byte at a place
 * that the next three bytes choose is changed, which must show.
 */
public final class ChainFuzz {

    private static final int CHAINED = 1;
    private static final int CHOICE_BYTES = 4;
    private static final Pattern LINK =
            Pattern.compile(",\"sequence\":([1-9][0-9]{0,17}),\"previous_hash\":\"([0-9a-f]{64})\"}$");

    private static Path file;

    private ChainFuzz() {}

    public static void fuzzerTestOneInput(byte[] bytes) throws Exception {
        if (file == null) {
            file = Files.createTempFile("audit", ".log");
            file.toFile().deleteOnExit();
        }
        if (bytes.length > CHOICE_BYTES && bytes[0] == CHAINED) {
            checkChained(bytes);
        } else {
            checkAny(bytes);
        }
    }

    private static ChainVerifier.Result verify(byte[] log) throws IOException {
        Files.write(file, log);
        return ChainVerifier.run(List.of(file), List.of(), 0);
    }

    private static void checkAny(byte[] log) throws Exception {
        ChainVerifier.Result result = verify(log);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (LineReader lines = new LineReader(List.of(file))) {
            for (LineReader.Line line = lines.next(); line != null; line = lines.next()) {
                read.writeBytes(line.bytes());
                if (line.ended()) {
                    read.write('\n');
                }
            }
        }
        assertArrayEquals(log, read.toByteArray());
        if (result.isComplete()
                && result.sound().unchainedLines() == 0
                && result.sound().tornLines() == 0) {
            checkComplete(new String(log, StandardCharsets.ISO_8859_1), result);
        }
    }

    private static void checkComplete(String log, ChainVerifier.Result result) throws Exception {
        assertTrue(log.endsWith("\n"));
        String[] lines = log.split("\n");
        assertEquals(lines.length, result.sound().lines());
        String before = null;
        for (int i = 0; i < lines.length; i++) {
            Matcher link = LINK.matcher(lines[i]);
            assertTrue(link.find());
            assertEquals(result.sound().firstSequence() + i, Long.parseLong(link.group(1)));
            if (before != null) {
                assertEquals(before, link.group(2));
            }
            before = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(lines[i].getBytes(StandardCharsets.ISO_8859_1)));
        }
        assertEquals(before, result.sound().lastHash());
    }

    private static void checkChained(byte[] bytes) throws IOException {
        String text = new String(bytes, CHOICE_BYTES, bytes.length - CHOICE_BYTES, StandardCharsets.ISO_8859_1);
        StringBuilder log = new StringBuilder();
        String before = ChainLink.NOTHING;
        int lastLine = 0;
        int sequence = 0;
        for (String body : text.split("\n")) {
            StringBuilder line =
                    new StringBuilder("{\"body\":\"").append(printable(body)).append('"');
            new ChainLink(++sequence, before).appendTo(line);
            before = ChainLink.hash(line.toString().getBytes(StandardCharsets.US_ASCII));
            lastLine = log.length();
            log.append(line).append('\n');
        }
        byte[] whole = log.toString().getBytes(StandardCharsets.US_ASCII);
        ChainVerifier.Result result = verify(whole);
        assertTrue(result.isComplete(), result.message());
        assertEquals(sequence, result.sound().lines());

        // The last line has none behind it that would show a change.
        if (lastLine > 0) {
            int at = ((bytes[1] & 0xff) << 8 | (bytes[2] & 0xff)) % lastLine;
            if (whole[at] != bytes[3]) {
                whole[at] = bytes[3];
                assertFalse(verify(whole).isComplete(), () -> "a changed byte at " + at + " does not show");
            }
        }
    }

    /** As it can stand within a text of JSON. */
    private static String printable(String text) {
        return text.replaceAll("[^ -~]|[\"\\\\]", "?");
    }
}
