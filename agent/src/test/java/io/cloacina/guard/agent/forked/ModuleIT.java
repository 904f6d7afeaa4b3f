// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.ModuleHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Module layers over JARs and directories. */
class ModuleIT {

    @TempDir
    Path folder;

    private Packages packages;
    private Path marker;

    @BeforeEach
    void prepare() {
        packages = new Packages(folder);
        marker = folder.resolve("marker");
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private Result run(Jdks.Jdk jdk, Path file) throws Exception {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .run(ModuleHost.class, file, "plugin", Packages.PLUGIN);
    }

    private void assertRefused(Result result) {
        assertTrue(result.out().startsWith("REFUSED PackageRefusedException"), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        assertFalse(result.events("package.load.failure").isEmpty(), result::toString);
        assertTrue(result.events("package.load.failure").get(0).contains("signature_not_found"), result::toString);
    }

    private void assertLoaded(Result result) throws Exception {
        assertEquals("LOADED\n", result.out(), result::toString);
        assertEquals("good", Files.readString(marker));
        assertEquals(1, result.events("package.load.success").size(), result::toString);
        assertTrue(result.events("package.load.success").get(0).contains("\"signature_verified\":true"));
    }

    private Path exploded() throws Exception {
        Path classes = packages.classes("exploded", marker, "good");
        Packages.compile(classes, "module-info", "module plugin { exports sample; }");
        return classes;
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void moduleJar_signed_loads_unsigned_isRefused(Jdks.Jdk jdk) throws Exception {
        Path jar = packages.jar("plugin.jar", marker, "good");
        assertRefused(run(jdk, jar));

        packages.sign(jar);
        assertLoaded(run(jdk, jar));
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void explodedModule_signed_loads_unsigned_isRefused(Jdks.Jdk jdk) throws Exception {
        Path classes = exploded();
        assertRefused(run(jdk, classes));

        packages.sign(classes);
        assertLoaded(run(jdk, classes));
    }
}
