// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemovedAuditLogTest {

    @TempDir
    Path folder;

    /** As when the host's start script clears its logs while the JVM starts. */
    @Test
    void file_removedBeforeItsFirstEvent_isMadeAgain() throws Exception {
        Path file = folder.resolve("events.jsonl");
        byte[] line = "{\"timestamp\":\"2026-01-28T12:00:00.000000Z\",\"text\":\"first\"}\n"
                .getBytes(StandardCharsets.US_ASCII);
        try (AuditSink sink = ChainedFile.open("file:" + file, file, AuditSettings.DEFAULT, null)) {
            Files.delete(file);
            sink.write(new EncodedEvent("test", Instant.EPOCH, UUID.randomUUID(), 6, line));
        }
        List<String> lines = Files.readAllLines(file);
        assertEquals(1, lines.size());
        assertTrue(lines.get(0).contains("first"), lines::toString);
    }
}
