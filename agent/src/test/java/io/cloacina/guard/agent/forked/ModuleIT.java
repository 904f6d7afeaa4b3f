// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ModuleHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Module layers over JARs and directories. */
class ModuleIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");

    private Result run(Jdk jdk, Path file) throws Exception {
        return fixture.enforcing(jdk).run(ModuleHost.class, file, "plugin", Packages.PLUGIN);
    }

    private void assertRefused(Result result) {
        assertTrue(result.out().startsWith("REFUSED PackageRefusedException"), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        assertFalse(result.events("package.load.failure").isEmpty(), result::toString);
        result.events("package.load.failure").get(0).assertHas("failure_reason", "signature_not_found");
    }

    private void assertLoaded(Result result) throws Exception {
        assertEquals("LOADED\n", result.out(), result::toString);
        assertEquals("good", Files.readString(marker));
        result.event("package.load.success").assertHas("signature_verified", true);
    }

    private Path exploded() throws Exception {
        Path classes = packages.classes("exploded", marker, "good");
        Packages.compile(classes, "module-info", "module plugin { exports sample; }");
        return classes;
    }

    @EachJdk
    void moduleJar_signed_loads_unsigned_isRefused(Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "good");
        assertRefused(run(jdk, jar));

        packages.sign(jar);
        assertLoaded(run(jdk, jar));
    }

    @EachJdk
    void explodedModule_signed_loads_unsigned_isRefused(Jdk jdk) throws Exception {
        Path classes = exploded();
        assertRefused(run(jdk, classes));

        packages.sign(classes);
        assertLoaded(run(jdk, classes));
    }
}
