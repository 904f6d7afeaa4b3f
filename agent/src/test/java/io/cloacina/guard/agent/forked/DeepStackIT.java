// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.DeepStackHost;
import io.cloacina.guard.agent.hosts.Retransformer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where the stack ends: every call may be the last. */
class DeepStackIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path evilMarker = fixture.file("evil-marker");

    @EachJdk
    void loads_atTheBottomOfTheStack_neverRunEvilCodeAndBreakNothing(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", evilMarker, "evil");

        Result result = fixture.enforcing(jdk).run(DeepStackHost.class, good, evil, "load");

        assertEquals(0, result.status(), result.out() + result.err());
        assertFalse(Files.exists(evilMarker), () -> "evil code ran: " + result.out());
        assertTrue(result.out().contains("good LOADED\nevil REFUSED"), result.out() + result.err());
    }

    @EachJdk
    void hooks_whenAnotherAgentRetransformsAtTheBottomOfTheStack_stay(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", evilMarker, "evil");

        Result result = fixture.enforcing(jdk)
                .option("-javaagent:" + packages.agent(Retransformer.class) + "=0")
                .run(DeepStackHost.class, good, evil, "retransform");

        // What was kept out is on record; whether weaving itself ran out of stack is the machine's choice.
        result.events("guard.degraded").forEach(event -> event.assertMatches("what", "hooks in class .*"));
        assertEquals(0, result.status(), result.out() + result.err());
        assertFalse(Files.exists(evilMarker), () -> "evil code ran: " + result.out());
        assertTrue(result.out().contains("good LOADED\nevil REFUSED"), result.out() + result.err());
    }
}
