// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Real Logback behind {@code logback:FILE}. */
class LogbackSinkTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-27T12:00:00.123456Z"), ZoneOffset.UTC);

    /** Short: it is waited for in full wherever an appender blocks. */
    private static final AuditSettings IMPATIENT = new AuditSettings(Duration.ofSeconds(2), 0, null, 0);

    private static final AuditSettings PATIENT = new AuditSettings(Duration.ofSeconds(30), 0, null, 0);

    @TempDir
    Path folder;

    /** What any other sink gets. */
    private static final class Lines implements AuditSink {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();

        @Override
        public synchronized void write(EncodedEvent event) {
            written.writeBytes(event.line());
        }

        @Override
        public String name() {
            return "lines";
        }

        @Override
        public void close() {}

        synchronized String text() {
            return written.toString(StandardCharsets.US_ASCII);
        }
    }

    private final Lines lines = new Lines();

    private Path configuration(String... content) throws IOException {
        return Files.writeString(
                folder.resolve("logback.xml"),
                "<configuration>\n" + String.join("\n", content) + "\n</configuration>\n");
    }

    private Path fileAppender(Path to, String encoder) throws IOException {
        return configuration(
                "<appender name='F' class='ch.qos.logback.core.FileAppender'>",
                "<file>" + to + "</file>",
                encoder,
                "</appender>",
                "<root><appender-ref ref='F'/></root>");
    }

    private static String pattern(String pattern) {
        return "<encoder><pattern>" + pattern + "</pattern></encoder>";
    }

    private AuditLog log(Path configuration, AuditSettings settings) throws IOException {
        AuditSink logback = AuditSinks.open(List.of("logback:" + configuration), settings, null)
                .get(0);
        return new AuditLog(CLOCK, List.of(logback, lines), null, settings, null);
    }

    private static AuditEvent event(String type) {
        return AuditEvent.of(type, UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40"))
                .with("package_path", "/opt/\u00e4 {} %msg \"x\".jar");
    }

    @Test
    void event_byMsg_isTheLineOfAnyOtherSink() throws Exception {
        Path out = folder.resolve("out.log");
        try (AuditLog log = log(fileAppender(out, pattern("%msg%n")), PATIENT)) {
            log.record(event("package.load.success"));
            log.record(event("package.load.failure"));
        }

        assertEquals(2, lines.text().lines().count());
        assertEquals(lines.text(), Files.readString(out));
    }

    @Test
    void event_inLogback_hasTheLevelOfItsSeverityItsOwnTimeAndOneLogger() throws Exception {
        Path out = folder.resolve("out.log");
        String format = "%date{\"yyyy-MM-dd'T'HH:mm:ss.SSS\", UTC} %level %logger %mdc%n";
        try (AuditLog log = log(fileAppender(out, pattern(format)), PATIENT)) {
            log.record(event("package.load.success"));
            log.record(event("package.load.failure"));
            log.record(event("guard.degraded").with("state", "degraded"));
            log.record(event("guard.started"));
        }

        List<String> levels = new ArrayList<>();
        for (String line : Files.readAllLines(out)) {
            assertTrue(line.matches("2026-11-27T12:00:00.123 [A-Z]+ io.cloacina.guard.audit *"), line);
            levels.add(line.split(" ")[1]);
        }
        assertEquals(List.of("INFO", "WARN", "ERROR", "INFO"), levels);
    }

    @Test
    void event_byJsonEncoder_isTheMessageOfAJsonObject() throws Exception {
        Path out = folder.resolve("out.log");
        String encoder = "<encoder class='ch.qos.logback.classic.encoder.JsonEncoder'/>";
        try (AuditLog log = log(fileAppender(out, encoder), PATIENT)) {
            log.record(event("package.load.success"));
        }

        assertEquals(lines.text().strip(), message(Files.readString(out)));
    }

    private static String message(String json) {
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.PROPERTY_NAME
                        && parser.currentName().equals("message")) {
                    parser.nextToken();
                    return parser.getString();
                }
            }
        }
        return null;
    }

    @Test
    void level_ofTheFile_isObeyed() throws Exception {
        Path out = folder.resolve("out.log");
        Path file = configuration(
                "<appender name='F' class='ch.qos.logback.core.FileAppender'>",
                "<file>" + out + "</file>",
                pattern("%msg%n"),
                "</appender>",
                "<root level='WARN'><appender-ref ref='F'/></root>");
        try (AuditLog log = log(file, PATIENT)) {
            log.record(event("package.load.success"));
            log.record(event("package.load.failure"));
        }

        assertEquals(lines.text().lines().skip(1).toList(), Files.readAllLines(out));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<root/>|line 2: no appender gets what the logger [io.cloacina.guard.audit] is told",
                "<shutdownHook/>|line 2: <shutdownHook> is not for the Logback of an audit log",
                "<if condition='x'><then><shutdownHook/></then></if>|line 2: <shutdownHook> is not for",
                "<contextListener class='ch.qos.logback.classic.jul.LevelChangePropagator'/>|line 2: <contextListener>",
                "<statusListener class='ch.qos.logback.core.status.OnConsoleStatusListener'/>|line 2: <statusListener>",
                "<include file='/etc/other.xml'/>|line 2: <include>",
                "<insertFromJNDI env-entry-name='a' as='b'/>|line 2: <insertFromJNDI>",
                "<property scope='system' name='a' value='b'/>|line 2: <property scope=\"system\"> would set",
                "<property file='/etc/passwd'/>|line 2: <property> reads another file",
                "<root>|line 3: not XML: ",
                "<appender name='F' class='no.such.Appender'/><root><appender-ref ref='F'/></root>|line 2: Could not create",
                "<appender name='F' class='ch.qos.logback.core.FileAppender'/>|Appender named [F] not referenced",
                "<root><appender-ref ref='none'/></root>|line 2: Appender named [none] could not be found",
            })
    void file_withAMistake_isRefusedWithItsPlace(String content, String expected) throws Exception {
        Path file = configuration(content);

        SinkConfigurationException thrown =
                assertThrows(SinkConfigurationException.class, () -> log(file, PATIENT), content);

        assertTrue(
                thrown.getMessage().startsWith("the Logback file [" + file + "]: ")
                        && thrown.getMessage().contains(expected),
                thrown.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<append>false</append>|line 4: an audit log is appended to",
                "<append>${no:-false}</append>|the appender [F] does not append",
                "<immediateFlush>false</immediateFlush>|the appender [F] keeps events in memory",
                "<fileName>x</fileName>|line 4: Ignoring unknown property [fileName]",
                "<bufferSize>planted secret</bufferSize>|Failed to set property [bufferSize] to the given value",
            })
    void appender_thatCannotKeepARecord_isRefused(String content, String expected) throws Exception {
        Path file = fileAppender(folder.resolve("out.log"), content + pattern("%msg%n"));

        SinkConfigurationException thrown =
                assertThrows(SinkConfigurationException.class, () -> log(file, PATIENT), content);

        assertTrue(thrown.getMessage().contains(expected), thrown.getMessage());
        assertFalse(thrown.getMessage().contains("planted"), thrown.getMessage());
    }

    @Test
    void file_withADoctype_isRefused() throws Exception {
        Path file = Files.writeString(
                folder.resolve("doctype.xml"),
                "<!DOCTYPE configuration [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>\n<configuration>&x;</configuration>");

        SinkConfigurationException thrown = assertThrows(SinkConfigurationException.class, () -> log(file, PATIENT));

        assertTrue(thrown.getMessage().contains("line 1: not XML: DOCTYPE is disallowed"), thrown.getMessage());
    }

    @Test
    void file_thatIsNotThere_isRefused() throws Exception {
        SinkConfigurationException thrown =
                assertThrows(SinkConfigurationException.class, () -> log(folder.resolve("none.xml"), PATIENT));

        assertEquals("there is no Logback file [" + folder.resolve("none.xml") + "]", thrown.getMessage());
    }

    @Test
    void target_thatCannotBeOpened_isRefused() throws Exception {
        Path directory = Files.createDirectory(folder.resolve("directory"));
        Path file = fileAppender(directory, pattern("%msg%n"));

        SinkConfigurationException thrown = assertThrows(SinkConfigurationException.class, () -> log(file, PATIENT));

        assertTrue(thrown.getMessage().contains("line 3: openFile(" + directory), thrown.getMessage());
    }

    /** Logback itself reports the first failures of an appender, and none after them. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void appender_onAFullDisk_missesEveryEventUntilThereIsSpace() throws Exception {
        Path disk = folder.resolve("disk");
        Path out = folder.resolve("out.log");
        Files.createSymbolicLink(disk, Path.of("/dev/full"));
        try (AuditLog log = log(fileAppender(disk, pattern("%msg%n")), PATIENT)) {
            for (int i = 0; i < 12; i++) {
                AuditFailedException thrown =
                        assertThrows(AuditFailedException.class, () -> log.recordInAll(event("package.load.success")));
                assertTrue(thrown.getMessage().contains("No space left on device"), thrown.getMessage());
            }
            Files.delete(disk);
            Files.createSymbolicLink(disk, Files.createFile(out));
            log.recordInAll(event("package.load.failure"));
            assertNull(log.trouble());
        }

        List<String> written = Files.readAllLines(out);
        assertEquals(2, written.size(), written::toString);
        assertFields(JsonLines.object(written.get(0)), "event_type", "package.load.failure");
        assertFields(JsonLines.object(written.get(1)), "state", "recovered");
        List<Map<String, Object>> degraded =
                JsonLines.events("guard.degraded", lines.text().lines().toList());
        assertEquals(2, degraded.size(), degraded::toString);
        assertFields(degraded.get(1), "state", "recovered", "missed_events", 12);
    }

    /** Appenders of other kinds stop for good when their stream fails. */
    @Test
    void appender_thatThrows_missesEveryEvent() throws Exception {
        Path file = configuration(
                "<appender name='N' class='ch.qos.logback.core.testUtil.NPEAppender'/>",
                "<root><appender-ref ref='N'/></root>");
        try (AuditLog log = log(file, PATIENT)) {
            for (int i = 0; i < 12; i++) {
                assertThrows(AuditFailedException.class, () -> log.recordInAll(event("package.load.success")));
                assertTrue(log.trouble().contains("Appender [N] failed to append."), log.trouble());
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void appender_thatBlocks_isLeftBehind() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Path file = fileAppender(pipe, pattern("%msg%n"));

        AuditLog log = log(file, IMPATIENT);
        AuditFailedException thrown =
                assertThrows(AuditFailedException.class, () -> log.record(event("package.load.success")));

        assertTrue(thrown.getMessage().contains("it did not take an event within 2000 ms"), thrown.getMessage());
        assertTrue(lines.text().contains("package.load.success"));
        assertThrows(IOException.class, log::close);
        // For the thread that still waits for a reader.
        Files.newInputStream(pipe).close();
    }

    @Test
    void halfALine_leftByAFailure_doesNotTakeTheNextWithIt() throws Exception {
        Path out = folder.resolve("out.log");
        Path gone = folder.resolve("gone");
        Files.createSymbolicLink(gone, Path.of("/dev/full"));
        try (AuditLog log = log(fileAppender(gone, pattern("%msg%n")), PATIENT)) {
            assertThrows(AuditFailedException.class, () -> log.record(event("package.load.success")));
            Files.delete(gone);
            Files.createSymbolicLink(gone, Files.writeString(out, "{\"half"));
            log.recordInAll(event("package.load.failure"));
        }

        List<String> written = Files.readAllLines(out);
        assertEquals("{\"half", written.get(0));
        assertTrue(lines.text().contains(written.get(1) + "\n"), written::toString);
    }

    @Test
    void asyncAppender_thatDropsEvents_isRefused() throws Exception {
        for (String dropping :
                List.of("", "<discardingThreshold>0</discardingThreshold><neverBlock>true</neverBlock>")) {
            SinkConfigurationException thrown =
                    assertThrows(SinkConfigurationException.class, () -> log(async(dropping), PATIENT));
            assertTrue(thrown.getMessage().contains("the appender [A] drops events unseen"), thrown.getMessage());
        }
    }

    @Test
    void asyncAppender_thatDropsNone_hasWrittenAllWhenItIsClosed() throws Exception {
        try (AuditLog log = log(async("<discardingThreshold>0</discardingThreshold>"), PATIENT)) {
            for (int i = 0; i < 500; i++) {
                log.record(event("package.load.success"));
            }
        }

        assertEquals(lines.text(), Files.readString(folder.resolve("async.log")));
    }

    private Path async(String settings) throws IOException {
        return configuration(
                "<appender name='F' class='ch.qos.logback.core.FileAppender'><file>" + folder.resolve("async.log")
                        + "</file>" + pattern("%msg%n") + "</appender>",
                "<appender name='A' class='ch.qos.logback.classic.AsyncAppender'>" + settings
                        + "<appender-ref ref='F'/></appender>",
                "<root><appender-ref ref='A'/></root>");
    }

    @Test
    void documentedFile_isGood() throws Exception {
        String document = Files.readString(Path.of("docs/audit-log.md"));
        int begin = document.indexOf("<configuration>");
        String example = document.substring(begin, document.indexOf("```", begin));
        Path file = Files.writeString(
                folder.resolve("documented.xml"), example.replace("/var/log/host", folder.toString()));
        try (AuditLog log = log(file, PATIENT)) {
            log.record(event("package.load.success"));
        }

        assertEquals(lines.text(), Files.readString(folder.resolve("guard.log")));
    }

    /** The host's System.out is the host's, and -Dlogback.debug is meant for the host's Logback. */
    @Test
    void consoleAppender_whateverTheHostSetsUp_printsToTheDescriptorAlone() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setProperty("logback.debug", "true");
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try (AuditLog log = log(
                configuration(
                        "<appender name='C' class='ch.qos.logback.core.ConsoleAppender'>",
                        pattern("%nopex") + "</appender>",
                        "<root><appender-ref ref='C'/></root>"),
                PATIENT)) {
            log.record(event("package.load.success"));
        } finally {
            System.setOut(before);
            System.clearProperty("logback.debug");
        }

        assertEquals("", printed.toString(StandardCharsets.UTF_8));
        assertFalse(before.checkError(), "standard output is still open");
    }
}
