// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditLogTest {

    private static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-01-28T12:00:00.123456789Z"), ZoneOffset.UTC);

    @TempDir
    Path directory;

    /** Keeps what is written; fails on demand. */
    private static final class MemorySink implements AuditSink {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private boolean broken;
        private boolean closed;

        @Override
        public void write(EncodedEvent event) throws IOException {
            if (broken) {
                throw new IOException("the disk is full");
            }
            written.write(event.line());
        }

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public void close() throws IOException {
            closed = true;
            if (broken) {
                throw new IOException("cannot close");
            }
        }

        String text() {
            return written.toString(StandardCharsets.UTF_8);
        }
    }

    private static AuditLog open(String... sinks) throws IOException {
        return AuditLog.open(NOON, List.of(sinks), AuditSettings.DEFAULT, ORG, null, false);
    }

    private static String record(AuditEvent event) throws Exception {
        MemorySink sink = new MemorySink();
        new AuditLog(NOON, List.of(sink)).record(event);
        return sink.text();
    }

    @Test
    void record_event_hasCommonFieldsThenItsOwnInOrder() throws Exception {
        String line = record(AuditEvent.of("package.signed", ORG)
                .with("b", 1)
                .with("a", true)
                .with("z", null)
                .with("m", Map.of("k", "v")));

        assertTrue(
                line.matches("\\{\"timestamp\":\"2026-01-28T12:00:00\\.123456Z\",\"event_type\":\"package\\.signed\","
                        + "\"event_id\":\"[0-9a-f-]{36}\",\"org_id\":\"" + ORG
                        + "\",\"b\":1,\"a\":true,\"z\":null,\"m\":\\{\"k\":\"v\"},\"outcome\":\"changed\",\"severity\":\"info\","
                        + "\"host\":\"[^\"]+\",\"pid\":[0-9]+}\n"),
                line);
    }

    @Test
    void record_noOrganisation_isNull() throws Exception {
        assertEquals(null, JsonLines.object(record(AuditEvent.of("x", null))).get("org_id"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "line\nbreak\r\u0085\u2028\u2029",
                "\u001b[31m\u0007\u0000\u007f\u009b",
                "\u202eevil\u2066\u200b\ufeff",
                "pair \ud834\udd1e",
                "\"quotes\" \\ </script>"
            })
    void record_anyText_isOneLineOfPrintableAsciiThatReadsBack(String text) throws Exception {
        String line = record(AuditEvent.of("x", ORG).with("path", text));

        assertTrue(line.endsWith("}\n"), line);
        assertTrue(line.chars().limit(line.length() - 1L).allMatch(c -> c >= 0x20 && c < 0x7f), line);
        assertEquals(text, JsonLines.object(line).get("path"));
    }

    @Test
    void record_eventIds_areVersion7DifferentAndSortByTime() throws Exception {
        MemorySink sink = new MemorySink();
        AuditLog log = new AuditLog(NOON, List.of(sink));
        for (int i = 0; i < 1000; i++) {
            log.record(AuditEvent.of("x", ORG));
        }

        Set<String> ids = new HashSet<>();
        sink.text().lines().forEach(line -> {
            String id = (String) JsonLines.object(line).get("event_id");
            assertEquals(7, UUID.fromString(id).version());
            assertEquals(2, UUID.fromString(id).variant());
            assertEquals(NOON.instant().toEpochMilli(), UUID.fromString(id).getMostSignificantBits() >>> 16);
            ids.add(id);
        });
        assertEquals(1000, ids.size());
    }

    @Test
    void record_oneSinkFails_othersGetItAndTheFailureIsTold() {
        MemorySink broken = new MemorySink();
        MemorySink sound = new MemorySink();
        broken.broken = true;

        AuditFailedException e = assertThrows(
                AuditFailedException.class,
                () -> new AuditLog(NOON, List.of(broken, sound)).record(AuditEvent.of("x", ORG)));

        assertTrue(e.getMessage().contains("[memory]") && e.getMessage().contains("full"), e.getMessage());
        assertEquals(1, JsonLines.events("x", sound.text().lines().toList()).size());
    }

    @Test
    void close_oneSinkFails_closesTheOthers() {
        MemorySink broken = new MemorySink();
        MemorySink sound = new MemorySink();
        broken.broken = true;

        assertThrows(IOException.class, () -> new AuditLog(NOON, List.of(broken, sound)).close());

        assertTrue(sound.closed);
    }

    @Test
    void event_with_doesNotChangeTheFirst() {
        AuditEvent first = AuditEvent.of("x", ORG).with("a", 1);
        first.with("b", 2);

        assertEquals(Map.of("a", 1), first.fields());
        assertThrows(UnsupportedOperationException.class, () -> first.fields().put("c", 3));
    }

    @Test
    void file_newOne_isForItsOwnerOnlyAndAppendedTo() throws Exception {
        Path file = directory.resolve("audit.jsonl");
        for (int i = 0; i < 2; i++) {
            try (AuditLog log = open("file:" + file)) {
                log.record(AuditEvent.of("x", ORG));
            }
        }

        assertEquals(2, Files.readAllLines(file).size());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void open_oneThatCannotBeOpened_opensNone() {
        assertThrows(
                IOException.class,
                () -> open("file:" + directory.resolve("a"), "file:" + directory.resolve("no/such")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "file:",
                "File:x",
                "stdErr",
                "syslog",
                " stderr",
                "syslog:",
                "syslog:udp://",
                "syslog:udp://host",
                "syslog:udp://host:",
                "syslog:udp://:514",
                "syslog:udp://host:0",
                "syslog:udp://host:65536",
                "syslog:tcp://host:1/x",
                "syslog:tcp://user@host:1",
                "syslog:tcp://ho st:1",
                "syslog:tcp://::1:514",
                "syslog:tls://host:6514"
            })
    void requireName_unknown_isRefused(String name) {
        assertThrows(IllegalArgumentException.class, () -> AuditSinks.requireName(name));
    }

    @Test
    void requireName_known_isGivenBack() {
        for (String name : List.of(
                "stderr",
                "stdout",
                "file:x",
                "syslog:udp://host:514",
                "syslog:tcp://log.example.org:6514",
                "syslog:udp://[::1]:514")) {
            assertEquals(name, AuditSinks.requireName(name));
        }
    }
}
