// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.UrlHost;
import io.cloacina.guard.internal.config.KnownJava;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the start says of the JDK: of one that is newer than those that were tested, what is not known. */
class KnownJavaIT {

    @TempDir
    Path folder;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void start_onANewerJava_saysSo_andStrictlyDoesNotStart(Jdks.Jdk jdk) throws Exception {
        boolean newer = jdk.feature() > KnownJava.NEWEST;
        String line = "Java " + jdk.feature() + " is newer than " + KnownJava.NEWEST;

        Result started = new GuardedJvm(jdk, folder).run(UrlHost.class, Packages.PLUGIN);

        assertEquals(0, started.status(), started::toString);
        assertEquals(newer, started.err().contains(line), started::toString);
        assertEquals(newer, started.events("guard.started").get(0).contains(line), started::toString);

        Result strict = new GuardedJvm(jdk, folder)
                .option("-Dcloacina.strict=true")
                .option(jdk.feature() >= 21 ? "-XX:-EnableDynamicAgentLoading" : "-XX:+DisableAttachMechanism")
                .run(UrlHost.class, Packages.PLUGIN);

        assertEquals(newer ? 78 : 0, strict.status(), strict::toString);
        assertTrue(!newer || strict.err().contains(line), strict::toString);
    }
}
