// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.UrlHost;
import io.cloacina.guard.internal.config.KnownJava;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the start says of the JDK: of one that is newer than those that were tested, what is not known. */
class KnownJavaIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    @EachJdk
    void start_onANewerJava_saysSo_andStrictlyDoesNotStart(Jdk jdk) throws Exception {
        boolean newer = jdk.feature() > KnownJava.NEWEST;
        String line = "Java " + jdk.feature() + " is newer than " + KnownJava.NEWEST;

        Result started = fixture.jvm(jdk).run(UrlHost.class, Packages.PLUGIN);

        assertEquals(0, started.status(), started::toString);
        assertEquals(newer, started.err().contains(line), started::toString);
        assertEquals(newer, started.event("guard.started").mentions("known_bypasses", line), started::toString);

        Result strict = fixture.jvm(jdk)
                .option("-Dcloacina.strict=true")
                .option(jdk.feature() >= 21 ? "-XX:-EnableDynamicAgentLoading" : "-XX:+DisableAttachMechanism")
                .run(UrlHost.class, Packages.PLUGIN);

        assertEquals(newer ? 78 : 0, strict.status(), strict::toString);
        assertTrue(!newer || strict.err().contains(line), strict::toString);
    }
}
