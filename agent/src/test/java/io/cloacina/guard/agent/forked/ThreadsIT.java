// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ExhaustingHost;
import io.cloacina.guard.agent.hosts.NoThreadsAgent;
import io.cloacina.guard.agent.hosts.StoppingHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import io.cloacina.guard.agent.hosts.VirtualHost;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.bytebuddy.ByteBuddy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Threads: the guard's own, which can be stopped or not be had, and virtual ones, which it must not hold up. */
class ThreadsIT {

    /** What a pipe holds on Linux unless it is told otherwise (pipe(7)). */
    private static final int PIPE_BYTES = 65_536;

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private Path good;
    private Path evil;

    @BeforeEach
    void prepare() throws Exception {
        good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        evil = packages.jar("evil.jar", fixture.file("evil-marker"), "evil");
    }

    /** Stacks of 256 MB in an address space that has room for some. */
    private static GuardedJvm withFewThreads(GuardedJvm jvm) {
        return jvm.startedBy("sh", "-c", "ulimit -v 6000000; exec \"$@\"", "sh")
                .option("-Xss256m")
                .option("-Xmx64m")
                .option("-Xlog:disable")
                .option("-XX:+UseSerialGC")
                .option("-XX:CompressedClassSpaceSize=32m")
                .option("-XX:ReservedCodeCacheSize=48m")
                .option("-XX:MaxDirectMemorySize=8g");
    }

    @EachJdk
    void storeThread_thatCannotBeStarted_isARefusalWithAnEvent_andTheNextLoadGetsOne(Jdk jdk) throws Exception {
        Result result = withFewThreads(fixture.enforcing(jdk, fixture.trustStore()))
                .run(ExhaustingHost.class, good, Packages.PLUGIN, fixture.file("events.jsonl"), 256);

        assertEquals("NO THREADS\nREFUSED\nLOADED\n", result.out(), result::toString);
        LoggedEvent refused = result.event("package.load.failure");
        refused.assertHas("failure_reason", "store_unavailable");
        refused.assertMentions("error", "no thread could be started");
        assertEquals(1, result.events("package.load.success").size(), result::toString);
    }

    @EachJdk
    void guardThreads_thatAreStoppedAgainAndAgain_loseNoDecision(Jdk jdk) throws Exception {
        assumeTrue(jdk.feature() < 20, "no thread is stopped from Java 20 on");
        int rounds = 10;

        Result result = fixture.enforcing(jdk, fixture.trustStore())
                .run(StoppingHost.class, good, evil, Packages.PLUGIN, rounds);

        List<String> expected = new ArrayList<>(List.of("LOADED"));
        for (int i = 0; i < rounds; i++) {
            expected.addAll(List.of("REFUSED", "LOADED"));
        }
        List<String> lines = result.out().lines().toList();
        assertEquals(expected, lines.subList(0, lines.size() - 1), result::toString);
        Set<String> stopped = Set.of(lines.get(lines.size() - 1).split(" "));
        assertTrue(
                stopped.containsAll(Set.of("cloacina-guard-audit", "cloacina-guard-revocations", "cloacina-store")),
                result::toString);
        assertEquals(rounds + 1, result.events("package.load.success").size(), result::toString);
        assertEquals(rounds, result.events("package.load.failure").size(), result::toString);
        assertEquals(1, result.events("guard.stopped").size(), result::toString);
    }

    private void assertAllBack(GuardedJvm jvm, Path jar, int rounds, int threads) throws Exception {
        Result result = jvm.option("-Djdk.virtualThreadScheduler.parallelism=1")
                .option("-Djdk.virtualThreadScheduler.maxPoolSize=1")
                .run(VirtualHost.class, jar, Packages.PLUGIN, rounds, threads);

        assertEquals("all back", result.out().lines().reduce("", (before, line) -> line), result::toString);
        assertEquals(0, result.status(), result::toString);
    }

    private static void assumeVirtualThreads(Jdk jdk) {
        assumeTrue(jdk.feature() >= 21, "virtual threads are final from Java 21 on");
    }

    /** Of the first round the self-test is still to come. */
    @EachJdk
    void virtualThreads_onOneCarrier_allComeBack(Jdk jdk) throws Exception {
        assumeVirtualThreads(jdk);
        for (boolean enforcing : new boolean[] {true, false}) {
            assertAllBack(fixture.trusting(jdk, enforcing), good, 30, 8);
            assertAllBack(fixture.trusting(jdk, enforcing), evil, 2, 200);
        }
    }

    @EachJdk
    void virtualThreads_onOneCarrier_whileTheStoreHangs_allComeBack(Jdk jdk) throws Exception {
        assumeVirtualThreads(jdk);
        try (TcpProxy server = new TcpProxy(0)) {
            server.become(TcpProxy.State.HANGS);
            for (boolean enforcing : new boolean[] {true, false}) {
                GuardedJvm jvm = fixture.trusting(jdk, enforcing)
                        .unset("cloacina.trusted_keys")
                        .set("cloacina.database_url", "postgresql://user:pass@127.0.0.1:" + server.port() + "/trust")
                        .set("cloacina.verification_org_id", TestStore.ORG)
                        .set("cloacina.store_timeout", "200ms");
                assertAllBack(jvm, good, 5, 50);
            }
        }
    }

    @EachJdk
    void virtualThreads_onOneCarrier_whileEventsAreNotTaken_allComeBack(Jdk jdk) throws Exception {
        assumeVirtualThreads(jdk);
        Path pipe = fixture.file("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        for (boolean enforcing : new boolean[] {true, false}) {
            // Open for reading and writing it blocks nobody who opens it; it has room for the start and little more.
            try (RandomAccessFile unread = new RandomAccessFile(pipe.toFile(), "rw")) {
                unread.write(new byte[PIPE_BYTES - 8192]);
                GuardedJvm jvm = fixture.trusting(jdk, enforcing)
                        .set("cloacina.audit", "file:" + pipe)
                        .set("cloacina.audit_timeout", "200ms");
                assertAllBack(jvm, good, 20, 50);
            }
        }
    }

    /** The start-up self-test fails for want of a thread, and there is none to say so by: it is said all the same. */
    // The second beside main, which waits for it with its first load.
    @EachJdk(with = {"cloacina-guard.*", "cloacina-guard-(warm-up|last-words)"})
    void threads_thatCannotBeStarted_endTheJvmBeforeAnythingLoads(Jdk jdk, String threads) throws Exception {
        Path byteBuddy = Path.of(ByteBuddy.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());

        Result result = fixture.enforcing(jdk)
                .classPath(byteBuddy)
                .option("-Dno.threads=" + threads)
                .option("-javaagent:" + packages.agent(NoThreadsAgent.class))
                .agentLast()
                .run(UrlHost.class, Packages.PLUGIN, evil);

        assertEquals(78, result.status(), result::toString);
        assertEquals("", result.out(), result::toString);
        assertTrue(result.err().contains("unable to create native thread"), result::toString);
        assertTrue(result.err().contains("; the JVM is stopped (status 78)"), result::toString);
        assertFalse(Files.exists(fixture.file("evil-marker")), result::toString);
    }
}
