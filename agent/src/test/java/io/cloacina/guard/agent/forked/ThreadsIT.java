// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.ExhaustingHost;
import io.cloacina.guard.agent.hosts.NoThreadsAgent;
import io.cloacina.guard.agent.hosts.StoppingHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import io.cloacina.guard.agent.hosts.VirtualHost;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.sign.TrustManager;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.ByteBuddy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads: the guard's own, which can be stopped or not be had, and virtual ones, which it must not hold up. */
class ThreadsIT {

    private static final UUID ORG = UUID.fromString("00000000-0000-4000-8000-000000000001");

    /** What a pipe holds on Linux unless it is told otherwise (pipe(7)). */
    private static final int PIPE_BYTES = 65_536;

    @TempDir
    Path folder;

    private Packages packages;
    private Path good;
    private Path evil;

    @BeforeEach
    void prepare() throws Exception {
        packages = new Packages(folder);
        good = packages.sign(packages.jar("good.jar", folder.resolve("good-marker"), "good"));
        evil = packages.jar("evil.jar", folder.resolve("evil-marker"), "evil");
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private GuardedJvm jvm(Jdks.Jdk jdk, boolean enforcing) throws Exception {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", enforcing)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    /** An SQLite store in which an organisation trusts the packages' key. */
    private GuardedJvm withStore(Jdks.Jdk jdk) throws Exception {
        Path file = folder.resolve("trust.db");
        try (JdbiStore store = JdbiStore.create(StoreUrl.ofFile(file), Duration.ofSeconds(10), Clock.systemUTC())) {
            new TrustManager(store, Clock.systemUTC(), new SecureRandom())
                    .trustPublicKey(ORG, packages.key().publicKey(), "release", false);
        }
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.database_url", "sqlite://" + file)
                .set("cloacina.verification_org_id", ORG);
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

    @ParameterizedTest
    @MethodSource("jdks")
    void storeThread_thatCannotBeStarted_isARefusalWithAnEvent_andTheNextLoadGetsOne(Jdks.Jdk jdk) throws Exception {
        Result result = withFewThreads(withStore(jdk))
                .run(ExhaustingHost.class, good, Packages.PLUGIN, folder.resolve("events.jsonl"), 256);

        assertEquals("NO THREADS\nREFUSED\nLOADED\n", result.out(), result::toString);
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
        String refused = result.events("package.load.failure").get(0);
        assertTrue(refused.contains("\"failure_reason\":\"store_unavailable\""), refused);
        assertTrue(refused.contains("no thread could be started"), refused);
        assertEquals(1, result.events("package.load.success").size(), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void guardThreads_thatAreStoppedAgainAndAgain_loseNoDecision(Jdks.Jdk jdk) throws Exception {
        assumeTrue(jdk.feature() < 20, "no thread is stopped from Java 20 on");
        int rounds = 10;

        Result result = withStore(jdk).run(StoppingHost.class, good, evil, Packages.PLUGIN, rounds);

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

    private static void assumeVirtualThreads(Jdks.Jdk jdk) {
        assumeTrue(jdk.feature() >= 21, "virtual threads are final from Java 21 on");
    }

    /** Of the first round the self-test is still to come. */
    @ParameterizedTest
    @MethodSource("jdks")
    void virtualThreads_onOneCarrier_allComeBack(Jdks.Jdk jdk) throws Exception {
        assumeVirtualThreads(jdk);
        for (boolean enforcing : new boolean[] {true, false}) {
            assertAllBack(jvm(jdk, enforcing), good, 30, 8);
            assertAllBack(jvm(jdk, enforcing), evil, 2, 200);
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void virtualThreads_onOneCarrier_whileTheStoreHangs_allComeBack(Jdks.Jdk jdk) throws Exception {
        assumeVirtualThreads(jdk);
        try (TcpProxy server = new TcpProxy(0)) {
            server.become(TcpProxy.State.HANGS);
            for (boolean enforcing : new boolean[] {true, false}) {
                GuardedJvm jvm = jvm(jdk, enforcing)
                        .unset("cloacina.trusted_keys")
                        .set("cloacina.database_url", "postgresql://user:pass@127.0.0.1:" + server.port() + "/trust")
                        .set("cloacina.verification_org_id", ORG)
                        .set("cloacina.store_timeout", "200ms");
                assertAllBack(jvm, good, 5, 50);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void virtualThreads_onOneCarrier_whileEventsAreNotTaken_allComeBack(Jdks.Jdk jdk) throws Exception {
        assumeVirtualThreads(jdk);
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        for (boolean enforcing : new boolean[] {true, false}) {
            // Open for reading and writing it blocks nobody who opens it; it has room for the start and little more.
            try (RandomAccessFile unread = new RandomAccessFile(pipe.toFile(), "rw")) {
                unread.write(new byte[PIPE_BYTES - 8192]);
                GuardedJvm jvm = jvm(jdk, enforcing)
                        .set("cloacina.audit", "file:" + pipe)
                        .set("cloacina.audit_timeout", "200ms");
                assertAllBack(jvm, good, 20, 50);
            }
        }
    }

    /** The start-up self-test fails for want of a thread, and there is none to say so by. */
    @ParameterizedTest
    @MethodSource("jdksAndThreads")
    void threads_thatCannotBeStarted_endTheJvmBeforeAnythingLoads(Jdks.Jdk jdk, String threads) throws Exception {
        Path agent = folder.resolve("no-threads.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(new Attributes.Name("Premain-Class"), NoThreadsAgent.class.getName());
        manifest.getMainAttributes().put(new Attributes.Name("Can-Retransform-Classes"), "true");
        new JarOutputStream(Files.newOutputStream(agent), manifest).close();
        Path byteBuddy = Path.of(ByteBuddy.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());

        Result result = jvm(jdk, true)
                .classPath(byteBuddy)
                .option("-Dno.threads=" + threads)
                .option("-javaagent:" + agent)
                .agentLast()
                .run(UrlHost.class, Packages.PLUGIN, evil);

        assertEquals(78, result.status(), result::toString);
        assertEquals("", result.out(), result::toString);
        assertFalse(Files.exists(folder.resolve("evil-marker")), result::toString);
    }

    static List<Arguments> jdksAndThreads() {
        List<Arguments> all = new ArrayList<>();
        for (Jdks.Jdk jdk : Jdks.all()) {
            all.add(Arguments.of(jdk, "cloacina-guard.*"));
            // Beside main, which waits for it with its first load.
            all.add(Arguments.of(jdk, "cloacina-guard-(warm-up|last-words)"));
        }
        return all;
    }
}
