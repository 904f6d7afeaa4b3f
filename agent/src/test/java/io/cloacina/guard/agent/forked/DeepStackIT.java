// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.DeepStackHost;
import io.cloacina.guard.agent.hosts.Retransformer;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where the stack ends: every call may be the last. */
class DeepStackIT {

    @TempDir
    Path folder;

    private Packages packages;
    private Path evilMarker;

    @BeforeEach
    void prepare() {
        packages = new Packages(folder);
        evilMarker = folder.resolve("evil-marker");
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private GuardedJvm enforcing(Jdks.Jdk jdk) throws Exception {
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile());
    }

    /** A JAR with nothing but {@link Retransformer}, which is on the class path too: the agent needs only its manifest. */
    private Path otherAgent() throws Exception {
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue("Premain-Class", Retransformer.class.getName());
        main.putValue("Can-Retransform-Classes", "true");
        Path jar = folder.resolve("other-agent.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream zip = new JarOutputStream(out, manifest)) {
            zip.putNextEntry(new ZipEntry("empty"));
        }
        return jar;
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void loads_atTheBottomOfTheStack_neverRunEvilCodeAndBreakNothing(Jdks.Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", folder.resolve("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", evilMarker, "evil");

        Result result = enforcing(jdk).run(DeepStackHost.class, good, evil, "load");

        assertEquals(0, result.status(), result.out() + result.err());
        assertFalse(Files.exists(evilMarker), () -> "evil code ran: " + result.out());
        assertTrue(result.out().contains("good LOADED\nevil REFUSED"), result.out() + result.err());
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void hooks_whenAnotherAgentRetransformsAtTheBottomOfTheStack_stay(Jdks.Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", folder.resolve("good-marker"), "good"));
        Path evil = packages.jar("evil.jar", evilMarker, "evil");

        Result result = enforcing(jdk)
                .option("-javaagent:" + otherAgent() + "=0")
                .run(DeepStackHost.class, good, evil, "retransform");

        // What was kept out is on record; whether weaving itself ran out of stack is the machine's choice.
        result.events("guard.degraded")
                .forEach(event -> assertTrue(event.contains("\"what\":\"hooks in class "), event));
        assertEquals(0, result.status(), result.out() + result.err());
        assertFalse(Files.exists(evilMarker), () -> "evil code ran: " + result.out());
        assertTrue(result.out().contains("good LOADED\nevil REFUSED"), result.out() + result.err());
    }
}
