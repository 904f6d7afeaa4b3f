// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.read.ListAppender;
import io.cloacina.guard.internal.text.Fields;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.event.KeyValuePair;

/** Events by SLF4J, with real Logback behind it. */
class Slf4jSinkTest {

    private final LoggerContext context = new LoggerContext();
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    @BeforeEach
    void start() {
        context.setMDCAdapter(new LogbackMDCAdapter());
        appender.setContext(context);
        appender.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private AuditLog log() {
        return new AuditLog(Clock.systemUTC(), List.of(new Slf4jSink(context.getLogger("audit"))));
    }

    @Test
    void event_bySlf4j_isItsTypeWithItsFieldsAsPairs() throws Exception {
        try (AuditLog log = log()) {
            log.record(AuditEvent.of("package.load.failure", null)
                    .with("package_path", "/opt/{} \u00e4.jar")
                    .with("line", 5_000_000_000L)
                    .with("verified", true)
                    .with("hooks", Fields.none().plus("a", "b").plus("n", 1))
                    .with("list", List.of("x", "y")));
        }

        ILoggingEvent event = appender.list.get(0);
        assertEquals("package.load.failure", event.getFormattedMessage());
        assertEquals("audit", event.getLoggerName());
        assertEquals(Level.WARN, event.getLevel());
        Map<String, Object> pairs = new LinkedHashMap<>();
        for (KeyValuePair pair : event.getKeyValuePairs()) {
            pairs.put(pair.key, pair.value);
        }
        assertEquals("package.load.failure", pairs.get("event_type"));
        assertTrue(pairs.containsKey("org_id"));
        assertEquals(null, pairs.get("org_id"));
        assertEquals("/opt/{} \u00e4.jar", pairs.get("package_path"));
        assertEquals(5_000_000_000L, pairs.get("line"));
        assertEquals(true, pairs.get("verified"));
        assertEquals("{\"a\":\"b\",\"n\":1}", pairs.get("hooks"));
        assertEquals("[\"x\",\"y\"]", pairs.get("list"));
        assertEquals("refused", pairs.get("outcome"));
    }

    @Test
    void levels_followTheSeverity() throws Exception {
        try (AuditLog log = log()) {
            log.record(AuditEvent.of("package.load.success", null));
            log.record(AuditEvent.of("guard.degraded", null));
            log.record(AuditEvent.of("key.signing.created", null));
        }

        assertEquals(
                List.of(Level.INFO, Level.ERROR, Level.INFO),
                appender.list.stream().map(ILoggingEvent::getLevel).toList());
    }

    @Test
    void jsonEncoder_writesThePairs() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> json = new OutputStreamAppender<>();
        json.setContext(context);
        json.setEncoder(encoder);
        json.setOutputStream(out);
        json.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(json);
        try (AuditLog log = log()) {
            log.record(AuditEvent.of("package.load.success", null).with("package_path", "/opt/a.jar"));
        }

        String line = out.toString(StandardCharsets.UTF_8);
        assertTrue(line.contains("\"message\":\"package.load.success\""), line);
        assertTrue(line.contains("\"kvpList\": [{\"timestamp\":") && line.contains("{\"package_path\":"), line);
    }

    @Test
    void levelThatIsOff_costsNothingAndCountsAsTaken() throws Exception {
        context.getLogger("audit").setLevel(Level.OFF);
        try (AuditLog log = log()) {
            log.record(AuditEvent.of("package.load.success", null));
        }

        assertTrue(appender.list.isEmpty());
    }

    /** No real backend throws; SLF4J does not forbid it. */
    @Test
    void backendThatThrows_isASinkThatFails() throws Exception {
        Logger broken = mock(Logger.class);
        when(broken.getName()).thenReturn("broken");
        when(broken.atLevel(any())).thenThrow(new IllegalStateException("no space"));
        try (AuditLog log = new AuditLog(Clock.systemUTC(), List.of(new Slf4jSink(broken)))) {
            AuditFailedException thrown = assertThrows(
                    AuditFailedException.class, () -> log.record(AuditEvent.of("package.load.success", null)));

            assertTrue(thrown.getMessage().contains("audit sink [slf4j:broken] failed"), thrown.getMessage());
            assertFalse(log.trouble().isEmpty());
        }
    }
}
