// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
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
import org.junit.jupiter.api.extension.RegisterExtension;

/** The code of the application, and of other agents, around and within the guard's hooks. */
class SealedIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private GuardedJvm jvm(Jdk jdk, Packages packages, boolean enforcing) throws Exception {
        return fixture.trusting(jdk, enforcing);
    }

    @EachJdk
    void overriddenMethods_findNothingOfTheGuardThatOpens(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", fixture.file("evil-marker"), "evil");
        Path classFile = packages.classes("loose", fixture.file("loose-marker"), "loose")
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

    @EachJdk
    void objectsOfTheApplications_findNothingOfTheGuardThatOpens(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", fixture.file("evil-marker"), "evil");
        Path module = packages.classes("module", fixture.file("module-marker"), "module");
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
        Path jar = fixture.file("defining-agent.jar");
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

    @EachJdk
    void agentInFront_definesClassesOnTheGuardsThreads_startsAndGuards(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", fixture.file("evil-marker"), "evil");

        Result result = jvm(jdk, packages, true)
                .option("-javaagent:" + definingAgent())
                .agentLast()
                .run(UrlHost.class, Packages.PLUGIN, evil, good);

        assertEquals(0, result.status(), result::toString);
        assertTrue(Files.exists(fixture.file("good-marker")), result::toString);
        assertTrue(Files.notExists(fixture.file("evil-marker")), result::toString);
        assertTrue(!result.out().contains("helper refused"), result::toString);
    }

    @EachJdk
    void agentNamedTwice_guardsOnce_andSaysSo(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", fixture.file("evil-marker"), "evil");

        Result result = jvm(jdk, packages, true)
                .option("-javaagent:" + GuardedJvm.agentJar())
                .run(UrlHost.class, Packages.PLUGIN, evil, good);

        assertEquals(0, result.status(), result::toString);
        assertTrue(result.err().contains("cloacina-guard: the agent is named twice"), result::toString);
        assertTrue(Files.exists(fixture.file("good-marker")), result::toString);
        assertTrue(Files.notExists(fixture.file("evil-marker")), result::toString);
        assertEquals(1, result.events("guard.started").size(), result::toString);
    }
}
