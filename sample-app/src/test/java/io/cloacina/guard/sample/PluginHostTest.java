// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** Every plugin here is compiled and packed by its test, so that none of it is on the host's own class path. */
class PluginHostTest {

    private static final String SERVICE = "META-INF/services/" + Greeter.class.getName();

    @TempDir
    private Path work;

    private Path plugins;

    @BeforeEach
    void makePluginFolder() throws IOException {
        plugins = Files.createDirectory(work.resolve("plugins"));
    }

    @Test
    void pluginJar_withAProvider_isLoadedAndGreets() throws IOException {
        pack("polite", "test.Polite", "return \"Good day, \" + name;", "test.Polite");
        assertEquals(List.of("polite.jar         loaded   Good day, Ada"), run());
    }

    @Test
    void pluginJar_withoutAProvider_isFoundByTheNameOfItsFile() throws IOException {
        pack("quiet", "io.cloacina.guard.sample.plugins.Quiet", "return \"...\";", null);
        assertEquals(List.of("quiet.jar          loaded   ..."), run());
    }

    @Test
    void brokenPlugins_ofEveryKind_doNotTakeTheGoodOneDown() throws IOException {
        Files.writeString(plugins.resolve("a-garbage.jar"), "this is not a JAR");
        pack("b-throws", "test.Throws", "throw new IllegalStateException(\"out of tea\");", "test.Throws");
        pack("c-no-class", "test.Other", "return name;", "test.Missing");
        pack("d-error", "test.Erring", "throw new AssertionError(\"never\");", "test.Erring");
        Files.createSymbolicLink(plugins.resolve("e-gone.so"), Path.of("nowhere"));
        Files.createDirectory(plugins.resolve("f-folder.jar"));
        pack("good", "test.Good", "return \"still here\";", "test.Good");

        List<String> lines = run();

        assertEquals(7, lines.size());
        assertEquals(
                "a-garbage.jar      broken   java.lang.ClassNotFoundException: "
                        + "io.cloacina.guard.sample.plugins.A-garbage",
                lines.get(0));
        assertEquals("b-throws.jar       broken   java.lang.IllegalStateException: out of tea", lines.get(1));
        assertTrue(
                lines.get(2).startsWith("c-no-class.jar     broken   java.util.ServiceConfigurationError: "),
                lines.get(2));
        assertEquals("d-error.jar        broken   java.lang.AssertionError: never", lines.get(3));
        assertTrue(
                lines.get(4).startsWith("e-gone.so          broken   java.lang.UnsatisfiedLinkError: "), lines.get(4));
        assertTrue(lines.get(5).startsWith("f-folder.jar       broken   "), lines.get(5));
        assertEquals("good.jar           loaded   still here", lines.get(6));
    }

    @Test
    void level_ofALine_tellsWhatLoadedAndWhatDidNot() throws IOException {
        pack("a-good", "test.Good", "return name;", "test.Good");
        pack("b-refused", "test.Forbidden", "throw new SecurityException(\"no\");", "test.Forbidden");
        Files.writeString(plugins.resolve("c-broken.jar"), "this is not a JAR");

        assertEquals(
                List.of(Level.INFO, Level.WARN, Level.ERROR),
                log().stream().map(ILoggingEvent::getLevel).toList());
    }

    @Test
    void otherFiles_besideThePlugins_areLeftAlone() throws IOException {
        Files.writeString(plugins.resolve("polite.jar.sig"), "{}");
        Files.writeString(plugins.resolve("README"), "");
        assertEquals(List.of(), run());
    }

    @Test
    void nativePlugins_oneAfterTheOther_eachAnswerForThemselves() throws Exception {
        Path include = Path.of(System.getProperty("java.home"), "include");
        assumeTrue(Files.exists(include.resolve("linux/jni_md.h")), "this JDK has no headers for Linux");
        for (String greeting : List.of("one", "two")) {
            var compiler = new ProcessBuilder(
                            "cc",
                            "-shared",
                            "-fPIC",
                            "-I" + include,
                            "-I" + include.resolve("linux"),
                            "-DGREETING=\"" + greeting + "\"",
                            "-o",
                            plugins.resolve(greeting + ".so").toString(),
                            "src/main/c/greeting.c")
                    .redirectErrorStream(true);
            Process compiling;
            try {
                compiling = compiler.start();
            } catch (IOException noCompiler) {
                assumeTrue(false, "no C compiler here: " + noCompiler.getMessage());
                return;
            }
            String complaints = new String(compiling.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, compiling.waitFor(), complaints);
        }
        assertEquals(List.of("one.so             loaded   one, Ada.", "two.so             loaded   two, Ada."), run());
    }

    private List<String> run() throws IOException {
        return log().stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    /** What the host logs, by a Logback that no file configures. */
    private List<ILoggingEvent> log() throws IOException {
        var context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        var appender = new ListAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.start();
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
        new PluginHost(context.getLogger("host"), "Ada").run(plugins);
        context.stop();
        return appender.list;
    }

    /** Packs a greeter with the given method body into {@code NAME.jar}, and names {@code provider} in it, if any. */
    private void pack(String name, String className, String body, String provider) throws IOException {
        Path sources = Files.createDirectories(work.resolve(name));
        String packageName = className.substring(0, className.lastIndexOf('.'));
        String simpleName = className.substring(className.lastIndexOf('.') + 1);
        Path source = sources.resolve(simpleName + ".java");
        Files.writeString(
                source,
                "package %s; public class %s implements %s { public String greet(String name) { %s } }"
                        .formatted(packageName, simpleName, Greeter.class.getName(), body));
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        sources.toString(),
                        source.toString());
        assertEquals(0, status);
        try (OutputStream file = Files.newOutputStream(plugins.resolve(name + ".jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            String entry = className.replace('.', '/') + ".class";
            jar.putNextEntry(new JarEntry(entry));
            Files.copy(sources.resolve(entry), jar);
            if (provider != null) {
                jar.putNextEntry(new JarEntry(SERVICE));
                jar.write(provider.getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
