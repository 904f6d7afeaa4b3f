// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.OddHost;
import io.cloacina.guard.audit.ChainVerifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The record of a guarded JVM: that it is whole, and what happens to loads when a sink does not take it. */
class AuditLogIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");

    private ChainVerifier.Result check() throws IOException {
        return ChainVerifier.run(List.of(fixture.file("events.jsonl")), List.of(), 0);
    }

    @EachJdk
    void record_ofARun_isAChainThatBindsTheProcess(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", marker, "good"));
        Path bad = packages.jar("bad.jar", fixture.file("bad"), "bad");

        Result result = fixture.trusting(jdk, true).run(OddHost.class, "a-url=" + good.toUri(), "b-url=" + bad.toUri());

        assertEquals(0, result.status(), result::toString);
        ChainVerifier.Result check = check();
        assertTrue(check.isComplete(), check.message());
        assertEquals(1, check.sound().processes());
        assertEquals(result.events().size(), check.sound().lines());
        LoggedEvent first = result.events().get(0);
        first.assertMatches("configuration_digest", "[0-9a-f]{64}")
                .assertHas("process_configuration", first.text("configuration_digest"))
                .assertMatches("process_started_at", "2.*Z");
        assertEquals(1, result.events("guard.stopped").size(), result::toString);
    }

    /** Nobody reads what the JVM writes there, and the pipe is small. */
    @EachJdk
    void tcpServerThatNeverReads_refusesWhenEnforcing_allowsInAuditMode_andHangsNobody(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", marker, "good"));
        try (ServerSocket server = new ServerSocket()) {
            server.setReceiveBufferSize(1024);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
            String sink = "syslog:tcp://127.0.0.1:" + server.getLocalPort();
            String[] loads = new String[1500];
            for (int i = 0; i < loads.length; i++) {
                loads[i] = "n" + i + "-url=" + good.toUri();
            }
            for (boolean enforcing : new boolean[] {true, false}) {
                Result result = fixture.trusting(jdk, enforcing)
                        .set("cloacina.audit", sink + ",file:" + fixture.file("events.jsonl"))
                        .set("cloacina.audit_timeout", "300ms")
                        .run(OddHost.class, (Object[]) loads);

                assertEquals(0, result.status(), result::toString);
                assertTrue(result.out().contains("n0-url LOADED\n"), result::toString);
                List<LoggedEvent> degraded = result.events("guard.degraded");
                degraded.get(0)
                        .assertHas("what", "audit sink " + sink, "state", "degraded")
                        .assertMatches("why", ".+");
                if (enforcing) {
                    assertTrue(
                            result.out()
                                    .contains(" REFUSED cloacina-guard refused [" + good + "] (audit_unavailable): "),
                            result::toString);
                    List<LoggedEvent> refused = result.events("package.load.failure");
                    assertFalse(refused.isEmpty());
                    refused.get(0).assertHas("failure_reason", "audit_unavailable");
                    // The file had taken the event before the other sink failed.
                    String superseded = refused.get(0).text("supersedes");
                    assertTrue(
                            result.events("package.load.success").stream()
                                    .anyMatch(event -> event.has("event_id", superseded)),
                            result::toString);
                } else {
                    assertFalse(result.out().contains("REFUSED"), result::toString);
                    assertEquals(
                            loads.length, result.events("package.load.success").size());
                }
                assertTrue(check().isComplete(), check().message());
            }
        }
    }

    /** Standard error is a pipe that nobody reads, and full before the JVM starts. */
    @EachJdk
    void standardErrorThatIsFull_hangsNobody(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", marker, "good"));
        for (boolean enforcing : new boolean[] {true, false}) {
            Files.deleteIfExists(marker);
            Path fifo = fixture.file("full-" + enforcing);
            assertEquals(
                    0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
            Result result = fixture.trusting(jdk, enforcing)
                    .set("cloacina.audit", "stderr,file:" + fixture.file("events.jsonl"))
                    .set("cloacina.audit_timeout", "300ms")
                    .startedBy(
                            "/bin/sh",
                            "-c",
                            // Opened for reading and writing, it needs no reader; filled up to the last byte.
                            "exec 3<>" + fifo + "; timeout 1 head -c 1000000 /dev/zero >&3; exec \"$@\" 2>&3",
                            "sh")
                    .run(OddHost.class, "good-url=" + good.toUri());

            assertEquals(enforcing ? 78 : 0, result.status(), result::toString);
            assertEquals(enforcing ? "" : "good-url LOADED\n", result.out(), result::toString);
            assertEquals(enforcing, !Files.exists(marker), result::toString);
            result.events("guard.degraded").get(0).assertHas("what", "audit sink stderr");
        }
    }

    @EachJdk
    void syslogServerThatIsNotThere_stopsTheStartWhenEnforcing_andIsToldInAuditMode(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", marker, "good"));
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
        }
        String sink = "syslog:tcp://127.0.0.1:" + port;

        Result enforcing =
                fixture.trusting(jdk, true).set("cloacina.audit", sink).run(OddHost.class, "good-url=" + good.toUri());
        assertEquals(78, enforcing.status(), enforcing::toString);
        assertTrue(enforcing.err().contains("audit sink [" + sink + "] failed"), enforcing::toString);

        Result audit =
                fixture.trusting(jdk, false).set("cloacina.audit", sink).run(OddHost.class, "good-url=" + good.toUri());
        assertEquals(0, audit.status(), audit::toString);
        List<LoggedEvent> told = LoggedEvent.parse(
                audit.err().lines().filter(line -> line.startsWith("{")).toList());
        assertEquals(1, LoggedEvent.ofType("guard.degraded", told).size(), audit::toString);
        assertTrue(audit.out().contains("good-url LOADED"), audit::toString);
    }

    @EachJdk
    void hostilePath_isOneLineAndInjectsNothing(Jdk jdk) throws Exception {
        String name = "evil\n\u001b[31m\"\u009b\u202e'\u2066.jar";
        Path plain = packages.jar("plain.jar", marker, "bad");
        Path evil;
        try {
            evil = Files.copy(plain, fixture.file(name));
        } catch (java.nio.file.InvalidPathException e) {
            // This JVM's locale has no such names.
            evil = Files.copy(plain, fixture.file("evil\n\u001b[31m\"'.jar"));
        }
        Result result = fixture.trusting(jdk, true)
                .option("-Dsun.jnu.encoding=UTF-8")
                .option("-Dfile.encoding=UTF-8")
                .environment("LC_ALL", "C.UTF-8")
                .run(OddHost.class, "evil-url=" + evil.toUri());

        assertEquals(0, result.status(), result::toString);
        List<LoggedEvent> refused = result.events("package.load.failure");
        assertEquals(1, refused.size(), result::toString);
        for (String line : result.lines()) {
            assertTrue(line.chars().allMatch(c -> c >= 0x20 && c < 0x7f), line);
        }
        refused.get(0).assertMentions("package_path", "/evil\n\u001b[31m\"");
        assertTrue(refused.get(0).line().contains("/evil\\n\\u001B[31m\\\""), refused.get(0)::line);
        for (String shown : List.of(result.out(), result.err())) {
            assertFalse(shown.contains("\u001b") || shown.contains("\u009b") || shown.contains("\u202e"), shown);
        }
        assertTrue(result.out().contains("evil\\u000a\\u001b[31m"), result::toString);
        assertFalse(Files.exists(marker));
        assertTrue(check().isComplete(), check().message());
    }
}
