// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommonFieldsTest {

    @TempDir
    Path directory;

    private static final class Memory implements AuditSink {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();

        @Override
        public void write(EncodedEvent event) throws IOException {
            written.write(event.line());
        }

        @Override
        public String name() {
            return "memory";
        }

        @Override
        public void close() {}

        String text() {
            return written.toString(StandardCharsets.US_ASCII);
        }
    }

    private static AuditSettings settings(String labels) {
        return new AuditSettings(Duration.ofSeconds(5), 0, null, 0, AuditSettings.labels(labels), "release-bot");
    }

    @Test
    void everySink_getsHostPidUserAndLabels() throws Exception {
        Memory memory = new Memory();
        AuditEvent event = AuditEvent.of("x", null).with("kind", "jar");
        try (AuditLog log =
                new AuditLog(Clock.systemUTC(), List.of(memory), null, settings("env=prod, team = plugins"), null)) {
            log.record(event);
        }
        String expected =
                ",\"kind\":\"jar\",\"outcome\":\"info\",\"severity\":\"info\",\"host\":\"" + ThisProcess.host()
                        + "\",\"pid\":" + ProcessHandle.current().pid()
                        + ",\"user\":\"release-bot\",\"labels\":{\"env\":\"prod\",\"team\":\"plugins\"}";
        assertTrue(memory.text().endsWith(expected + "}\n"), memory.text());

        Path file = directory.resolve("events.jsonl");
        try (AuditLog log = AuditLog.open(
                Clock.systemUTC(), List.of("file:" + file), settings("env=prod,team=plugins"), null, "c0ffee", false)) {
            log.record(event);
        }
        String line = Files.readString(file);
        assertTrue(line.contains(expected + ",\"process_started_at\":"), line);
        assertEquals(line.indexOf("\"host\""), line.lastIndexOf("\"host\""), "once");
    }

    @ParameterizedTest
    @CsvSource({
        "package.load.success, , allowed, info",
        "package.load.success, exempt, allowed, info",
        "package.load.success, untrusted_signer, would_refuse, warning",
        "package.load.failure, tampered_package, refused, warning",
        "verification.success, , allowed, info",
        "verification.failure, untrusted_signer, refused, warning",
        "package.signed, , changed, info",
        "package.sign.failure, , failed, warning",
        "key.signing.created, , changed, notice",
        "key.signing.create_failed, , failed, warning",
        "key.signing.revoked, , changed, notice",
        "key.trusted.added, , changed, notice",
        "key.trust_acl.revoked, , changed, notice",
        "key.exported, , info, notice",
        "key.resealed, , changed, notice",
        "store.initialised, , changed, notice",
        "guard.started, , info, notice",
        "guard.degraded, , failed, err",
        "package.revoked.loaded, , info, warning"
    })
    void outcomeAndSeverity_areByTypeAndReason(String type, String reason, String outcome, String severity)
            throws Exception {
        Memory memory = new Memory();
        try (AuditLog log = new AuditLog(Clock.systemUTC(), List.of(memory))) {
            log.record(AuditEvent.of(type, null).with("failure_reason", reason));
        }
        assertFields(JsonLines.object(memory.text()), "outcome", outcome, "severity", severity);
    }

    @Test
    void recoveredSink_isNoFailure() throws Exception {
        Memory memory = new Memory();
        try (AuditLog log = new AuditLog(Clock.systemUTC(), List.of(memory))) {
            log.record(AuditEvent.of("guard.degraded", null).with("state", "recovered"));
        }
        assertFields(JsonLines.object(memory.text()), "outcome", "info", "severity", "err");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "prod", "=prod", "a b=c", "env=prod,", "env=a,env=b", "env=a\nb", "é=1"})
    void labels_malformed_areRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> AuditSettings.labels(text));
    }

    @Test
    void labels_tooLongOrTooMany_areRefused() {
        assertThrows(IllegalArgumentException.class, () -> AuditSettings.labels("a=" + "x".repeat(256)));
        StringBuilder many = new StringBuilder("l0=");
        for (int i = 1; i <= 32; i++) {
            many.append(",l").append(i).append('=');
        }
        assertThrows(IllegalArgumentException.class, () -> AuditSettings.labels(many.toString()));
    }
}
