// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The thread of a sink can be found among those of the JVM, and interrupted at any point. */
class InterruptedSinkTest {

    @TempDir
    Path directory;

    private static EncodedEvent event(String text) {
        byte[] line = ("{\"timestamp\":\"2026-01-28T12:00:00.000000Z\",\"text\":\"" + text + "\"}\n")
                .getBytes(StandardCharsets.US_ASCII);
        return new EncodedEvent("test", Instant.EPOCH, UUID.randomUUID(), 6, line);
    }

    @Test
    void file_interruptedWhileItIsWritten_failsOnceAndIsOpenedAnew() throws Exception {
        Path file = directory.resolve("events.jsonl");
        try (AuditSink sink = ChainedFile.open("file:" + file, file, AuditSettings.DEFAULT, null)) {
            sink.write(event("first"));
            Thread.currentThread().interrupt();
            assertThrows(ClosedByInterruptException.class, () -> sink.write(event("second")));
            assertTrue(Thread.interrupted());
            sink.write(event("third"));
        }
        List<String> lines = Files.readAllLines(file);
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).contains("first") && lines.get(1).contains("third"), lines::toString);
        assertFields(JsonLines.object(lines.get(1)), "sequence", 2);
    }

    @Test
    void record_threadThatWasInterrupted_writesTheNextEventAsIfItWereNot() throws Exception {
        List<Boolean> interrupted = new ArrayList<>();
        AuditSink sink = new AuditSink() {
            @Override
            public String name() {
                return "a sink";
            }

            @Override
            public void write(EncodedEvent event) throws IOException {
                interrupted.add(Thread.currentThread().isInterrupted());
                Thread.currentThread().interrupt();
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
        try (AuditLog log = new AuditLog(Clock.systemUTC(), List.of(sink))) {
            log.record(AuditEvent.of("test.event", null));
            log.record(AuditEvent.of("test.event", null));
        }
        assertEquals(List.of(false, false), interrupted);
    }
}
