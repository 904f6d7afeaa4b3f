// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.EventsGoneHost;
import io.cloacina.guard.agent.hosts.HugeClassHost;
import io.cloacina.guard.agent.hosts.OddHost;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A full disk for copies or events. A limit on the size of files replaces the full disk, because it needs no
 * privileges.
 */
class FaultsIT {

    /** In blocks of 512 bytes or 1 KiB, as the shell likes. */
    private static final String LIMIT_BLOCKS = "4096";

    private static final int BIG_BYTES = 6 << 20;

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();

    @BeforeEach
    void prepare() {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "the limit is set by a shell");
    }

    private GuardedJvm limited(Jdk jdk) throws Exception {
        return fixture.jvm(jdk)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .startedBy("/bin/sh", "-c", "ulimit -f " + LIMIT_BLOCKS + "; exec \"$@\"", "sh");
    }

    /** A JAR with something behind its end, as archives may have; it is loaded all the same. */
    private Path big(String name) throws Exception {
        Path classes = packages.classes(name + "-classes", fixture.file("marker"), "ran");
        byte[] noise = new byte[BIG_BYTES];
        new java.util.Random(1).nextBytes(noise);
        Files.write(classes.resolve("noise"), noise);
        return packages.sign(Packages.zip(classes, fixture.file(name)));
    }

    @EachJdk
    void copy_forWhichThereIsNoRoom_isRefused_andTheNextSmallOneLoads(Jdk jdk) throws Exception {
        Path big = big("big.jar");
        Path small = packages.sign(packages.jar("small.jar", fixture.file("small"), "good"));

        Result result = limited(jdk)
                .set("cloacina.require_signatures", true)
                .run(OddHost.class, "big-url=" + big.toUri(), "small-url=" + small.toUri());

        assertTrue(result.out().startsWith("big-url REFUSED cloacina-guard refused [" + big + "]"), result::toString);
        assertTrue(result.out().contains("cannot be written"), result::toString);
        assertTrue(result.out().endsWith("small-url LOADED\n"), result::toString);
        assertFalse(Files.exists(fixture.file("marker")), result::toString);
    }

    /** The file of events is as big as it may be. */
    private Path fullEvents() throws Exception {
        Path events = fixture.file("full.jsonl");
        try (RandomAccessFile file = new RandomAccessFile(events.toFile(), "rw")) {
            file.setLength(BIG_BYTES);
        }
        return events;
    }

    @EachJdk
    void start_whenEventsCannotBeWritten_isStopped(Jdk jdk) throws Exception {
        Path jar = packages.sign(packages.jar("good.jar", fixture.file("marker"), "good"));

        Result result = limited(jdk)
                .set("cloacina.require_signatures", true)
                .set("cloacina.audit", "file:" + fullEvents())
                .run(OddHost.class, "good-url=" + jar.toUri());

        assertEquals(78, result.status(), result::toString);
        assertEquals("", result.out(), result::toString);
    }

    /** Full from the first load on: what {@code guard.started} takes is still there. */
    @EachJdk
    void events_thatCannotBeWrittenAnyMore_refuseWhenEnforcing_andAllowInAuditMode(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", fixture.file("marker"), "good"));
        Path gone = fixture.file("fifo");
        for (boolean enforcing : new boolean[] {true, false}) {
            Files.deleteIfExists(gone);
            assertEquals(
                    0, new ProcessBuilder("mkfifo", gone.toString()).start().waitFor());
            // Reads one line, then nobody reads: every further write fails.
            Process reader = new ProcessBuilder("head", "-n", "1", gone.toString())
                    .redirectOutput(fixture.file("first-line").toFile())
                    .start();
            Files.deleteIfExists(fixture.file("marker"));

            Result result = fixture.jvm(jdk)
                    .set("cloacina.trusted_keys", packages.publicKeyFile())
                    .set("cloacina.require_signatures", enforcing)
                    .set("cloacina.audit", "file:" + gone)
                    .run(EventsGoneHost.class, reader.pid(), "good-url=" + good.toUri());

            assertEquals(0, reader.waitFor());
            assertTrue(Files.readString(fixture.file("first-line")).contains("guard.started"), result::toString);
            assertEquals(0, result.status(), result::toString);
            if (enforcing) {
                assertTrue(result.out().contains("good-url REFUSED cloacina-guard refused [" + good), result::toString);
                assertTrue(result.out().contains("the decision cannot be recorded"), result::toString);
            } else {
                assertTrue(result.out().contains("good-url LOADED"), result::toString);
            }
            assertEquals(enforcing, !Files.exists(fixture.file("marker")), result::toString);
        }
    }

    /** The last look at a class takes a copy; the JVM would go on with the class if that threw. */
    @EachJdk
    void fullHeap_whileAClassIsJudged_refusesIt(Jdk jdk) throws Exception {
        Result result = fixture.enforcing(jdk)
                .set("cloacina.dynamic_code", "deny")
                .option("--add-opens=java.base/java.lang=ALL-UNNAMED")
                .option("-XX:+UseSerialGC")
                .option("-Xmn16m")
                .option("-Xmx80m")
                .run(HugeClassHost.class, 1000, 25 << 20, 1000);

        assertEquals(
                "REFUSED ClassFormatError\nREFUSED ClassFormatError\nREFUSED ClassFormatError\n",
                result.out(),
                result::toString);
        // Those of the small ones, and one that says why the other could not be judged, where there was room for that.
        int events = result.events("package.load.failure").size();
        assertTrue(events == 2 || events == 3, result::toString);
    }
}
