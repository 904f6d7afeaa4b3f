// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.AgentDeedsHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What an agent of the command line does long after it was started is trusted as the command line is, also with
 * {@code dynamic_code=deny}. The same done by the application is not.
 */
class AgentDeedsIT {

    private static final String AGENT = """
            package helping;
            import java.lang.instrument.ClassDefinition;
            import java.lang.instrument.Instrumentation;
            import java.lang.invoke.MethodHandles;
            import java.lang.reflect.Method;
            import java.nio.file.Files;
            import java.nio.file.Path;
            import java.util.function.Function;
            import java.util.jar.JarFile;
            public class Agent implements Function<Object[], Object> {
                private static Instrumentation instrumentation;
                public static void premain(String jar, Instrumentation given) throws Exception {
                    instrumentation = given;
                    given.appendToBootstrapClassLoaderSearch(new JarFile(jar));
                }
                @Override public Object apply(Object[] words) {
                    try {
                        switch (words[0].toString()) {
                            case "boot":
                                instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(words[1].toString()));
                                return Class.forName(words[2].toString(), true, null);
                            case "system":
                                instrumentation.appendToSystemClassLoaderSearch(new JarFile(words[1].toString()));
                                return Class.forName(words[2].toString());
                            case "lookup":
                                Object in = MethodHandles.privateLookupIn(
                                        Class.forName("anchor.Anchor", false, null), MethodHandles.lookup());
                                Method define = MethodHandles.Lookup.class.getMethod("defineClass", byte[].class);
                                return define.invoke(in, (Object) Files.readAllBytes((Path) words[1]));
                            default:
                                instrumentation.redefineClasses(new ClassDefinition(
                                        (Class<?>) words[1], Files.readAllBytes((Path) words[2])));
                                return words[1];
                        }
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            }
            """;

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private Path jarOf(String name, String className, String source) throws Exception {
        Path classes = fixture.newDirectory(name + "-classes");
        Packages.compile(classes, className, source);
        return Packages.zip(classes, fixture.file(name + ".jar"));
    }

    private Path agentJar(Path inner) throws Exception {
        Path content = fixture.newDirectory("agent");
        Packages.compile(content, "helping.Agent", AGENT);
        Files.copy(inner, content.resolve("inner.bundle"));
        Files.createDirectories(content.resolve("META-INF"));
        Files.writeString(
                content.resolve("META-INF/MANIFEST.MF"),
                "Manifest-Version: 1.0\nPremain-Class: helping.Agent\nCan-Redefine-Classes: true\n");
        return Packages.zip(content, fixture.file("agent.jar"));
    }

    @EachJdk
    void agentOfTheCommandLine_worksLater_theApplicationMayNot(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path anchor = jarOf("anchor", "anchor.Anchor", "package anchor; public class Anchor {}");
        Path boot = jarOf("boot", "late.Boot", "package late; public class Boot {}");
        Path system = jarOf("system", "late.System", "package late; public class System {}");
        Path inner = jarOf("extracted", "inner.Inner", "package inner; public class Inner {}");
        Path evil = jarOf("evil", "inner.Inner", "package inner; public class Inner { int evil; }");
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path classes = packages.classes("other", fixture.file("other-marker"), "other");
        Packages.compile(classes, "anchor.Other", "package anchor; public class Other {}");
        Packages.compile(
                classes,
                "anchor.Many",
                IntStream.range(0, 20)
                        .mapToObj(i -> "public static class N" + i + " {}")
                        .collect(Collectors.joining("\n", "package anchor; public class Many {", "}")));
        Path agent = agentJar(inner);
        for (boolean behind : new boolean[] {true, false}) {
            GuardedJvm jvm = fixture.jvm(jdk)
                    .set("cloacina.require_signatures", true)
                    .set("cloacina.dynamic_code", "deny")
                    .set("cloacina.trusted_keys", packages.publicKeyFile())
                    .option("-javaagent:" + agent + "=" + anchor);
            if (!behind) {
                jvm.agentLast();
            }

            Result result = jvm.run(AgentDeedsHost.class, boot, system, inner, evil, classes, good);

            List<String> lines = result.out().lines().toList();
            assertEquals(7, lines.size(), result::toString);
            assertEquals(
                    List.of(
                            "agent appends to boot LOADED",
                            "agent appends to system LOADED",
                            "agent opens what it extracted LOADED",
                            "agent defines in boot LOADED"),
                    lines.subList(0, 4),
                    result::toString);
            assertTrue(lines.get(4).startsWith("application defines in boot REFUSED"), result::toString);
            assertTrue(lines.get(4).contains("dynamic_code"), result::toString);
            assertTrue(lines.get(5).startsWith("application opens another REFUSED"), result::toString);
            assertEquals("agent redefines LOADED", lines.get(6), result::toString);
            assertEquals(2, result.events("package.load.failure").size(), result::toString);
            List<LoggedEvent> loaded = result.events("package.load.success");
            assertTrue(covered(loaded, boot, "the command line"), result::toString);
            assertTrue(covered(loaded, system, "the command line"), result::toString);
            assertTrue(covered(loaded, inner, agent.toString()), result::toString);
            assertFalse(covered(loaded, good, "the command line"), result::toString);
        }
    }

    private static boolean covered(List<LoggedEvent> events, Path jar, String by) {
        return events.stream().anyMatch(event -> event.has("package_path", jar) && event.has("covered_by", by));
    }

    /** Without {@code deny}, too: what is in the boot loader and in none of its JARs came by an agent, or not at all. */
    @EachJdk
    void application_thatDefinesInTheBootLoader_isRefused(Jdk jdk) throws Exception {
        Packages packages = fixture.packages();
        Path anchor = jarOf("anchor", "anchor.Anchor", "package anchor; public class Anchor {}");
        Path other = jarOf("boot", "late.Boot", "package late; public class Boot {}");
        Path good = packages.sign(packages.jar("good.jar", fixture.file("good-marker"), "good"));
        Path classes = packages.classes("other", fixture.file("other-marker"), "other");
        Packages.compile(classes, "anchor.Other", "package anchor; public class Other {}");

        Result result = fixture.enforcing(jdk)
                .option("-javaagent:" + agentJar(other) + "=" + anchor)
                .run(AgentDeedsHost.class, other, other, other, other, classes, good);

        assertTrue(
                result.out().contains("application defines in boot FAILED java.lang.ClassFormatError"),
                result::toString);
        assertTrue(
                result.events("package.load.failure").stream()
                        .anyMatch(event -> event.mentions("error", "anchor.Other")
                                && event.has("failure_reason", "tampered_package")),
                result::toString);
    }
}
