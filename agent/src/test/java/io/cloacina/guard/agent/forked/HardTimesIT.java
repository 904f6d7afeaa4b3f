// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.HardTimesHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Loads in a JVM that ends, under locks, on threads that were interrupted, and without a free thread or file. */
class HardTimesIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("evil-marker");
    private Path good;
    private Path evil;

    @BeforeEach
    void prepare() throws Exception {
        good = packages.jar("good.jar", fixture.file("marker"), "good");
        evil = packages.jar("evil.jar", marker, "evil");
    }

    private Result run(GuardedJvm jvm, String way) throws Exception {
        Result result = jvm.run(HardTimesHost.class, good, evil, way);
        assertEquals(0, result.status(), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        return result;
    }

    private static void assertOneOfEach(Result result) {
        String[] lines = result.out().split("\n");
        assertEquals("good.jar LOADED", lines[0], result::toString);
        assertTrue(lines[1].startsWith("evil.jar REFUSED "), result::toString);
        assertEquals(1, result.events("package.load.success").size(), result::toString);
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
        assertEquals(1, result.events("guard.stopped").size(), result::toString);
    }

    @EachJdk(with = {"shutdown", "exit", "initialiser", "pool"})
    void loads_areDecidedAndRecorded(Jdk jdk, String way) throws Exception {
        packages.sign(good);

        assertOneOfEach(run(fixture.enforcing(jdk), way));
    }

    /** Channels of files close when a thread that was interrupted reads them, and the store's answer is waited for. */
    @EachJdk(with = {"keys", "store"})
    void interruptedThread_getsItsDecision_andStaysInterrupted(Jdk jdk, String trust) throws Exception {
        GuardedJvm jvm =
                trust.equals("store") ? fixture.enforcing(jdk, fixture.trustStore(good)) : fixture.enforcing(jdk);
        if (trust.equals("keys")) {
            packages.sign(good);
        }

        Result result = run(jvm, "interrupted");

        assertOneOfEach(result);
        assertTrue(result.out().endsWith("INTERRUPTED true\n"), result::toString);
    }

    @EachJdk
    void noFileDescriptor_refusesWithAnEvent_andIsOverWhenThereIsOne(Jdk jdk) throws Exception {
        packages.sign(good);

        // Fewer take less time to open; the JVM itself may raise the limit to the hard one.
        Result result = run(
                fixture.enforcing(jdk)
                        .option("-XX:-MaxFDLimit")
                        .startedBy("sh", "-c", "ulimit -n 200; exec \"$@\"", "sh"),
                "files");

        String[] lines = result.out().split("\n");
        for (int i : new int[] {0, 4}) {
            assertEquals("good.jar LOADED", lines[i], result::toString);
            assertTrue(lines[i + 1].contains("(signature_not_found)"), result::toString);
        }
        assertTrue(lines[2].contains("(unreadable_package)"), result::toString);
        assertTrue(lines[3].contains("(unreadable_package)"), result::toString);
        List<LoggedEvent> failures = result.events("package.load.failure");
        assertEquals(4, failures.size(), result::toString);
        failures.get(1).assertHas("package_path", good, "failure_reason", "unreadable_package");
    }
}
