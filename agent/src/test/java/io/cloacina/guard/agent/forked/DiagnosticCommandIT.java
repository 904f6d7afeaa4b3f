// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.hosts.DiagnosticHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Arguments of the JVM's diagnostic bean, which the JVM takes apart by itself. */
class DiagnosticCommandIT {

    private static final String LOAD = "jvmtiAgentLoad";

    @TempDir
    Path folder;

    private Packages packages;

    @BeforeEach
    void prepare() {
        packages = new Packages(folder);
    }

    static List<Jdks.Jdk> jdks() {
        return Jdks.all();
    }

    private Result run(Jdks.Jdk jdk, Object... arguments) throws Exception {
        Path temporary = Files.createDirectories(folder.resolve("with blank and=sign"));
        return new GuardedJvm(jdk, folder)
                .set("cloacina.require_signatures", true)
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .option("-Djava.io.tmpdir=" + temporary)
                .option("-XX:+EnableDynamicAgentLoading")
                .run(DiagnosticHost.class, arguments);
    }

    /** What is in it is no library; the JVM says so in its answer, which is none of the guard's refusals. */
    private Path library(String name) throws Exception {
        return Files.write(folder.resolve(name), new byte[] {1, 2, 3});
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void agent_withAnyName_isTakenWhole(Jdks.Jdk jdk) throws Exception {
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

    @ParameterizedTest
    @MethodSource("jdks")
    void agent_quotedForTheJvm_isTheFileInTheQuotes(Jdks.Jdk jdk) throws Exception {
        Path library = packages.sign(library("a b.so"));

        Result result = run(jdk, LOAD, 1, "\"" + library + "\"", LOAD, 2, "'" + library + "'", "option=of the agent");

        assertEquals((LOAD + " LOADED\n").repeat(2), result.out(), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void agent_unsigned_isRefusedWhereverItStands(Jdks.Jdk jdk) throws Exception {
        Path good = packages.sign(library("good.so"));
        Path evil = library("evil.so");

        Result result =
                run(jdk, LOAD, 1, evil, LOAD, 2, "", evil, LOAD, 1, "\"" + evil + "\"", LOAD, 1, good + "\" \"" + evil);

        assertEquals(4, result.out().lines().count(), result::toString);
        assertTrue(result.out().lines().allMatch(line -> line.startsWith(LOAD + " REFUSED")), result::toString);
        assertEquals(4, result.events("package.load.failure").size(), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void argument_thatCannotBeExpressed_isRefused(Jdks.Jdk jdk) throws Exception {
        Path good = packages.sign(library("good.so"));

        Result result = run(jdk, LOAD, 2, good, "both \"kinds' of quotes", LOAD, 2, good, "\\", LOAD, 2, good, "a\nb");

        assertEquals(3, result.out().lines().count(), result::toString);
        assertTrue(result.out().lines().allMatch(line -> line.contains("the JVM cannot be given")), result::toString);
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void otherCommands_workAsBefore(Jdks.Jdk jdk) throws Exception {
        Result result = run(jdk, "threadPrint", 1, "-l", "gcClassHistogram", 2, "-all", "", "help", 1, "GC.run");

        assertEquals("threadPrint LOADED\ngcClassHistogram LOADED\nhelp LOADED\n", result.out(), result::toString);
        assertEquals(List.of(), result.events("package.load.failure"), result::toString);
    }
}
