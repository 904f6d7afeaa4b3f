// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.RetryHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import io.cloacina.guard.agent.packaging.PackJars;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Prepared classes of the JDK, and a start without them. */
class PrepareIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private Path jarWithout(String pattern) throws Exception {
        Path jar = Files.copy(GuardedJvm.agentJar(), fixture.file("guard.jar"));
        PackJars.removeAll(jar, pattern);
        return jar;
    }

    private static void prepare(Path jar, Jdk jdk) throws Exception {
        Process prepare = new ProcessBuilder(
                        jdk.java().toString(),
                        "-jar",
                        jar.toString(),
                        "prepare",
                        jdk.home().toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(prepare.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, prepare.waitFor(), said);
    }

    private Path preparedJar(Jdk jdk) throws Exception {
        Path jar = Files.copy(GuardedJvm.agentJar(), fixture.file("guard.jar"));
        prepare(jar, jdk);
        return jar;
    }

    private static List<?> instrumentedAtStart(Result result) {
        return (List<?>) result.event("guard.started").fields().get("instrumented_at_start");
    }

    @EachJdk
    void jar_thatDoesNotKnowTheJdk_weavesNow_andPreparedNoLonger(Jdk jdk) throws Exception {
        Path jar = jarWithout("prepared/.*");
        GuardedJvm jvm = fixture.jvm(jdk).agent(jar);

        Result first = jvm.run(UrlHost.class, Packages.PLUGIN);
        assertEquals(0, first.status(), first::toString);
        assertTrue(instrumentedAtStart(first).contains("java.lang.ClassLoader"), first::toString);
        // What nobody has tried on this JDK is verified before main, whatever that loads.
        first.event("guard.started").object("hooks").assertHas("define-class", "verified");

        prepare(jar, jdk);

        Result second =
                jvm.run(UrlHost.class, Packages.PLUGIN, fixture.packages().jar("any.jar", fixture.file("marker"), ""));
        assertEquals(0, second.status(), second::toString);
        assertFalse(instrumentedAtStart(second).contains("java.lang.ClassLoader"), second::toString);
        second.event("guard.started").object("hooks").assertHas("define-class", "verified");
    }

    /** What the templates are not made for, Byte Buddy does: here they are not there at all. */
    @EachJdk
    void jar_withoutTemplates_instrumentsByByteBuddy(Jdk jdk) throws Exception {
        Path log = fixture.file("classes.log");
        for (String without : new String[] {"prepared/.*", "(prepared|hooks)/.*"}) {
            Path jar = Files.copy(GuardedJvm.agentJar(), fixture.file("guard" + without.length() + ".jar"));
            PackJars.removeAll(jar, without);

            Result result = fixture.jvm(jdk)
                    .agent(jar)
                    .option("-Xlog:class+load:file=" + log)
                    .run(UrlHost.class, Packages.PLUGIN);

            assertEquals(0, result.status(), result::toString);
            result.event("guard.started").object("hooks").assertHas("define-class", "verified");
            assertEquals(without.contains("hooks"), Files.readString(log).contains("net.bytebuddy."), without);
        }
    }

    /** As if a class of this JDK were another one than was prepared, and had the same length and checksums. */
    @EachJdk
    void class_thatIsTheOneThatWasPreparedByItsSumsOnly_stopsTheJvm(Jdk jdk) throws Exception {
        Path jar = preparedJar(jdk);
        PackJars.removeAll(jar, "prepared/[0-9a-f]{64}");

        // It would wait for its next line.
        Result result = fixture.jvm(jdk).agent(jar).run(RetryHost.class, Packages.PLUGIN);

        assertEquals(78, result.status(), result::toString);
        assertTrue(result.err().contains("is not the one that was prepared"), result::toString);
    }

    /** A change that fits and makes something else: the agent jar is damaged. */
    @EachJdk
    void change_thatDoesNotMakeAClass_stopsTheJvm(Jdk jdk) throws Exception {
        Path jar = preparedJar(jdk);
        PackJars.changeAll(jar, "prepared/.*", change -> Arrays.copyOf(change, change.length - 1));

        Result result = fixture.jvm(jdk).agent(jar).run(RetryHost.class, Packages.PLUGIN);

        assertEquals(78, result.status(), result::toString);
        assertTrue(result.err().contains("a hook cannot be put into"), result::toString);
    }
}
