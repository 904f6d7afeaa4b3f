// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doNothing;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import io.cloacina.guard.JsonLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import org.mockito.InOrder;

/** A sink that fails on one write of many: no real one can be told on which. */
class NthWriteTest {

    private static final AuditSettings PATIENT = new AuditSettings(Duration.ofSeconds(30), 0, null, 0);

    private final AuditSink failing = sink("failing");
    private final AuditSink other = sink("other");

    private static AuditSink sink(String name) {
        AuditSink sink = mock(AuditSink.class);
        when(sink.name()).thenReturn(name);
        return sink;
    }

    private static AuditEvent event(int number) {
        return AuditEvent.of("package.load.success", null).with("number", number);
    }

    private AuditLog log() {
        return new AuditLog(Clock.systemUTC(), List.of(failing, other), null, PATIENT, null);
    }

    @Test
    void thirdWriteThatFails_isTheOnlyEventThatIsMissed() throws Exception {
        doNothing()
                .doNothing()
                .doThrow(new IOException("no space"))
                .doNothing()
                .when(failing)
                .write(any());
        try (AuditLog log = log()) {
            log.record(event(1));
            log.record(event(2));
            AuditFailedException thrown = assertThrows(AuditFailedException.class, () -> log.record(event(3)));
            assertEquals("audit sink [failing] failed: no space", thrown.getMessage());
            log.recordInAll(event(4));
            assertNull(log.trouble());
            log.record(event(5));
        }

        // Five, of which one failed, and that it has recovered.
        verify(failing, times(6)).write(any());
        ArgumentCaptor<EncodedEvent> told = ArgumentCaptor.forClass(EncodedEvent.class);
        verify(other, times(7)).write(told.capture());
        List<Map<String, Object>> degraded = told.getAllValues().stream()
                .filter(event -> event.type().equals("guard.degraded"))
                .map(event -> JsonLines.object(new String(event.line(), StandardCharsets.US_ASCII)))
                .toList();
        assertEquals(2, degraded.size());
        assertFields(degraded.get(0), "why", "no space", "state", "degraded");
        assertFields(degraded.get(1), "state", "recovered", "missed_events", 1);
    }

    @Test
    void writeThatThrowsAnError_doesNotEndTheThread() throws Exception {
        doThrow(new StackOverflowError()).doNothing().when(failing).write(any());
        try (AuditLog log = log()) {
            assertThrows(AuditFailedException.class, () -> log.record(event(1)));
            log.recordInAll(event(2));
        }

        InOrder order = inOrder(failing);
        order.verify(failing, times(3)).write(any());
        order.verify(failing).close();
    }
}
