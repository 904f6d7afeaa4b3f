// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.tools.attach.VirtualMachine;
import io.cloacina.guard.agent.forked.GuardedJvm.Running;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.AgentHost;
import io.cloacina.guard.agent.hosts.LeakingAgent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Other agents: from the command line, attached while the JVM runs, and what one can do with an {@code Instrumentation}. */
class AgentsIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");
    private Path agent;

    @BeforeEach
    void prepare() throws Exception {
        agent = agentJar("agent.jar", "");
    }

    private Path agentJar(String name, String manifest) throws Exception {
        Path content = fixture.file(name + "-content");
        Path classFile = Path.of(LeakingAgent.class.getName().replace('.', '/') + ".class");
        Files.createDirectories(content.resolve(classFile).getParent());
        Files.copy(GuardedJvm.testClasses().resolve(classFile), content.resolve(classFile));
        Files.createDirectories(content.resolve("META-INF"));
        Files.writeString(
                content.resolve("META-INF/MANIFEST.MF"),
                "Manifest-Version: 1.0\nPremain-Class: " + LeakingAgent.class.getName() + "\nAgent-Class: "
                        + LeakingAgent.class.getName()
                        + "\nCan-Redefine-Classes: true\nCan-Retransform-Classes: true\n" + manifest);
        return Packages.zip(content, fixture.file(name));
    }

    private GuardedJvm enforcing(Jdk jdk) throws Exception {
        return fixture.enforcing(jdk).option("-javaagent:" + agent).option("-XX:+EnableDynamicAgentLoading");
    }

    @EachJdk
    void bootAndSystemAppend_ofUnsignedJar_areRefused_ofSignedJar_work(Jdk jdk) throws Exception {
        Path evil = packages.jar("evil.jar", marker, "evil");
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        for (String way : new String[] {"boot", "system"}) {
            try (Running host = enforcing(jdk).start(AgentHost.class)) {
                host.expect("READY");
                host.send(way + " " + evil + " " + Packages.PLUGIN);
                String refused = host.next();
                // On the way to the class path the JVM's native code makes an InternalError of it.
                String error = way.equals("boot") ? "PackageRefusedException" : "InternalError";
                assertTrue(refused.startsWith("REFUSED " + error), refused);
                host.send("class " + Packages.PLUGIN);
                assertEquals("REFUSED ClassNotFoundException " + Packages.PLUGIN, host.next());
                host.send(way + " " + good + " " + Packages.PLUGIN);
                assertEquals("LOADED " + Packages.PLUGIN, host.next());
            }
            assertFalse(Files.exists(marker), way);
        }
    }

    @EachJdk
    void redefinition_ofAPluginsClass_isRefused(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path evil = packages.classes("evil", marker, "evil").resolve("sample/Plugin.class");
        try (Running host = enforcing(jdk).start(AgentHost.class)) {
            host.expect("READY");
            host.send("redefine " + good + " " + Packages.PLUGIN + " " + evil);
            String refused = host.next();
            assertTrue(refused.startsWith("REFUSED PackageRefusedException"), refused);
            assertTrue(refused.contains("tampered_package"), refused);
        }
        assertFalse(Files.exists(marker));
    }

    @EachJdk
    void redefinition_inAuditMode_isRecordedAndTakesEffect(Jdk jdk) throws Exception {
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        packages.jar("other.jar", marker, "other");
        Path other = fixture.file("other.jar-classes/" + Packages.PLUGIN.replace('.', '/') + ".class");
        try (Running host =
                enforcing(jdk).set("cloacina.require_signatures", false).start(AgentHost.class)) {
            host.expect("READY");
            host.send("redefine " + good + " " + Packages.PLUGIN + " " + other);
            host.expect("LOADED " + Packages.PLUGIN);
        }
        assertEquals("other", Files.readString(marker));
        try (Stream<String> events = Files.lines(fixture.file("events.jsonl"))) {
            assertEquals(
                    1, events.filter(line -> line.contains("tampered_package")).count());
        }
    }

    private List<LoggedEvent> failures() throws Exception {
        return fixture.events("package.load.failure");
    }

    /** Also in audit mode: it would take the guard itself away. */
    @EachJdk
    void redefinition_ofTheGuardsClasses_isRefused_andRecorded(Jdk jdk) throws Exception {
        for (boolean enforcing : new boolean[] {true, false}) {
            try (Running host =
                    enforcing(jdk).set("cloacina.require_signatures", enforcing).start(AgentHost.class)) {
                host.expect("READY");
                host.send("redefine-boot io.cloacina.guard.agent.bootstrap.Bridge");
                String refused = host.next();
                assertTrue(refused.startsWith("REFUSED PackageRefusedException"), refused);
                assertTrue(refused.contains("the guard's own classes are not redefined"), refused);
            }
            assertEquals(1, failures().size(), () -> "enforcing " + enforcing);
            failures().get(0).assertHas("hook", "redefine", "package_path", "io.cloacina.guard.agent.bootstrap.Bridge");
        }
    }

    /** Signed as they are: it is not their signature that fails. */
    @EachJdk
    void attachedAgent_thatIsNoJar_orHasABrokenManifest_failsToLoad_andIsRecorded(Jdk jdk) throws Exception {
        Path noJar = packages.sign(Files.writeString(fixture.file("no.jar"), "no archive"));
        Path broken = packages.sign(agentJar("broken.jar", "no colon here\n"));
        Path badPath = packages.sign(agentJar("bad-path.jar", "Boot-Class-Path: a%zz.jar\n"));
        Path noBoot = packages.sign(agentJar("no-boot.jar", "Boot-Class-Path: no.jar\n"));
        try (Running host = enforcing(jdk)
                .option("--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED")
                .start(AgentHost.class)) {
            host.expect("READY");
            for (Path agent : List.of(noJar, broken, badPath)) {
                host.send("path " + agent);
                String refused = host.next();
                assertTrue(refused.startsWith("REFUSED PackageRefusedException"), refused);
                assertTrue(refused.contains("manifest cannot be read"), refused);
            }
            host.send("path " + noBoot);
            String refused = host.next();
            assertTrue(refused.contains("cannot be read as a JAR"), refused);
        }
        assertFalse(Files.exists(marker));
        assertEquals(4, failures().size(), failures()::toString);
        for (LoggedEvent failure : failures()) {
            failure.assertHas("failure_reason", "unreadable_package", "kind", "agent");
        }
    }

    @EachJdk
    void nativeAgent_throughTheDiagnosticBean_isRefusedUnsigned(Jdk jdk) throws Exception {
        Path library = Files.write(fixture.file("libagent.so"), new byte[] {1, 2, 3});
        try (Running host = enforcing(jdk).start(AgentHost.class)) {
            host.expect("READY");
            host.send("bean " + library);
            String refused = host.next();
            assertTrue(refused.startsWith("REFUSED PackageRefusedException"), refused);

            packages.sign(library);
            host.send("bean " + library);
            String loaded = host.next();
            assertTrue(loaded.startsWith("LOADED"), "the JVM itself says that it is no library: " + loaded);
        }
    }

    @EachJdk
    void attachedAgent_unsigned_failsToLoad_signed_loads(Jdk jdk) throws Exception {
        Path attached = agentJar("attached.jar", "");
        try (Running host = enforcing(jdk).start(AgentHost.class)) {
            host.expect("READY");
            VirtualMachine jvm = VirtualMachine.attach(Long.toString(host.pid()));
            try {
                assertThrows(Exception.class, () -> jvm.loadAgent(attached.toString(), marker.toString()));
                assertFalse(Files.exists(marker));

                packages.sign(attached);
                jvm.loadAgent(attached.toString(), marker.toString());
                assertEquals("attached", Files.readString(marker));
            } finally {
                jvm.detach();
            }
        }
    }

    @EachJdk
    void attachedAgent_whoseBootClassPathIsUnsigned_failsToLoad(Jdk jdk) throws Exception {
        packages.jar("extra boot.jar", fixture.file("boot-marker"), "evil");
        Path attached = packages.sign(agentJar("attached.jar", "Boot-Class-Path: none.jar extra%20boot.jar\n"));
        try (Running host = enforcing(jdk).start(AgentHost.class)) {
            host.expect("READY");
            VirtualMachine jvm = VirtualMachine.attach(Long.toString(host.pid()));
            try {
                assertThrows(Exception.class, () -> jvm.loadAgent(attached.toString(), marker.toString()));
                assertFalse(Files.exists(marker));

                packages.sign(fixture.file("extra boot.jar"));
                jvm.loadAgent(attached.toString(), marker.toString());
                assertTrue(Files.exists(marker));
            } finally {
                jvm.detach();
            }
        }
        assertTrue(LoggedEvent.read(fixture.file("events.jsonl")).stream()
                .anyMatch(event -> event.has("kind", "agent") && event.mentions("package_path", "extra boot.jar")));
    }

    @EachJdk
    void appendedJar_namedByALinkOrWithDots_isReadFromItsCopy(Jdk jdk) throws Exception {
        Path evil = packages.jar("evil.jar", marker, "evil");
        fixture.newDirectory("real");
        Path good = packages.sign(packages.jar("real/good.jar", fixture.file("good-marker"), "good"));
        Path link = Files.createSymbolicLink(fixture.file("link.jar"), good);
        Files.copy(Path.of(good + ".sig"), fixture.file("link.jar.sig"));
        for (Path name : List.of(link, fixture.file("real/../real/good.jar"))) {
            Path kept = Files.copy(good, fixture.file("kept.jar"), StandardCopyOption.REPLACE_EXISTING);
            try (Running host = enforcing(jdk).start(AgentHost.class)) {
                host.expect("READY");
                host.send("swapped " + name + " " + good + " " + evil + " " + Packages.PLUGIN);
                assertEquals("LOADED " + Packages.PLUGIN, host.next());
            }
            assertFalse(Files.exists(marker), name.toString());
            Files.copy(kept, good, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @EachJdk
    void appendedJar_needsSignaturesForItsClassPath_theApplicationsOwnDoesNot(Jdk jdk) throws Exception {
        Path evil = packages.jar("evil.jar", marker, "evil");
        Path other = packages.sign(agentJar("other.jar", "Class-Path: evil.jar\n"));
        Path late = fixture.newDirectory("late");
        Packages.compile(late, "late.Late", "package late; public class Late {}");
        Packages.zip(late, fixture.file("late jar.jar"));
        Path application = agentJar("application.jar", "Class-Path: late%20jar.jar\n");
        try (Running host = enforcing(jdk).classPath(application).start(AgentHost.class)) {
            host.expect("READY");
            host.send("system " + other + " " + Packages.PLUGIN);
            assertTrue(host.next().startsWith("REFUSED ClassNotFoundException"));
            host.send("class late.Late");
            assertEquals("LOADED late.Late", host.next());
        }
        assertFalse(Files.exists(marker));
        try (Stream<String> events = Files.lines(fixture.file("events.jsonl"))) {
            assertTrue(
                    events.anyMatch(line -> line.contains("package.load.failure") && line.contains(evil.toString())));
        }
    }

    @EachJdk
    void bootAppend_byAJarFileThatChangesItsName_isRefused(Jdk jdk) throws Exception {
        Path evil = packages.jar("evil.jar", marker, "evil");
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        try (Running host = enforcing(jdk).start(AgentHost.class)) {
            host.expect("READY");
            host.send("two-names " + good + " " + evil + " " + Packages.PLUGIN);
            String refused = host.next();
            assertTrue(refused.startsWith("REFUSED PackageRefusedException"), refused);
        }
        assertFalse(Files.exists(marker));
    }

    @EachJdk
    void attachedAgent_throughALink_hasItsBootClassPathVerifiedWhereTheJvmLooksForIt(Jdk jdk) throws Exception {
        fixture.newDirectory("real");
        packages.jar("real/boot.jar", fixture.file("boot-marker"), "evil");
        Path real = packages.sign(agentJar("real/attached.jar", "Boot-Class-Path: boot.jar\n"));
        Path link = Files.createSymbolicLink(fixture.file("attached.jar"), real);
        Files.copy(Path.of(real + ".sig"), fixture.file("attached.jar.sig"));
        try (Running host = enforcing(jdk).start(AgentHost.class)) {
            host.expect("READY");
            VirtualMachine jvm = VirtualMachine.attach(Long.toString(host.pid()));
            try {
                assertThrows(Exception.class, () -> jvm.loadAgent(link.toString(), marker.toString()));
                assertFalse(Files.exists(marker));
            } finally {
                jvm.detach();
            }
        }
    }

    /** The JVM opens what an agent's manifest names by itself, after it was judged: something else may lie there by then. */
    @EachJdk
    void bootClass_thatNoVerifiedJarHolds_isRefused_thoseOfTheStartLoad(Jdk jdk) throws Exception {
        packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path start = fixture.newDirectory("start");
        Packages.compile(start, "start.Known", "package start; public class Known {}");
        try (Running host = enforcing(jdk).option("-Xbootclasspath/a:" + start).start(AgentHost.class)) {
            host.expect("READY");
            host.send("boot " + fixture.file("good.jar") + " " + Packages.PLUGIN);
            assertEquals("LOADED " + Packages.PLUGIN, host.next());
            Packages.compile(start, "start.Late", "package start; public class Late {}");
            host.send("boot " + fixture.file("good.jar") + " start.Known");
            assertEquals("LOADED start.Known", host.next());
            host.send("boot " + fixture.file("good.jar") + " start.Late");
            String refused = host.next();
            assertTrue(refused.startsWith("REFUSED ClassFormatError"), refused);
        }
    }
}
