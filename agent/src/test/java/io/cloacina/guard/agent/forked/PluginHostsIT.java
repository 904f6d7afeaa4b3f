// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Plugin hosts as people use them. Each is given three plugins at once: one that is signed, one that is not, and one that
 * was exchanged after it had been signed; and each is run without a guard too, where all three run.
 */
class PluginHostsIT {

    private static final String[] PLUGINS = {"signed", "unsigned", "tampered"};

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private Path hostClasses;

    @BeforeEach
    void prepare() throws Exception {
        hostClasses = fixture.newDirectory("host");
    }

    private static Path[] libraries(String... names) {
        return Stream.of(names).map(Packages::library).toArray(Path[]::new);
    }

    private GuardedJvm jvm(Jdk jdk, Path... libraries) throws Exception {
        return fixture.enforcing(jdk).classPath(hostClasses).classPath((Object[]) libraries);
    }

    private void compileHost(String name, String source, Path... libraries) {
        Path[] classPath = Stream.concat(Stream.of(libraries), Stream.of(GuardedJvm.testClasses()))
                .toArray(Path[]::new);
        Packages.compile(hostClasses, name, source, classPath);
    }

    /** {@code sample.Plugin} as a JAR, with more files in it, and signed as its name says. */
    private Path plugin(String name, Path jar, String manifest) throws Exception {
        Path classes = packages.classes(name + "-classes", marker(name), "ran");
        Files.writeString(Files.createDirectories(classes.resolve("META-INF")).resolve("MANIFEST.MF"), manifest);
        Files.createDirectories(jar.getParent());
        return finish(name, classes, jar);
    }

    private Path finish(String name, Path classes, Path jar) throws Exception {
        if (name.equals("tampered")) {
            Path before = fixture.newDirectory("before");
            Files.writeString(before.resolve("text.txt"), "before");
            packages.sign(Packages.zip(before, jar));
        }
        Packages.zip(classes, jar);
        return name.equals("signed") ? packages.sign(jar) : jar;
    }

    private Path marker(String name) {
        return fixture.file("marker-" + name);
    }

    private void assertGuarded(Result result) throws Exception {
        assertEquals(0, result.status(), result::toString);
        assertTrue(Files.exists(marker("signed")), result::toString);
        assertFalse(Files.exists(marker("unsigned")), () -> "unsigned code ran: " + result);
        assertFalse(Files.exists(marker("tampered")), () -> "tampered code ran: " + result);
        List<LoggedEvent> failures = result.events("package.load.failure");
        assertTrue(
                failures.stream().anyMatch(event -> event.has("failure_reason", "signature_not_found")),
                result::toString);
        assertTrue(
                failures.stream().anyMatch(event -> event.has("failure_reason", "tampered_package")), result::toString);
        assertTrue(
                result.events("package.load.success").stream().anyMatch(event -> event.has("signature_verified", true)),
                result::toString);
    }

    private void assertOutcomes(Result result) throws Exception {
        assertGuarded(result);
        assertTrue(result.out().contains("signed LOADED"), result::toString);
        assertTrue(result.out().contains("unsigned REFUSED cloacina-guard refused"), result::toString);
        assertTrue(result.out().contains("(signature_not_found)"), result::toString);
        assertTrue(result.out().contains("tampered REFUSED cloacina-guard refused"), result::toString);
        assertTrue(result.out().contains("(tampered_package)"), result::toString);
    }

    /** A host may swallow what it is told: whoever looks at its output must see why a plugin is missing. */
    private static void assertSaidOnce(Result result, String reason) {
        assertEquals(
                1,
                result.err()
                        .lines()
                        .filter(line -> line.startsWith("cloacina-guard refused [") && line.contains(reason))
                        .count(),
                result::toString);
    }

    private void assertAllRunUnguarded(GuardedJvm jvm, String main, Object... arguments) throws Exception {
        for (String plugin : PLUGINS) {
            Files.deleteIfExists(marker(plugin));
        }
        Result result = jvm.withoutAgent().run(main, arguments);
        for (String plugin : PLUGINS) {
            assertTrue(Files.exists(marker(plugin)), result::toString);
        }
    }

    private static final String PF4J_HOST = """
            package host;
            import org.pf4j.*;
            public class Pf4jHost {
                public static void main(String[] arguments) {
                    PluginManager manager = new DefaultPluginManager(java.nio.file.Path.of(arguments[0]));
                    manager.loadPlugins();
                    manager.startPlugins();
                    for (PluginWrapper plugin : manager.getPlugins()) {
                        System.out.println("STATE " + plugin.getPluginId() + " " + plugin.getPluginState());
                    }
                }
            }
            """;

