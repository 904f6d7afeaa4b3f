// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.CachedHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Plugins that come over the network have no file that a signature could lie beside. */
class HttpIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    @EachJdk
    void httpJar_unsigned_isRefused_alsoOutOfTheConnectionCache(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path marker = fixture.file("marker");
        Path jar = packages.jar("plugin.jar", marker, "evil");
        GuardedJvm jvm = fixture.enforcing(jdk);
        for (String way : new String[] {"direct", "peek"}) {
            Result result = jvm.run(CachedHost.class, jar, Packages.PLUGIN, way);

            assertEquals("REFUSED 1\nREFUSED 1\n", result.out(), () -> way + " " + result);
            assertFalse(Files.exists(marker), result::toString);
            LoggedEvent event = result.events("package.load.failure").get(0);
            event.assertMatches("package_path", "http://127\\.0\\.0\\.1:.*");
            event.assertHas("failure_reason", way.equals("peek") ? "unreadable_package" : "signature_not_found");
        }
    }

    @EachJdk
    void httpJar_signedInTheStore_loadsTwiceAtATime_andLeavesNoFile(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path jar = packages.jar("plugin.jar", fixture.file("marker"), "good");
        Path temporary = fixture.newDirectory("temporary");
        Result result = fixture.enforcing(jdk, fixture.trustStore(jar))
                .option("-Djava.io.tmpdir=" + temporary)
                .run(CachedHost.class, jar, Packages.PLUGIN, "direct");

        assertEquals("LOADED\nLOADED\n", result.out(), result::toString);
        assertEquals(2, result.events("package.load.success").size(), result::toString);
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }

    /** What it is that the test above keeps from running. */
    @EachJdk
    void httpJar_withoutGuard_loads(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path jar = packages.jar("plugin.jar", fixture.file("marker"), "evil");

        Result result = fixture.jvm(jdk).withoutAgent().run(CachedHost.class, jar, Packages.PLUGIN, "peek");

        assertEquals("LOADED\nLOADED\n", result.out(), result::toString);
    }
}
