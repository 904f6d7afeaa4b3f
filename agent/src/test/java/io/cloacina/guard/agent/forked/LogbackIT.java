// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.LogbackHost;
import io.cloacina.guard.agent.hosts.RetryHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code cloacina.audit=logback:FILE}: the guard's own Logback, beside the host's. */
class LogbackIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private Path good;

    @BeforeEach
    void prepare() throws Exception {
        good = packages.sign(packages.jar("good.jar", fixture.file("marker"), "good"));
    }

    private String sink(String name, String appender, String content) throws IOException {
        Path file = Files.writeString(
                fixture.file(name),
                "<configuration>\n<appender name='GUARD' class='" + appender + "'>\n" + content
                        + "\n</appender>\n<root><appender-ref ref='GUARD'/></root>\n</configuration>\n");
        return "logback:" + file;
    }

    private String fileSink(Path out) throws IOException {
        return sink(
                "guard.xml",
                "ch.qos.logback.core.FileAppender",
                "<file>" + out + "</file><encoder><pattern>%msg%n</pattern></encoder>");
    }

    private String withEvents(String sink) {
        return sink + ",file:" + fixture.file("events.jsonl");
    }

    /** The host's is an older one, and has a file that would print the guard's events too if it got them. */
    @EachJdk
    void hostWithItsOwnLogback_andTheGuards_seeNothingOfEachOther(Jdk jdk) throws Exception {
        Path out = fixture.file("guard.log");
        Path hostLog = fixture.file("host.log");
        Path host = Files.writeString(
                fixture.file("host.xml"),
                "<configuration><appender name='HOST' class='ch.qos.logback.core.FileAppender'><file>" + hostLog
                        + "</file><encoder><pattern>%logger{0} %msg%n</pattern></encoder></appender>"
                        + "<root><appender-ref ref='HOST'/></root></configuration>");

        Result result = fixture.trusting(jdk, true)
                .set("cloacina.audit", withEvents(fileSink(out)))
                .option("-Dlogback.configurationFile=" + host)
                .option("-Dlogback.statusListenerClass=STDOUT")
                .option(
                        "-Djavax.xml.parsers.SAXParserFactory=com.sun.org.apache.xerces.internal.jaxp.SAXParserFactoryImpl")
                .classPath(
                        Packages.library("slf4j-api"),
                        Packages.library("logback-classic"),
                        Packages.library("logback-core"))
                .run(LogbackHost.class, Packages.PLUGIN, good);

        assertEquals(0, result.status(), result::toString);
        assertEquals(List.of("LogbackHost before", "LogbackHost after"), Files.readAllLines(hostLog));
        assertTrue(result.out().contains("LOADED 1\n"), result::toString);
        assertTrue(result.out().contains("LOADER app\nAPPENDER HOST\n"), result::toString);
        assertFalse(result.out().contains("LOGGER "), result::toString);
        assertFalse(result.out().contains("THREAD "), result::toString);
        assertFalse(result.out().contains("GUARD"), "what the guard's Logback says of itself is not the host's");
        List<String> written = Files.readAllLines(out);
        assertEquals(result.events().size(), written.size(), result::toString);
        for (int i = 0; i < written.size(); i++) {
            // In the chained file, the links follow.
            String line = written.get(i);
            assertTrue(
                    result.lines().get(i).startsWith(line.substring(0, line.length() - 1)),
                    result.lines().get(i));
        }
    }

    @EachJdk
    void start_withoutIt_loadsNoClassOfLogback(Jdk jdk) throws Exception {
        Result without = fixture.trusting(jdk, true)
                .option("-Xlog:class+load:file=classes.txt")
                .run(UrlHost.class, Packages.PLUGIN, good);
        List<String> loaded = Files.readAllLines(fixture.file("classes.txt"));

        assertEquals(0, without.status(), without::toString);
        assertTrue(loaded.stream().anyMatch(line -> line.contains("io.cloacina.guard.audit.AuditSinks")));
        assertFalse(loaded.stream().anyMatch(line -> line.contains("ogback")));
        assertFalse(loaded.stream().anyMatch(line -> line.contains("org.slf4j.")));
    }

    @EachJdk
    void mistakeInTheFile_stopsTheJvmWithTheFileAndTheLine(Jdk jdk) throws Exception {
        String sink = sink("guard.xml", "ch.qos.logback.core.FileApender", "<file>x</file>");

        Result result =
                fixture.trusting(jdk, true).set("cloacina.audit", sink).run(UrlHost.class, Packages.PLUGIN, good);

        assertEquals(78, result.status(), result::toString);
        assertEquals("", result.out());
        assertTrue(
                result.err()
                        .startsWith("cloacina-guard: [cloacina.audit] has a bad value: the Logback file ["
                                + fixture.file("guard.xml") + "]: line 2: "),
                result::toString);
        assertTrue(result.err().contains("ch.qos.logback.core.FileApender"), result::toString);
        assertEquals(1, result.err().lines().count(), result::toString);
    }

    /** As with any sink, what cannot be recorded at the start does not start. */
    @EachJdk
    @EnabledOnOs(OS.LINUX)
    void fullDisk_stopsAnEnforcingStart_andIsLeftBehindInAuditMode(Jdk jdk) throws Exception {
        for (boolean enforcing : new boolean[] {true, false}) {
            Result result = fixture.trusting(jdk, enforcing)
                    .set("cloacina.audit", withEvents(fileSink(Path.of("/dev/full"))))
                    .run(UrlHost.class, Packages.PLUGIN, good);

            assertEquals(enforcing ? 78 : 0, result.status(), result::toString);
            assertEquals(!enforcing, result.out().contains("LOADED 1\n"), result::toString);
            assertTold(result, enforcing, "No space left on device");
        }
    }

    private static void assertDegraded(LoggedEvent event, String why) {
        event.assertMatches("what", "audit sink logback:.*").assertMentions("why", why);
    }

    @EachJdk
    @EnabledOnOs(OS.LINUX)
    void appenderThatFailsLater_refusesWhenEnforcing_untilItIsBack(Jdk jdk) throws Exception {
        Path pipe = pipe();
        GuardedJvm jvm = fixture.trusting(jdk, true)
                .set("cloacina.audit", withEvents(fileSink(pipe)))
                .set("cloacina.audit_timeout", "2s");
        try (GuardedJvm.Running running = jvm.start(RetryHost.class, Packages.PLUGIN)) {
            try (BufferedReader reader = Files.newBufferedReader(pipe)) {
                running.expect("READY");
                assertTrue(reader.readLine().contains("guard.started"));
                running.send(good.toString());
                running.expect("LOADED");
            }
            for (int i = 0; i < 3; i++) {
                running.send(good.toString());
                String refused = running.next();
                assertTrue(refused.startsWith("REFUSED ") && refused.contains("(audit_unavailable)"), refused);
            }
            try (BufferedReader reader = Files.newBufferedReader(pipe)) {
                String answer = "REFUSED";
                while (answer.startsWith("REFUSED")) {
                    running.send(good.toString());
                    answer = running.next();
                }
                assertEquals("LOADED", answer);
                assertTrue(reader.readLine().contains("package.load."));
            }
        }
        List<LoggedEvent> degraded = fixture.events("guard.degraded");
        assertDegraded(degraded.get(0), "Broken pipe");
        degraded.get(1)
                .assertMatches("what", "audit sink logback:.*")
                .assertHas("state", "recovered")
                .assertMatches("missed_events", "[0-9]+");
    }

    private Path pipe() throws Exception {
        Path pipe = fixture.file("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        return pipe;
    }

    @EachJdk
    @EnabledOnOs(OS.LINUX)
    void pipeWithoutAReader_isATimeOutAndHangsNobody(Jdk jdk) throws Exception {
        String sink = withEvents(fileSink(pipe()));
        for (boolean enforcing : new boolean[] {true, false}) {
            Result result = fixture.trusting(jdk, enforcing)
                    .set("cloacina.audit", sink)
                    .set("cloacina.audit_timeout", "500ms")
                    .run(UrlHost.class, Packages.PLUGIN, good);

            assertEquals(enforcing ? 78 : 0, result.status(), result::toString);
            assertEquals(!enforcing, result.out().contains("LOADED 1\n"), result::toString);
            assertTold(result, enforcing, "it did not take an event within 500 ms");
        }
    }

    @EachJdk
    void appenderWithItsOwnThread_andRollover_workInsideTheAgent(Jdk jdk) throws Exception {
        Path out = fixture.file("rolled.log");
        Path file = Files.writeString(
                fixture.file("async.xml"),
                "<configuration><appender name='R' class='ch.qos.logback.core.rolling.RollingFileAppender'><file>" + out
                        + "</file><rollingPolicy class='ch.qos.logback.core.rolling.TimeBasedRollingPolicy'>"
                        + "<fileNamePattern>" + out + ".%d{yyyy-MM-dd}.gz</fileNamePattern></rollingPolicy>"
                        + "<encoder class='ch.qos.logback.classic.encoder.JsonEncoder'/></appender>"
                        + "<appender name='A' class='ch.qos.logback.classic.AsyncAppender'>"
                        + "<discardingThreshold>0</discardingThreshold><appender-ref ref='R'/></appender>"
                        + "<root><appender-ref ref='A'/></root></configuration>");

        Result result = fixture.trusting(jdk, true)
                .set("cloacina.audit", withEvents("logback:" + file))
                .run(UrlHost.class, Packages.PLUGIN, good);

        assertEquals(0, result.status(), result::toString);
        assertTrue(result.out().contains("LOADED 1\n"), result::toString);
        assertEquals(result.events().size(), Files.readAllLines(out).size(), result::toString);
    }
}
