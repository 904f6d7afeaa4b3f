// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class Rfc3339Test {

    private static final Instant NOON = Instant.parse("2026-01-28T12:00:00Z");

    @Test
    void parse_everyFormOfTheRfc_isRead() {
        assertEquals(NOON, Rfc3339.parse("2026-01-28T12:00:00Z"));
        assertEquals(NOON, Rfc3339.parse("2026-01-28t12:00:00z"));
        assertEquals(NOON, Rfc3339.parse("2026-01-28 12:00:00+00:00"));
        assertEquals(NOON, Rfc3339.parse("2026-01-28T12:00:00-00:00"));
        assertEquals(NOON, Rfc3339.parse("2026-01-28T14:30:00+02:30"));
        assertEquals(NOON, Rfc3339.parse("2026-01-29T06:00:00+18:00"));
        assertEquals(NOON.plusMillis(100), Rfc3339.parse("2026-01-28T12:00:00.1Z"));
        assertEquals(NOON.plusNanos(1_000), Rfc3339.parse("2026-01-28T12:00:00.000001Z"));
        assertEquals(NOON.plusNanos(123_456_789), Rfc3339.parse("2026-01-28T04:00:00.123456789-08:00"));
        assertEquals(Instant.parse("9999-12-31T23:59:59.999999999Z"), Rfc3339.parse("9999-12-31T23:59:59.999999999Z"));
        assertEquals(Instant.parse("0000-01-01T00:00:00Z"), Rfc3339.parse("0000-01-01T01:00:00+01:00"));
        assertEquals(Instant.parse("2024-02-29T23:59:59Z"), Rfc3339.parse("2024-02-29T23:59:59Z"));
    }

    @Test
    void parse_anythingElse_isRefused() {
        for (String text : new String[] {
            "",
            "noon",
            "2026-01-28",
            "2026-01-28T12:00:00",
            "2026-01-28T12:00Z",
            "2026-01-28T12:00:00.Z",
            "2026-01-28T12:00:00.1234567890Z",
            "2026-01-28T12:00:00.1",
            "2026-01-28T12:00:00Z ",
            " 2026-01-28T12:00:00Z",
            "2026-01-28T12:00:00ZZ",
            "2026-01-28T12:00:00+0200",
            "2026-01-28T12:00:00+02:60",
            "2026-01-28T12:00:00+18:01",
            "2026-01-28T12:00:00+19:00",
            "2026-01-28T12:00:00 02:00",
            "2026-01-28T12:00:00+02:00:00",
            "2026-02-30T12:00:00Z",
            "2025-02-29T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-00-01T12:00:00Z",
            "2026-01-28T24:00:00Z",
            "2026-01-28T12:60:00Z",
            "2026-01-28T12:00:60Z",
            "26-01-28T12:00:00Z",
            "+2026-01-28T12:00:00Z",
            "2026/01/28T12:00:00Z",
            "2026-01-28_12:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00:00+01:00",
            "\u0662026-01-28T12:00:00Z",
        }) {
            assertThrows(IllegalArgumentException.class, () -> Rfc3339.parse(text), text);
        }
    }

    @Test
    void format_anyTime_hasMicrosecondsAndIsReadBack() {
        Instant early = Instant.parse("0099-03-04T05:06:07.000008Z");
        assertEquals("2026-01-28T12:00:00.000000Z", Rfc3339.format(NOON));
        assertEquals("2026-01-28T12:00:00.123456Z", Rfc3339.format(NOON.plusNanos(123_456_999)));
        assertEquals("0099-03-04T05:06:07.000008Z", Rfc3339.format(early));
        assertEquals(early, Rfc3339.parse(Rfc3339.format(early)));
        assertEquals("0099-03-04T05:06:07.000008+00:00", Rfc3339.formatWithOffset(early));
        assertEquals(early, Rfc3339.parse(Rfc3339.formatWithOffset(early)));
    }
}
