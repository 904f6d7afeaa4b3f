// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.DiagnosticHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Arguments of the JVM's diagnostic bean, which the JVM takes apart by itself. */
class DiagnosticCommandIT {

    private static final String LOAD = "jvmtiAgentLoad";

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();

    private Result run(Jdk jdk, Object... arguments) throws Exception {
        Path temporary = fixture.newDirectory("with blank and=sign");
        return fixture.enforcing(jdk)
                .option("-Djava.io.tmpdir=" + temporary)
                .option("-XX:+EnableDynamicAgentLoading")
                .run(DiagnosticHost.class, arguments);
    }

    /** What is in it is no library; the JVM says so in its answer, which is none of the guard's refusals. */
    private Path library(String name) throws Exception {
        return Files.write(fixture.file(name), new byte[] {1, 2, 3});
    }

    @EachJdk
    void agent_withAnyName_isTakenWhole(Jdk jdk) throws Exception {
        List<Object> arguments = new ArrayList<>();
        int count = 0;
        for (String name : new String[] {"a b.so", "a=b.so", "it's.so", "a\"b.so", "a'\"b.so", "plain.so"}) {
            // The first half of its name, as the JVM would split it.
            library(name.substring(0, 1));
            arguments.addAll(List.of(LOAD, 1, packages.sign(library(name))));
            count++;
        }

        Result result = run(jdk, arguments.toArray());

        assertEquals((LOAD + " LOADED\n").repeat(count), result.out(), result::toString);
        assertEquals(count, result.events("package.load.success").size(), result::toString);
    }

    @EachJdk
    void agent_quotedForTheJvm_isTheFileInTheQuotes(Jdk jdk) throws Exception {
        Path library = packages.sign(library("a b.so"));

        Result result = run(jdk, LOAD, 1, "\"" + library + "\"", LOAD, 2, "'" + library + "'", "option=of the agent");

        assertEquals((LOAD + " LOADED\n").repeat(2), result.out(), result::toString);
    }

    @EachJdk
    void agent_unsigned_isRefusedWhereverItStands(Jdk jdk) throws Exception {
        Path good = packages.sign(library("good.so"));
        Path evil = library("evil.so");

        Result result =
                run(jdk, LOAD, 1, evil, LOAD, 2, "", evil, LOAD, 1, "\"" + evil + "\"", LOAD, 1, good + "\" \"" + evil);

        assertEquals(4, result.out().lines().count(), result::toString);
        assertTrue(result.out().lines().allMatch(line -> line.startsWith(LOAD + " REFUSED")), result::toString);
        assertEquals(4, result.events("package.load.failure").size(), result::toString);
    }

    @EachJdk
    void argument_thatCannotBeExpressed_isRefused(Jdk jdk) throws Exception {
        Path good = packages.sign(library("good.so"));

        Result result = run(jdk, LOAD, 2, good, "both \"kinds' of quotes", LOAD, 2, good, "\\", LOAD, 2, good, "a\nb");

        assertEquals(3, result.out().lines().count(), result::toString);
        assertTrue(result.out().lines().allMatch(line -> line.contains("the JVM cannot be given")), result::toString);
    }

    @EachJdk
    void otherCommands_workAsBefore(Jdk jdk) throws Exception {
        Result result = run(jdk, "threadPrint", 1, "-l", "gcClassHistogram", 2, "-all", "", "help", 1, "GC.run");

        assertEquals("threadPrint LOADED\ngcClassHistogram LOADED\nhelp LOADED\n", result.out(), result::toString);
        assertEquals(List.of(), result.events("package.load.failure"), result::toString);
    }
}
