// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.GuardedJvm.Running;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.BeanUsingAgent;
import io.cloacina.guard.agent.hosts.InstrumentedHost;
import io.cloacina.guard.agent.hosts.RecordingHost;
import io.cloacina.guard.agent.hosts.RetryHost;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The guard in the JVM's own instruments, and out of them while they are not in use. */
@Timeout(300)
class InstrumentsIT {

    private static final String EVENT = "io.cloacina.guard.PackageLoad";

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private Path signed;
    private Path unsigned;

    @BeforeEach
    void makePlugins() throws Exception {
        signed = packages.sign(packages.jar("signed.jar", fixture.file("marker"), "good"));
        unsigned = packages.jar("unsigned.jar", fixture.file("never"), "bad");
    }

    private static boolean starts(Path image) throws Exception {
        return new ProcessBuilder(image.resolve("bin").resolve("java").toString(), "--version")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private static String tool(Jdk jdk, String name, Object... words) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(jdk.home().resolve("bin").resolve(name).toString());
        Arrays.stream(words).map(Object::toString).forEach(command::add);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        return out;
    }

    private void assertBothDecisions(Jdk jdk, Path recording) throws Exception {
        String printed = tool(jdk, "jfr", "print", "--events", EVENT, recording);
        List<String> events = List.of(printed.split("(?m)^" + EVENT.replace(".", "\\.") + " \\{"))
                .subList(1, 3);
        String good = events.get(0);
        assertTrue(good.contains("outcome = \"verified\""), printed);
        assertTrue(good.contains("packagePath = \"" + signed + "\""), printed);
        assertTrue(
                good.contains(
                        "signerFingerprint = \"" + packages.key().publicKey().fingerprint() + "\""),
                printed);
        assertTrue(good.contains("hook = \"class-path-jar\""), printed);
        assertTrue(good.matches("(?s).*duration = [0-9].*"), printed);
        assertTrue(good.matches("(?s).*bytesHashed = [1-9].*"), printed);
        String bad = events.get(1);
        assertTrue(bad.contains("outcome = \"refused\""), printed);
        assertTrue(bad.contains("failureReason = \"signature_not_found\""), printed);
        assertTrue(bad.contains("packagePath = \"" + unsigned + "\""), printed);
    }

    @EachJdk
    void recording_ofTheCommandLine_hasEveryDecision(Jdk jdk) throws Exception {
        Path recording = fixture.file("r.jfr");
        try (Running host = fixture.enforcing(jdk)
                .option("-XX:StartFlightRecording=filename=" + recording)
                .option("-Xlog:jfr+startup=off")
                .start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(signed.toString());
            host.expect("LOADED");
            host.send(unsigned.toString());
            assertTrue(host.next().startsWith("REFUSED"));
        }
        assertBothDecisions(jdk, recording);
    }

    @EachJdk
    void recording_ofJcmd_hasEveryDecision(Jdk jdk) throws Exception {
        Path recording = fixture.file("r.jfr");
        try (Running host = fixture.enforcing(jdk).start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            tool(jdk, "jcmd", host.pid(), "JFR.start", "name=test");
            host.send(signed.toString());
            host.expect("LOADED");
            host.send(unsigned.toString());
            assertTrue(host.next().startsWith("REFUSED"));
            tool(jdk, "jcmd", host.pid(), "JFR.stop", "name=test", "filename=" + recording);
            host.send(signed.toString());
            host.expect("LOADED");
        }
        assertBothDecisions(jdk, recording);
    }

    /** The recorder generates classes, and the application has events of its own. */
    @EachJdk
    void recording_ofTheApplication_worksWhereGeneratedCodeIsDenied(Jdk jdk) throws Exception {
        Path recording = fixture.file("r.jfr");

        Result result = fixture.enforcing(jdk)
                .set("cloacina.dynamic_code", "deny")
                .run(RecordingHost.class, recording, signed, unsigned);

        assertEquals("LOADED\nREFUSED\n", result.out(), result::toString);
        assertEquals(0, result.status(), result::toString);
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
        assertBothDecisions(jdk, recording);
        String own = tool(jdk, "jfr", "summary", recording);
        assertTrue(own.matches("(?s).*host\\.Attempt +2 .*"), own);
    }

