// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.BusyHost;
import io.cloacina.guard.agent.hosts.Retransformer;
import io.cloacina.guard.agent.hosts.SystemLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many threads, other agents, other collectors: no deadlock, no way past, and nothing that works no more. */
class ConcurrencyIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path evilMarker = fixture.file("evil-marker");

    private void makeBusyPlugins() throws Exception {
        for (int i = 0; i < 4; i++) {
            Path classes = fixture.newDirectory("good" + i);
            Packages.compile(classes, Packages.PLUGIN, """
                    package sample;
                    public class Plugin {
                        static {
                            io.cloacina.guard.agent.hosts.BusyHost.initialise(%d);
                        }
                    }
                    """.formatted(i), GuardedJvm.testClasses());
            Packages.compile(classes, "sample.Other", "package sample; public class Other {}");
            Files.writeString(classes.resolve("text.txt"), "good");
            packages.sign(Packages.zip(classes, fixture.file("good" + i + ".jar")));
        }
        packages.jar("evil.jar", evilMarker, "evil");
    }

    @EachJdk(with = {"serial", "z", "system-loader", "agent-behind", "agent-before"})
    void loads_onManyThreadsAtOnce_areDecidedAsAlone(Jdk jdk, String setting) throws Exception {
        makeBusyPlugins();
        GuardedJvm jvm = fixture.enforcing(jdk);
        switch (setting) {
            case "serial" -> jvm.option("-XX:+UseSerialGC");
            case "z" ->
                jvm.option("-XX:+UseZGC")
                        .option("-XX:+UnlockDiagnosticVMOptions")
                        .option("-XX:+BytecodeVerificationLocal");
            case "system-loader" -> jvm.option("-Djava.system.class.loader=" + SystemLoader.class.getName());
            case "agent-behind" -> jvm.option("-javaagent:" + packages.agent(Retransformer.class) + "=40");
            case "agent-before" ->
                jvm.option("-javaagent:" + packages.agent(Retransformer.class) + "=40")
                        .agentLast();
            default -> throw new IllegalArgumentException(setting);
        }

        Result result = jvm.run(BusyHost.class, fixture.directory(), 8, 60);

        assertEquals(0, result.status(), result.out() + result.err());
        assertFalse(Files.exists(evilMarker), () -> "evil code ran: " + result.out());
        assertTrue(result.out().contains("failures 0\n"), result.out() + result.err());
        assertTrue(result.out().contains("good in shutdown hook LOADED\n"), result.out());
        assertTrue(result.out().contains("evil in shutdown hook REFUSED"), result.out());
        if (setting.startsWith("agent")) {
            assertTrue(result.err().contains("retransformed 40"), result.err());
        }
    }
}
