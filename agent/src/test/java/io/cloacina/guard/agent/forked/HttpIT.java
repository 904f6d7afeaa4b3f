package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.CachedHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plugins that come over the network have no file that a signature could lie beside. */
class HttpIT {

    @TempDir
    Path folder;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void httpJar_unsigned_isRefused_alsoOutOfTheConnectionCache(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        Path marker = folder.resolve("marker");
        Path jar = packages.jar("plugin.jar", marker, "evil");
        GuardedJvm jvm = new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
        for (String way : new String[] {"direct", "peek"}) {
            Result result = jvm.run(CachedHost.class, jar, Packages.PLUGIN, way);

            assertEquals("REFUSED 1\n", result.out(), () -> way + " " + result);
            assertFalse(Files.exists(marker), result::toString);
            String event = result.events("package.load.failure").get(0);
            assertTrue(event.contains("\"package_path\":\"http://127.0.0.1:"), event);
            String reason = way.equals("peek") ? "unreadable_package" : "signature_not_found";
            assertTrue(event.contains(reason), () -> way + " " + event);
        }
    }

    /** What it is that the test above keeps from running. */
    @ParameterizedTest
    @MethodSource("jdks")
    void httpJar_withoutGuard_loads(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        Path jar = packages.jar("plugin.jar", folder.resolve("marker"), "evil");

        Result result = new GuardedJvm(jdk, folder).withoutAgent().run(CachedHost.class, jar, Packages.PLUGIN, "peek");

        assertEquals("LOADED\n", result.out(), result::toString);
    }
}