    private Path pf4jPlugin(String name) throws Exception {
        Path classes = fixture.newDirectory(name + "-pf4j");
        Packages.compile(classes, Packages.PLUGIN, """
                package sample;
                public class Plugin extends org.pf4j.Plugin {
                    @Override public void start() {
                        try {
                            java.nio.file.Files.writeString(java.nio.file.Path.of("%s"), "ran");
                        } catch (java.io.IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }
                }
                """.formatted(marker(name)), libraries("pf4j", "slf4j-api"));
        return classes;
    }

    // PF4J replaces the ClassNotFoundException that carries the refusal by its own, so the event alone says why.
    private void runPf4j(Jdk jdk, Path plugins) throws Exception {
        Path[] libraries = libraries("pf4j", "java-semver", "slf4j-api", "logback-classic", "logback-core");
        compileHost("host.Pf4jHost", PF4J_HOST, libraries);
        GuardedJvm jvm = jvm(jdk, libraries);

        Result result = jvm.run("host.Pf4jHost", plugins);

        assertGuarded(result);
        assertTrue(result.out().contains("STATE signed STARTED"), result::toString);
        assertFalse(result.out().contains("STATE unsigned STARTED"), result::toString);
        assertFalse(result.out().contains("STATE tampered STARTED"), result::toString);
        assertSaidOnce(result, "(signature_not_found)");
        assertSaidOnce(result, "(tampered_package)");
        assertAllRunUnguarded(jvm, "host.Pf4jHost", plugins);
    }

    @EachJdk
    void pf4j_withJarPlugins_startsOnlyTheSignedOne(Jdk jdk) throws Exception {
        Path plugins = fixture.newDirectory("plugins");
        for (String name : PLUGINS) {
            Path classes = pf4jPlugin(name);
            Files.writeString(
                    Files.createDirectories(classes.resolve("META-INF")).resolve("MANIFEST.MF"),
                    "Manifest-Version: 1.0\nPlugin-Id: " + name
                            + "\nPlugin-Version: 1.0.0\nPlugin-Class: sample.Plugin\n");
            finish(name, classes, plugins.resolve(name + ".jar"));
        }

        runPf4j(jdk, plugins);
    }

    /** PF4J unpacks these: the JARs and classes inside have their signatures beside them. */
    @EachJdk
    void pf4j_withZipPlugins_startsOnlyTheSignedOne(Jdk jdk) throws Exception {
        Path plugins = fixture.newDirectory("plugins");
        for (String name : PLUGINS) {
            Path content = fixture.newDirectory(name + "-zip");
            Path lib = Files.createDirectories(content.resolve("lib"));
            finish(name, pf4jPlugin(name), lib.resolve("plugin.jar"));
            Path resources = Files.createDirectories(content.resolve("classes"));
            Files.writeString(resources.resolve("some.txt"), "some");
            packages.sign(resources);
            Files.writeString(
                    content.resolve("plugin.properties"),
                    "plugin.id=" + name + "\nplugin.version=1.0.0\nplugin.class=sample.Plugin\n");
            Packages.zip(content, plugins.resolve(name + ".zip"));
        }

        runPf4j(jdk, plugins);
    }

    @EachJdk
    void jbossModules_withJars_loadsOnlyTheSignedOne(Jdk jdk) throws Exception {
        Path[] libraries = libraries("jboss-modules");
        compileHost("host.JBossHost", """
                package host;
                import io.cloacina.guard.agent.hosts.Outcome;
                import org.jboss.modules.*;
                public class JBossHost {
                    public static void main(String[] arguments) throws Exception {
                        ModuleLoader loader =
                                new LocalModuleLoader(new java.io.File[] {new java.io.File(arguments[0])});
                        for (String name : new String[] {"signed", "unsigned", "tampered"}) {
                            Outcome.print(name, () -> Class.forName(
                                    "sample.Plugin", true, loader.loadModule(name).getClassLoader()));
                        }
                    }
                }
                """, libraries);
        Path modules = fixture.file("modules");
        for (String name : PLUGINS) {
            Path jar = plugin(name, modules.resolve(name + "/main/plugin.jar"), "Manifest-Version: 1.0\n");
            Files.writeString(jar.resolveSibling("module.xml"), """
                    <module xmlns="urn:jboss:module:1.9" name="%s">
                      <resources><resource-root path="plugin.jar"/></resources>
                    </module>
                    """.formatted(name));
        }
        GuardedJvm jvm = jvm(jdk, libraries);

        assertOutcomes(jvm.run("host.JBossHost", modules));
        assertAllRunUnguarded(jvm, "host.JBossHost", modules);
    }

    // --- OSGi: Felix ---

