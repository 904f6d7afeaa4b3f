// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {

    private static final String GOOD = new Lines().verified("/a.jar").toString().strip();

    private final List<Event> events = new ArrayList<>();
    private final List<String> malformed = new ArrayList<>();

    private void read(byte[] bytes) throws IOException {
        new EventReader().read(new ByteArrayInputStream(bytes), new EventReader.Lines() {
            @Override
            public void event(Event event) {
                events.add(event);
            }

            @Override
            public void malformed(long number, String why) {
                malformed.add(number + ": " + why);
            }
        });
    }

    private void read(String text) throws IOException {
        read(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void recorded_lines_areAllUnderstood() throws Exception {
        read(Lines.recorded("audit-mode.jsonl").readAllBytes());

        assertEquals(9, events.size());
        assertEquals(List.of(), malformed);
        assertEquals("guard.started", events.get(0).type());
        assertEquals("audit", events.get(0).field("mode"));
        assertNull(events.get(0).field("hooks"), "nested objects are left out");
        assertTrue(events.get(1).is("signature_verified"));
        assertNull(events.get(8).field("package_path"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-01-28T12:34:56.123456Z",
                "2024-02-29T23:59:59.999999Z",
                "2016-12-31T23:59:60.000000Z",
                "2026-01-28T24:00:00.000000Z",
                "2026-01-28T12:34:56Z",
            })
    void time_asTheJdkReadsIt_isThatTime(String text) throws Exception {
        read("{\"timestamp\":\"" + text + "\",\"event_type\":\"guard.started\"}\n");

        assertEquals(
                List.of(Instant.parse(text)), events.stream().map(Event::time).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-13-28T12:00:00.000000Z",
                "2026-02-30T12:00:00.000000Z",
                "2026-01-28T25:00:00.000000Z",
                "2026-01-28 12:00:00.000000Z",
                "9999-01-28T12:00:00.000000Z",
            })
    void time_thatIsNone_isMalformed(String text) throws Exception {
        read("{\"timestamp\":\"" + text + "\",\"event_type\":\"guard.started\"}\n");

        assertEquals(List.of("1: not a JSON object with a time"), malformed);
    }

    @Test
    void lines_emptyAndWithCarriageReturns_areFine() throws Exception {
        read("\r\n\n" + GOOD + "\r\n\n" + GOOD + "\n");

        assertEquals(2, events.size());
        assertEquals(List.of(), malformed);
    }

    @Test
    void lastLine_withoutLineFeed_isReadIfWholeAndToldIfTorn() throws Exception {
        read(GOOD + "\n" + GOOD);
        assertEquals(2, events.size());

        read(GOOD + "\n" + GOOD.substring(0, GOOD.length() - 5));
        assertEquals(3, events.size());
        assertEquals(List.of("2: torn: it ends before its line does"), malformed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "[]",
                "\"text\"",
                "{}",
                "{\"timestamp\":\"2026-01-28T12:00:00Z\"}",
                "{\"timestamp\":\"yesterday\",\"event_type\":\"guard.started\"}",
                "{\"timestamp\":\"+999999999-12-31T00:00:00Z\",\"event_type\":\"guard.started\"}",
                "{\"timestamp\":\"1969-12-31T00:00:00Z\",\"event_type\":\"guard.started\"}",
                "{\"timestamp\":\"2026-01-28T12:00:00Z\",\"event_type\":\"guard.started\"} {}",
                "{\"timestamp\":\"2026-01-28T12:00:00Z\",\"event_type\":",
                "cloacina-guard: AUDIT MODE: nothing is refused, only recorded",
            })
    void malformedLine_betweenGoodOnes_isToldAndTheOthersAreRead(String line) throws Exception {
        read(GOOD + "\n" + line + "\n" + GOOD + "\n");

        assertEquals(2, events.size());
        assertEquals(1, malformed.size());
        assertTrue(malformed.get(0).startsWith("2: "), malformed.get(0));
    }

    @Test
    void malformedUtf8_inALine_isToldAndTheOthersAreRead() throws Exception {
        byte[] bytes = (GOOD + "\n" + GOOD + "\n" + GOOD + "\n").getBytes(StandardCharsets.UTF_8);
        bytes[GOOD.length() + 40] = (byte) 0xff;
        read(bytes);

        assertEquals(2, events.size());
        assertEquals(1, malformed.size());
    }

    @Test
    void line_longerThanTheLimit_isToldAndTheNextIsRead() throws Exception {
        String longest = GOOD.substring(0, GOOD.length() - 1) + ",\"x\":\"";
        longest += "y".repeat(EventReader.LONGEST_LINE - longest.length() - 2) + "\"}";
        read(longest + "\n" + longest + " \n" + GOOD + "\n");

        assertEquals(2, events.size());
        assertEquals(List.of("2: longer than 1 MiB"), malformed);
    }

    @Test
    void gzip_wholeAndTorn_isReadAsFarAsItGoes() throws Exception {
        byte[] whole = gzip((GOOD + "\n").repeat(1000));
        read(whole);
        assertEquals(1000, events.size());
        assertEquals(List.of(), malformed);

        events.clear();
        read(Arrays.copyOf(whole, whole.length / 2));
        assertFalse(events.isEmpty());
        assertTrue(events.size() < 1000);
        assertEquals(1, malformed.size());
        assertTrue(malformed.get(0).contains("compressed file is torn"), malformed.get(0));
    }

    @Test
    void truncatedFields_areKnownByName() throws Exception {
        read(GOOD.substring(0, GOOD.length() - 1) + ",\"truncated\":{\"package_path\":9000,\"error\":5000}}\n");

        assertTrue(events.get(0).isCut("package_path"));
        assertTrue(events.get(0).isCut("error"));
        assertFalse(events.get(0).isCut("path"));
    }

    @Test
    void first_ofARecord_isItsFirstEventEvenBehindOtherLines() throws Exception {
        assertEquals(
                Lines.NOON,
                ReportBuilder.first(new Lines().raw("x\n").verified("/a").in()).time());
        assertNull(ReportBuilder.first(new ByteArrayInputStream(new byte[0])));
        assertNull(ReportBuilder.first(new ByteArrayInputStream(Arrays.copyOf(gzip(GOOD), 12))));
    }
}
