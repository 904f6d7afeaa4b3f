// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against sockets that play the server. */
class SyslogTest {

    private static final UUID ORG = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-01-28T12:00:00.123456Z"), ZoneOffset.UTC);
    private static final int PATIENCE_MILLIS = 60_000;

    private AuditLog log;

    private void open(String sink, Duration timeout) throws IOException {
        log = AuditLog.open(NOON, List.of(sink), new AuditSettings(timeout, 0, null, 0), ORG, null, false);
    }

    @AfterEach
    void close() throws IOException {
        log.close();
    }

    private void record(int number) throws AuditFailedException {
        log.recordInAll(event(number));
    }

    private static AuditEvent event(int number) {
        return AuditEvent.of("package.load.failure", ORG).with("number", number).with("path", "a\nb\u202e");
    }

    /** The number of the event in a message whose form is right. */
    private static int requireMessage(String message) {
        String head = "<84>1 2026-01-28T12:00:00.123456Z " + ThisProcess.host() + " cloacina-guard "
                + ProcessHandle.current().pid()
                + " package.load.failure - {\"timestamp\":\"2026-01-28T12:00:00.123456Z\"";
        assertTrue(message.startsWith(head), message);
        assertTrue(
                message.contains(",\"path\":\"a\\nb\\u202E\",\"outcome\":\"refused\",\"severity\":\"warning\""),
                message);
        assertTrue(message.chars().allMatch(c -> c >= 0x20 && c < 0x7f), message);
        return Integer.parseInt(ChainLink.field(message, "number"));
    }

    private static String receive(DatagramSocket server) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        server.setSoTimeout(PATIENCE_MILLIS);
        server.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
    }

    /** One frame of RFC 6587, octet counting. */
    private static String receive(InputStream in) throws IOException {
        int length = 0;
        for (int b = in.read(); b != ' '; b = in.read()) {
            assertTrue(b >= '0' && b <= '9', "a digit, not " + b);
            length = 10 * length + b - '0';
        }
        byte[] message = new byte[length];
        new DataInputStream(in).readFully(message);
        return new String(message, StandardCharsets.UTF_8);
    }

    @Test
    void udp_message_isRfc5424() throws Exception {
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            open("syslog:udp://127.0.0.1:" + server.getLocalPort(), Duration.ofSeconds(30));
            record(1);
            record(2);
            assertEquals(1, requireMessage(receive(server)));
            assertEquals(2, requireMessage(receive(server)));
        }
    }

    @Test
    void udp_serverGoneAndBack_isAFailureInBetween() throws Exception {
        int port;
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
            open("syslog:udp://127.0.0.1:" + port, Duration.ofSeconds(30));
            record(1);
            assertEquals(1, requireMessage(receive(server)));
        }
        AuditFailedException e = assertThrows(AuditFailedException.class, () -> {
            record(2);
            record(3);
        });
        assertTrue(e.getMessage().contains("nothing listens at [127.0.0.1:" + port + "]"), e.getMessage());
        assertThrows(AuditFailedException.class, () -> record(4));
        try (DatagramSocket server = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
            // The answer to what was sent while nothing listened may still be there for the first.
            for (int i = 5; log.trouble() != null; i++) {
                tolerant(i);
            }
            assertTrue(receive(server).contains("package.load.failure"));
        }
    }

    private void tolerant(int number) {
        try {
            record(number);
        } catch (AuditFailedException e) {
            assertTrue(e.getMessage().contains("nothing listens"), e.getMessage());
        }
    }

    @Test
    void tcp_messages_areCounted() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            open("syslog:tcp://localhost:" + server.getLocalPort(), Duration.ofSeconds(30));
            for (int i = 1; i <= 3; i++) {
                record(i);
            }
            try (Socket client = server.accept()) {
                for (int i = 1; i <= 3; i++) {
                    assertEquals(i, requireMessage(receive(client.getInputStream())));
                }
            }
        }
    }

    @Test
    void tcp_serverGoneAndBack_isAFailureInBetween_andLosesNothingThatWasAcceptedAfterwards() throws Exception {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
            open("syslog:tcp://127.0.0.1:" + port, Duration.ofSeconds(30));
            record(1);
            try (Socket client = server.accept()) {
                assertEquals(1, requireMessage(receive(client.getInputStream())));
            }
        }
        AuditFailedException e = assertThrows(AuditFailedException.class, () -> record(2));
        assertTrue(e.getMessage().contains("refused"), e.getMessage());
        try (ServerSocket server = new ServerSocket()) {
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            for (int i = 3; log.trouble() != null; i++) {
                try {
                    record(i);
                } catch (AuditFailedException again) {
                    // For as long as the last attempt took, none is made.
                    assertTrue(again.getMessage().contains("refused"), again.getMessage());
                }
            }
            record(1_000);
            try (Socket client = server.accept()) {
                String first = receive(client.getInputStream());
                assertTrue(requireMessage(first) >= 3, first);
                String told = receive(client.getInputStream());
                assertTrue(told.startsWith("<83>1 ") && told.contains(" guard.degraded - {"), told);
                assertFields(JsonLines.object(told.substring(told.indexOf('{'))), "state", "recovered");
                assertEquals(1_000, requireMessage(receive(client.getInputStream())));
            }
        }
    }

    @Test
    void tcp_serverEndsTheConnection_nextEventGoesThroughANewOne() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
            open("syslog:tcp://127.0.0.1:" + server.getLocalPort(), Duration.ofSeconds(30));
            record(1);
            try (Socket client = server.accept()) {
                assertEquals(1, requireMessage(receive(client.getInputStream())));
            }
            record(2);
            try (Socket client = server.accept()) {
                assertEquals(2, requireMessage(receive(client.getInputStream())));
            }
        }
    }

    @Test
    void tcp_serverThatNeverReads_isAFailureAfterTheLimit() throws Exception {
        try (ServerSocket server = new ServerSocket()) {
            server.setReceiveBufferSize(4096);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
            open("syslog:tcp://127.0.0.1:" + server.getLocalPort(), Duration.ofMillis(400));
            AuditFailedException e = assertThrows(AuditFailedException.class, () -> {
                for (int i = 0; i < 100_000; i++) {
                    record(i);
                }
            });
            assertTrue(
                    e.getMessage().contains("[127.0.0.1:" + server.getLocalPort() + "] does not read"), e.getMessage());
        }
    }

    @Test
    void unknownHost_isAFailure() throws Exception {
        open("syslog:tcp://no-such-host.invalid:514", Duration.ofSeconds(30));
        AuditFailedException e = assertThrows(AuditFailedException.class, () -> record(1));
        assertTrue(e.getMessage().contains("no-such-host.invalid"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "package.load.success, 6", "package.load.failure, 4", "key.signing.create_failed, 4", "key.trusted.added, 5",
        "guard.started, 5", "guard.degraded, 3", "package.revoked.loaded, 4", "verification.failure, 4"
    })
    void severity_isByType(String type, int severity) throws Exception {
        open("stderr", Duration.ofSeconds(5));
        assertEquals(severity, CommonFields.severity(type, CommonFields.outcome(AuditEvent.of(type, null))));
    }
}
