// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.JdkLoadersHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Compilers, service loaders, naming and the like load code from where they are told to: none of them past the guard. */
class JdkLoadersIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    /** A plugin that is also a service, and the file system provider of another JDK. */
    private Path jar(Path marker) throws Exception {
        Path classes = fixture.packages().classes("classes", marker, "evil");
        Files.writeString(
                Files.createDirectories(classes.resolve("META-INF/services")).resolve("java.lang.Runnable"),
                Packages.PLUGIN);
        return Packages.zip(classes, fixture.file("plugin.jar"));
    }

    @EachJdk(
            with = {
                "jrt",
                "annotation-processor",
                "compiler-plugin",
                "doclet",
                "file-manager",
                "services",
                "zip-file-system",
                "handlers"
            })
    void unsignedJar_isRefused_withAnEvent(Jdk jdk, String way) throws Exception {
        assertRefused(jdk, way);
    }

    /** Java 25 does so no more. */
    @EachJdk(
            upTo = 23,
            with = {"mlet", "naming"})
    void unsignedJar_ofAnOlderFacility_isRefused_withAnEvent(Jdk jdk, String way) throws Exception {
        assertRefused(jdk, way);
    }

    private void assertRefused(Jdk jdk, String way) throws Exception {
        Path marker = fixture.file("marker");
        Path jar = jar(marker);

        Result result = fixture.enforcing(jdk).run(JdkLoadersHost.class, jar, way);

        assertEquals(0, result.status(), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        List<LoggedEvent> failures = result.events("package.load.failure");
        assertTrue(failures.size() > 0, result::toString);
        String path = way.equals("jrt") ? "other-jdk/lib/jrt-fs.jar" : "plugin.jar";
        assertTrue(failures.get(0).mentions("package_path", path), result::toString);
    }

    /** What it is that the tests above keep from running. */
    @EachJdk(with = {"annotation-processor", "file-manager", "services", "zip-file-system", "handlers"})
    void unsignedJar_withoutGuard_runs(Jdk jdk, String way) throws Exception {
        Path marker = fixture.file("marker");

        Result result = fixture.jvm(jdk).withoutAgent().run(JdkLoadersHost.class, jar(marker), way);

        assertTrue(Files.exists(marker), result::toString);
    }
}
