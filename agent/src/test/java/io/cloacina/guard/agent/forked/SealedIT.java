// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.DefiningAgent;
import io.cloacina.guard.agent.hosts.HostileHost;
import io.cloacina.guard.agent.hosts.HostileTypesHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The code of the application, and of other agents, around and within the guard's hooks. */
class SealedIT {

    @TempDir
    Path folder;

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private GuardedJvm jvm(Jdks.Jdk jdk, Packages packages, boolean enforcing) throws Exception {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", enforcing)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void overriddenMethods_findNothingOfTheGuardThatOpens(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        Path good = packages.sign(packages.jar("good.jar", folder.resolve("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", folder.resolve("evil-marker"), "evil");
        Path classFile = packages.classes("loose", folder.resolve("loose-marker"), "loose")
                .resolve(Packages.PLUGIN.replace('.', '/') + ".class");

        Result result = jvm(jdk, packages, true)
                .run(HostileHost.class, good, Packages.PLUGIN, evil, Packages.PLUGIN, classFile);

        assertEquals(
                List.of(
                        "control finds true",
                        "loaded " + Packages.PLUGIN,
                        "refused " + Packages.PLUGIN,
                        "not defined",
                        "interrupted true",
                        "leaks 0"),
                result.out().lines().toList(),
                result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void objectsOfTheApplications_findNothingOfTheGuardThatOpens(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        Path good = packages.sign(packages.jar("good.jar", folder.resolve("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", folder.resolve("evil-marker"), "evil");
        Path module = packages.classes("module", folder.resolve("module-marker"), "module");
        Packages.compile(module, "module-info", "module plugin { exports sample; }");

        Result result = jvm(jdk, packages, true)
                .option("-Djavax.management.builder.initial=" + HostileTypesHost.Builder.class.getName())
                .run(HostileTypesHost.class, good, evil, packages.sign(module), Packages.PLUGIN);

        assertEquals(
                List.of(
                        "control finds true",
                        "signed WORKS",
                        "unsigned FAILS",
                        "again as data WORKS",
                        "by a handler FAILS",
                        // It cannot be copied without calling the file system.
                        "module FAILS",
                        "library FAILS",
                        "bean WORKS",
                        "context loader WORKS",
                        "bean server sees the guard true",
                        "leaks 0"),
                result.out().lines().toList(),
                result::toString);
    }

    /** The agent's JAR, with its classes from those of the tests. */
    private Path definingAgent() throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(new Attributes.Name("Premain-Class"), DefiningAgent.class.getName());
        Path jar = folder.resolve("defining-agent.jar");
        Path classes = GuardedJvm.testClasses();
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                Stream<Path> all = Files.list(classes.resolve("io/cloacina/guard/agent/hosts"))) {
            for (Path one : all.filter(path -> path.getFileName().toString().startsWith("DefiningAgent"))
                    .sorted()
                    .toList()) {
                out.putNextEntry(new ZipEntry(classes.relativize(one).toString()));
                Files.copy(one, out);
            }
        }
        return jar;
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void agentInFront_definesClassesOnTheGuardsThreads_startsAndGuards(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        Path good = packages.sign(packages.jar("good.jar", folder.resolve("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", folder.resolve("evil-marker"), "evil");

        Result result = jvm(jdk, packages, true)
                .option("-javaagent:" + definingAgent())
                .agentLast()
                .run(UrlHost.class, Packages.PLUGIN, evil, good);

        assertEquals(0, result.status(), result::toString);
        assertTrue(Files.exists(folder.resolve("good-marker")), result::toString);
        assertTrue(Files.notExists(folder.resolve("evil-marker")), result::toString);
        assertTrue(!result.out().contains("helper refused"), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void agentNamedTwice_guardsOnce_andSaysSo(Jdks.Jdk jdk) throws Exception {
        Packages packages = new Packages(folder);
        Path good = packages.sign(packages.jar("good.jar", folder.resolve("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", folder.resolve("evil-marker"), "evil");

        Result result = jvm(jdk, packages, true)
                .option("-javaagent:" + GuardedJvm.agentJar())
                .run(UrlHost.class, Packages.PLUGIN, evil, good);

        assertEquals(0, result.status(), result::toString);
        assertTrue(result.err().contains("cloacina-guard: the agent is named twice"), result::toString);
        assertTrue(Files.exists(folder.resolve("good-marker")), result::toString);
        assertTrue(Files.notExists(folder.resolve("evil-marker")), result::toString);
        assertEquals(1, result.events("guard.started").size(), result::toString);
    }
}