    @EachJdk
    void bean_ofThePlatformServer_tellsHowItIs_withoutAPassword(Jdk jdk) throws Exception {
        try (Running host = fixture.enforcing(jdk)
                .set("cloacina.database_url", "postgres://nobody:geheim@127.0.0.1:9/none")
                .set("cloacina.verification_org_id", "00000000-0000-4000-8000-000000000001")
                .start(InstrumentedHost.class)) {
            host.expect("READY");
            host.send("load " + signed);
            host.expect("REFUSED");
            host.send("own");
            assertTrue(host.next().startsWith("OWN "));
            host.send("beans");
            String bean = host.next();

            assertTrue(bean.contains("Mode=enforcing; "), bean);
            assertTrue(bean.matches("(?s).*Version=\\d+\\.\\d+\\.\\d+[^;]*; .*"), bean);
            assertTrue(bean.contains("Organisation=00000000-0000-4000-8000-000000000001; "), bean);
            assertTrue(bean.contains("Store=postgresql://"), bean);
            assertTrue(bean.contains("StoreState=unavailable since 20"), bean);
            assertTrue(bean.contains("RevocationWatch=idle; "), bean);
            assertTrue(bean.contains("Refused=1; "), bean);
            assertTrue(bean.contains("packagePath=" + signed), bean);
            assertTrue(bean.contains("reason=store_unavailable"), bean);
            assertFalse(bean.contains("geheim"), bean);
        }
    }

    @EachJdk
    void bean_readWithRemoteManagement_listsWhatIsLoaded(Jdk jdk) throws Exception {
        try (Running host =
                fixture.enforcing(jdk).option("-Dcom.sun.management.jmxremote").start(InstrumentedHost.class)) {
            host.expect("READY");
            host.send("load " + signed);
            host.expect("LOADED");
            host.send("beans");
            String bean = host.next();

            assertTrue(bean.contains("Verified=1; "), bean);
            assertTrue(bean.contains("StoreState=none; RevocationWatch=off; "), bean);
            assertTrue(bean.contains("LoadedPackageCount=1; "), bean);
            assertTrue(bean.contains("loads=1, packageHash="), bean);
            assertTrue(bean.contains("packagePath=" + signed), bean);
        }
    }

    @EachJdk
    void application_thatReachesForTheGuardThroughItsBean_reachesNothing(Jdk jdk) throws Exception {
        try (Running host = fixture.enforcing(jdk)
                .option("-Djavax.management.builder.initial=" + InstrumentedHost.CapturingBuilder.class.getName())
                .start(InstrumentedHost.class)) {
            host.expect("READY");
            host.send("load " + signed);
            host.expect("LOADED");
            host.send("attack");
            host.expect("CAPTURED GuardBean");
            host.expect("REACHED ");
            host.send("load " + unsigned);
            host.expect("REFUSED");
        }
    }

    @EachJdk
    void agentBeforeTheGuard_thatUsesTheInstruments_isNoticed(Jdk jdk) throws Exception {
        Path early = packages.agent(BeanUsingAgent.class);
        try (Running host =
                fixture.enforcing(jdk).option("-javaagent:" + early).agentLast().start(InstrumentedHost.class)) {
            host.expect("READY");
            host.send("beans");
            assertTrue(host.next().contains("Mode=enforcing; "));
        }
    }

    @EachJdk
    void nothingOfTheInstruments_isLoaded_whereNobodyLooks(Jdk jdk) throws Exception {
        Path classes = fixture.file("classes.txt");
        try (Running host = fixture.enforcing(jdk)
                .option("-Xlog:class+load:file=" + classes)
                .start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(signed.toString());
            host.expect("LOADED");
            host.send(unsigned.toString());
            assertTrue(host.next().startsWith("REFUSED"));
        }
        List<String> loaded = Files.readAllLines(classes);
        assertTrue(
                loaded.stream().anyMatch(line -> line.contains("io.cloacina.guard.internal.decision.Guard ")),
                "the log was read");
        assertEquals(
                List.of(),
                loaded.stream()
                        .filter(line -> line.contains("jdk.jfr.")
                                || line.contains("javax.management.")
                                || line.contains("java.lang.management.")
                                || line.contains("cloacina.guard.agent.instruments.")
                                || line.contains("cloacina.guard.agent.instruments.Instruments")
                                || line.contains("GuardBean")
                                || line.contains("RevocationWatch"))
                        .toList());
    }

    /** A run time of {@code java.base} and {@code java.instrument}. */
    @EachJdk
    void smallestRunTime_isGuardedAllTheSame(Jdk jdk) throws Exception {
        Path image = fixture.file("image");
        assumeTrue(
                Files.isDirectory(jdk.home().resolve("jmods"))
                        || tool(jdk, "jlink", "--help").contains("Linking from run-time image enabled"),
                "this JDK cannot make run times");
        tool(jdk, "jlink", "--add-modules", "java.instrument", "--output", image);
        // A JDK may have been made for another C library than this machine's, and bring its own, which its images lack.
        assumeTrue(starts(image), "images of this JDK do not run on this machine");
        String modules = tool(new Jdk(jdk.feature(), image), "java", "--list-modules");
        assertEquals(2, modules.lines().count(), modules);
        try (Running host = fixture.enforcing(new Jdk(jdk.feature(), image)).start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            host.send(signed.toString());
            host.expect("LOADED");
            host.send(unsigned.toString());
            assertTrue(host.next().startsWith("REFUSED"));
        }
    }
}