    @EachJdk
    void felix_withBundles_loadsOnlyTheSignedOne(Jdk jdk) throws Exception {
        Path[] libraries = libraries("org.apache.felix.framework");
        compileHost("host.FelixHost", """
                package host;
                import io.cloacina.guard.agent.hosts.Outcome;
                import java.nio.file.Path;
                import java.util.Map;
                import org.osgi.framework.*;
                import org.osgi.framework.launch.Framework;
                public class FelixHost {
                    public static void main(String[] arguments) throws Exception {
                        Framework framework = new org.apache.felix.framework.FrameworkFactory().newFramework(
                                Map.of("org.osgi.framework.storage", arguments[1],
                                        "org.osgi.framework.storage.clean", "onFirstInit"));
                        framework.start();
                        for (String name : new String[] {"signed", "unsigned", "tampered"}) {
                            Bundle bundle = framework.getBundleContext().installBundle(
                                    Path.of(arguments[0], name + ".jar").toUri().toString());
                            Outcome.print(name, () -> {
                                bundle.start();
                                return bundle.loadClass("sample.Plugin").getDeclaredConstructor().newInstance();
                            });
                        }
                        framework.stop();
                        framework.waitForStop(0);
                    }
                }
                """, libraries);
        Path bundles = fixture.file("bundles");
        for (String name : PLUGINS) {
            plugin(
                    name,
                    bundles.resolve(name + ".jar"),
                    "Manifest-Version: 1.0\nBundle-ManifestVersion: 2\nBundle-SymbolicName: " + name
                            + "\nBundle-Version: 1.0.0\n");
        }
        GuardedJvm jvm = jvm(jdk, libraries);

        assertOutcomes(jvm.run("host.FelixHost", bundles, fixture.file("cache")));
        assertAllRunUnguarded(jvm, "host.FelixHost", bundles, fixture.file("cache2"));
    }

    // --- Ant's class loader, as Jenkins has one too ---

    @EachJdk
    void antClassLoader_withJars_loadsOnlyTheSignedOne(Jdk jdk) throws Exception {
        Path[] libraries = libraries("ant");
        compileHost("host.AntHost", """
                package host;
                import io.cloacina.guard.agent.hosts.Outcome;
                import java.io.File;
                import org.apache.tools.ant.AntClassLoader;
                public class AntHost {
                    public static void main(String[] arguments) throws Exception {
                        for (String name : new String[] {"signed", "unsigned", "tampered"}) {
                            AntClassLoader loader = new AntClassLoader(AntHost.class.getClassLoader(), false);
                            loader.addPathComponent(new File(arguments[0], name + ".jar"));
                            Outcome.print(name, () -> Class.forName("sample.Plugin", true, loader));
                        }
                    }
                }
                """, libraries);
        Path jars = fixture.file("jars");
        for (String name : PLUGINS) {
            plugin(name, jars.resolve(name + ".jar"), "Manifest-Version: 1.0\n");
        }
        GuardedJvm jvm = jvm(jdk, libraries);

        assertOutcomes(jvm.run("host.AntHost", jars));
        assertAllRunUnguarded(jvm, "host.AntHost", jars);
    }

    /** A JAR that is exchanged while its loader is at work gives no new code, neither to it nor to the next one. */
    @EachJdk
    void antClassLoader_whoseJarIsExchangedBetweenTwoClasses_neverRunsNewCode(Jdk jdk) throws Exception {
        Path[] libraries = libraries("ant");
        compileHost("host.SwappedAntHost", """
                package host;
                import io.cloacina.guard.agent.hosts.Outcome;
                import java.nio.file.*;
                import org.apache.tools.ant.AntClassLoader;
                public class SwappedAntHost {
                    public static void main(String[] arguments) throws Exception {
                        AntClassLoader loader = new AntClassLoader(null, false);
                        loader.addPathComponent(new java.io.File(arguments[0]));
                        Outcome.print("first", () -> Class.forName("sample.Plugin", true, loader));
                        Files.move(Path.of(arguments[1]), Path.of(arguments[0]), StandardCopyOption.REPLACE_EXISTING);
                        Outcome.print("second", () -> Class.forName("sample.Late", true, loader));
                        AntClassLoader anew = new AntClassLoader(null, false);
                        anew.addPathComponent(new java.io.File(arguments[0]));
                        Outcome.print("anew", () -> Class.forName("sample.Late", true, anew));
                    }
                }
                """, libraries);
        Path marker = fixture.file("marker");
        Path jar = packages.sign(packages.jar("plugin.jar", marker, "good"));
        Path evil = packages.jar("evil.jar", marker, "evil");
        Path evilAgain = Files.copy(evil, fixture.file("again.jar"), StandardCopyOption.REPLACE_EXISTING);
        GuardedJvm jvm = jvm(jdk, libraries);

        Result result = jvm.run("host.SwappedAntHost", jar, evil);

        Path late = Path.of(marker + ".late");
        assertTrue(result.out().startsWith("first LOADED\n"), result::toString);
        assertFalse(Files.exists(late) && Files.readString(late).equals("evil"), result::toString);
        assertTrue(result.out().contains("anew REFUSED"), result::toString);

        Result unguarded = jvm.withoutAgent().run("host.SwappedAntHost", jar, evilAgain);
        assertEquals("evil", Files.readString(late), unguarded::toString);
    }
}
